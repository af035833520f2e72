"""The client's command line, as a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common import __version__
from unit_tests.client.programs import client_environment
from unit_tests.helpers import PATIENCE, ROOT

DONE, USAGE, SETTINGS = 0, 2, 78
SECRET = "hunter2"


def run(
    folder: Path, *flags: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `my_client.py` in `folder` without any input."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "my_client.py"), *flags],
        cwd=folder,
        env=client_environment(folder, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def shown(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """Return what --show-settings says: value and source, by name."""
    assert done.returncode == DONE, done.stderr
    rows = [row.split(None, 2) for row in done.stdout.splitlines()]
    return {name: rest for name, *rest in rows}


def test_the_help_leads_with_examples(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == DONE
    assert done.stdout.index("examples:") < done.stdout.index("--name")


def test_an_installed_copy_calls_itself_chat(tmp_path: Path) -> None:
    chat = tmp_path / "chat"
    chat.symlink_to(ROOT / "my_client.py")
    for flag, stream in (("--help", "stdout"), ("--nonsense", "stderr")):
        done = subprocess.run(
            [sys.executable, str(chat), flag],
            env=client_environment(tmp_path, PYTHONPATH=str(ROOT)),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = getattr(done, stream)
        assert "chat [ADDRESS]" in said
        assert "my_client" not in said


def test_the_help_loads_nothing_that_takes_long(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "my_client.py"), "--help"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    loaded = {row.rsplit("|", 1)[-1].strip() for row in done.stderr.splitlines()}
    heavy = {"asyncio", "prompt_toolkit", "yaml", "platformdirs", "dotenv"}
    assert not loaded & heavy


def test_the_version_is_said(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout == f"{__version__}\n"


def test_address_and_port_need_no_flag(tmp_path: Path) -> None:
    rows = shown(run(tmp_path, "example.org", "8888", "--show-settings"))
    assert rows["address"] == ["example.org", "flag --address"]
    assert rows["port"] == ["8888", "flag --port"]


def test_the_defaults_are_this_machine_and_the_servers_port(tmp_path: Path) -> None:
    rows = shown(run(tmp_path, "--show-settings"))
    assert (rows["address"], rows["port"]) == (
        ["localhost", "default"],
        ["7777", "default"],
    )


def test_flags_beat_the_environment_and_that_dotenv_and_that_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.yaml").write_text("name: file\nport: 1\nplain: yes\n")
    (tmp_path / ".env").write_text("JIM_NAME=dotenv\nJIM_PORT=2\n")
    rows = shown(
        run(
            tmp_path,
            *("--settings", "own.yaml", "-n", "flag", "--show-settings"),
            JIM_NAME="environment",
            JIM_TIMEOUT_SECONDS="3",
        )
    )
    assert rows["name"] == ["flag", "flag --name"]
    assert rows["timeout_seconds"][0] == "3.0"
    assert rows["port"] == ["2", ".env JIM_PORT"]
    assert rows["plain"][0] == "yes"


def test_a_setting_of_the_server_in_the_environment_is_no_error(
    tmp_path: Path,
) -> None:
    shown(run(tmp_path, "--show-settings", JIM_OWED_BYTES="5"))


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (("--port", "99999"), USAGE, "port"),
        (("--nonsense",), USAGE, "--nonsense"),
        (("localhost", "x"), USAGE, "port"),
        (("--settings", "missing.yaml"), SETTINGS, "missing.yaml"),
        (("-n", "x", "--log-config", "missing.yaml"), SETTINGS, "missing.yaml"),
    ],
)
def test_a_wrong_flag_is_one_sentence(
    tmp_path: Path, flags: tuple[str, ...], code: int, said: str
) -> None:
    done = run(tmp_path, *flags)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""


def test_a_wrong_variable_is_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, JIM_NAEM="alice")
    assert done.returncode == SETTINGS
    assert "JIM_NAME" in done.stderr


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "-n", os.fsdecode(b"\xff"), "--log-dir", str(tmp_path))
    assert done.returncode != DONE
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "flags",
    [
        ("--password", SECRET),
        (f"--password={SECRET}",),
        (f"--no-password={SECRET}",),
        (f"--pass={SECRET}",),
        ("--passwd", SECRET),
        ("--password", ""),
        ("-n", "alice", "--password", SECRET, "--plain"),
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_shown(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    done = run(tmp_path, *flags)
    assert done.returncode == USAGE
    assert "--password takes no value" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_password_in_the_environment_or_a_file_is_refused_and_not_shown(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.yaml").write_text(f"password: {SECRET}\n")
    for done in (
        run(tmp_path, JIM_PASSWORD=SECRET),
        run(tmp_path, "--show-settings", JIM_PASSWORD=SECRET),
        run(tmp_path, "--settings", "own.yaml"),
    ):
        assert done.returncode == SETTINGS
        assert "the setting password" in done.stderr
        assert "ask for your password, without echo" in done.stderr
        assert SECRET not in done.stdout + done.stderr


def test_what_begins_like_the_password_flag_and_is_another_is_taken(
    tmp_path: Path,
) -> None:
    rows = shown(
        run(
            tmp_path,
            *("192.168.1.5", "--password", "--password-file=here"),
            *("--password-command", "pass show jim", "--show-settings"),
        )
    )
    assert rows["password"] == ["yes", "flag --password"]
    assert rows["password_file"] == ["here", "flag --password-file"]
    assert rows["password_command"][0] == "pass"
    assert rows["address"][0] == "192.168.1.5"
