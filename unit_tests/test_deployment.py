"""The unit file and the container file name what exists, and keep what they promise."""

import re
import shlex
import tomllib
from collections import defaultdict

import pytest

import my_server
from common.server_settings import ServerSettings
from unit_tests.helpers import ROOT

UNIT = (ROOT / "docs" / "messenger.service").read_text("utf-8")
CONTAINER = (ROOT / "docs" / "Containerfile").read_text("utf-8")
PAGE = (ROOT / "docs" / "deployment.md").read_text("utf-8")
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "scripts"
]
SETTINGS = set(ServerSettings.__struct_fields__)


def options() -> dict[str, list[str]]:
    """Return the unit's options; one that is given twice has two values."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in UNIT.splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def instructions() -> dict[str, list[str]]:
    """Return the container file's instructions, continued lines as one."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in CONTAINER.replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition(" ")
            found[name].append(value)
    return found


def settings_of(words: list[str]) -> set[str]:
    """Return the settings that flags name."""
    flags = [word for word in words if word.startswith("--")]
    return {flag[2:].partition("=")[0].replace("-", "_") for flag in flags}


def test_the_unit_starts_a_program_of_ours_with_settings_that_exist() -> None:
    (line,) = options()["ExecStart"]
    program, *words = shlex.split(line)
    assert SCRIPTS[program.rpartition("/")[2]] == "my_server:main"
    assert settings_of(words) == {"data_dir", "log_dir"}
    assert settings_of(words) <= SETTINGS
    # Where it may write is where it is told to.
    assert options()["StateDirectory"] == ["messenger"]
    assert "%S/messenger" in words
    assert options()["LogsDirectory"] == ["messenger"]
    assert "%L/messenger" in words


def test_the_unit_fits_what_the_server_does() -> None:
    unit = options()
    assert unit["Type"] == ["notify"]
    # What the notifier can feed, and what is owed has 5 s.
    assert float(unit["WatchdogSec"][0]) >= 3
    assert float(unit["TimeoutStopSec"][0]) > ServerSettings().owed_seconds
    assert int(unit["LimitNOFILE"][0]) > ServerSettings().connections
    assert unit["RestartPreventExitStatus"] == ["78"]
    # Its notes to systemd and the owner's shell come over local sockets.
    assert "AF_UNIX" in unit["RestrictAddressFamilies"][0].split()


@pytest.mark.parametrize(
    "option",
    ["NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "UMask=0077",
     "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "LimitCORE=0"],
)  # fmt: skip
def test_the_unit_is_as_closed_as_was_tried(option: str) -> None:
    assert option in UNIT.splitlines()


def test_the_container_runs_a_program_of_ours_with_settings_that_exist() -> None:
    found = instructions()
    (entry,) = found["ENTRYPOINT"]
    assert SCRIPTS[entry.strip('[]"')] == "my_server:main"
    (words,) = found["CMD"]
    flags = words.strip("[]").replace('"', "").replace(",", "").split()
    assert settings_of(flags) <= SETTINGS
    variables = dict(
        word.split("=", 1) for line in found["ENV"] for word in line.split()
    )
    ours = {name[4:].lower() for name in variables if name.startswith("JIM_")}
    assert ours == {"data_dir", "log_dir"}
    assert ours <= SETTINGS


def test_the_container_is_nobody_s_and_keeps_all_in_its_volume() -> None:
    found = instructions()
    assert found["USER"] == ["65534:65534"]
    assert found["VOLUME"] == ["/data"]
    assert found["EXPOSE"] == [str(ServerSettings().port)]
    assert "JIM_DATA_DIR=/data JIM_LOG_DIR=/data/logs" in CONTAINER


def test_what_the_page_tells_to_type_is_a_command_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed = set(re.findall(r"chat-server (?:--data-dir\s+\S+ )?([a-z]+)", PAGE))
    assert typed == {"who", "invite", "backup", "restore", "status", "user"}
    for command in typed:
        with pytest.raises(SystemExit) as end:
            my_server.main([command, "--help"])
        assert end.value.code == 0
        assert command in capsys.readouterr().out
