"""People are let in, over TLS and from the owner's shell; what all of it leaves behind.

The first owner and a friend join by their lines, an account is made in the shell, and
everybody talks. Then the server's and the clients' folders, logs and output, and what
the system shows of the processes, are searched for every secret that there was.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from unit_tests.client.programs import open_terminal, run_client
from unit_tests.helpers import PATIENCE, ROOT, Server, clean_environment, run_server

OWNERS, FRIENDS, MADE, CHANGED = (
    f"MARKED {which} horse" for which in ("owner's", "friend's", "made", "changed")
)
TEXT = "publictext42"


class Remains(NamedTuple):
    """The folders that are left, what was shown of the processes, and the secrets."""

    server: Path
    owner: Path
    friend: Path
    processes: str
    invitations: list[str]
    tokens: list[str]
    key: str

    def secrets(self) -> list[str]:
        passwords = [OWNERS, FRIENDS, MADE, CHANGED]
        return [*passwords, *self.invitations, *self.tokens, self.key]


def shell(server: Server, *words: str, typed: str = "") -> str:
    """Run a command of the owner's shell; return what it printed."""
    data = str(server.folder / "data")
    done = subprocess.run(
        [sys.executable, str(ROOT / "my_server.py"), *words, "--data-dir", data],
        cwd=server.folder,
        env=clean_environment(),
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(*processes: int) -> str:
    """Return what the system tells of processes and of what they have started."""
    found = []
    for pid in processes:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            found.append((one.cmdline(), one.environ()))
    assert "my_server.py" in repr(found)
    return repr(found)


def token_of(folder: Path) -> str:
    """Return the token that a client keeps."""
    (file,) = (folder / "messenger").glob("tokens/*")
    assert file.stat().st_mode & 0o777 == 0o600
    return str(json.loads(file.read_text())["token"])


@contextmanager
def invited(folder: Path) -> Iterator[Server]:
    """Run a server that logs all it can, for those who are invited."""
    config = folder / "logging.yaml"
    plan = (ROOT / "log_config" / "server.yaml").read_text()
    config.write_text(plan.replace("level: INFO", "level: DEBUG"))
    flags = ("--registration", "invite", "--no-guests", "--log-config", str(config))
    with run_server(*flags) as server:
        yield server


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remains]:
    folder = tmp_path_factory.mktemp("between")
    owner, friend = folder / "owner", folder / "friend"
    owner.mkdir()
    friend.mkdir()
    password = friend / "password"
    password.touch(0o600)
    password.write_text(FRIENDS)
    with invited(folder) as server:
        data = server.folder / "data"
        first = (data / "owner-invitation").read_text().strip()
        key = (data / "tls.key").read_text().splitlines()[1]
        flags = ("join", "-n", "boss", "--tls", "--log-texts")
        with open_terminal(owner, None, *flags) as terminal:
            terminal.expect("the line")
            terminal.enter(first)
            terminal.expect("password for boss")
            terminal.enter(OWNERS)
            terminal.expect("once more:")
            terminal.enter(OWNERS)
            terminal.expect("signed in as boss")
            terminal.enter("invite")
            terminal.expect("an invitation")
            terminal.expect("&invite=")
            # The line is longer than the terminal is wide.
            line = "".join(terminal.expect("\n>").split())
            found = re.findall(r"^inv_[\w-]{22}", line)
            second = f"127.0.0.1:{server.port}#&invite={found[-1]}"
            third = shell(server, "invite", "--json")
            processes = shown(server.process.pid, terminal.process.pid)
            joined = run_client(
                friend,
                None,
                f"to #all\n{TEXT}\n",
                *("join", second, "-n", "friend", "--tls", "--log-texts"),
                *("--password-file", str(password)),
            )
            assert joined.returncode == 0, joined.stderr
            terminal.expect(TEXT)
            terminal.enter("exit")
            assert terminal.wait() == 0
        shell(server, "user", "add", "carl", "--password-file", "-", typed=MADE)
        shell(server, "user", "passwd", "carl", "--password-file", "-", typed=CHANGED)
        made = shell(server, "token", "carl", "--json")
        invitations = [*found, *re.findall(r"inv_[\w-]+", first + third)]
        tokens = [token_of(owner), token_of(friend), *re.findall(r"jim_[\w-]+", made)]
        assert len(set(invitations)) == 3
        assert len(set(tokens)) == 3
        assert server.stop() == 0
        yield Remains(server.folder, owner, friend, processes, invitations, tokens, key)


def contents(folder: Path, *but: str) -> dict[str, str]:
    """Return what stands in the files of a folder but for those of certain names."""
    return {
        str(file.relative_to(folder)): file.read_bytes().decode(errors="replace")
        for file in folder.rglob("*")
        if file.is_file() and file.name not in but and file.parent.name not in but
    }


def test_the_search_would_find_what_is_there(remains: Remains) -> None:
    assert any(TEXT in one for one in contents(remains.server).values())
    assert any(TEXT in one for one in contents(remains.owner).values())
    assert any("friend" in one for one in contents(remains.friend).values())
    log = contents(remains.server / "logs")["server.log"]
    assert "server.handlers.invites" in log
    assert "server.handlers.administration" in log
    assert "sign-in" in contents(remains.server)["data/audit.log"]
    assert remains.key in contents(remains.server)["data/tls.key"]


def test_nothing_the_server_left_holds_a_secret(remains: Remains) -> None:
    # The first invitation's file is for the owner to read, and was used.
    for name, text in contents(remains.server, "tls.key", "owner-invitation").items():
        for number, secret in enumerate(remains.secrets()):
            assert secret not in text, f"secret {number} stands in {name}"


def test_nothing_a_client_left_holds_a_secret_but_its_token(remains: Remains) -> None:
    for folder in (remains.owner, remains.friend):
        for name, text in contents(folder, "tokens", "password").items():
            for number, secret in enumerate(remains.secrets()):
                assert secret not in text, f"secret {number} stands in {name}"


def test_only_the_owner_of_a_file_may_read_it(remains: Remains) -> None:
    for folder in (remains.server / "data", remains.owner, remains.friend):
        for file in folder.rglob("*"):
            if file.is_file() and "logs" not in file.parts:
                assert file.stat().st_mode & 0o077 == 0, file


def test_the_system_shows_no_secret_of_a_process(remains: Remains) -> None:
    for number, secret in enumerate(remains.secrets()):
        assert secret not in remains.processes, f"secret {number} is shown"


@pytest.mark.parametrize(
    "words",
    [("user", "add", "dora", MADE), ("user", "passwd", "dora", MADE),
     ("user", "add", "dora", "--password", MADE), ("user", "add", "--open", "d", MADE)],
    ids=["add", "passwd", "flag", "open"],
)  # fmt: skip
def test_a_password_on_the_command_line_is_a_matter_of_usage(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "my_server.py"), *words],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert MADE not in done.stdout + done.stderr
