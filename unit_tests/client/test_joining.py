"""Joining by one line: the client as a process, at a server for invited people only."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.join_line import JoinLine, join_line, read_join_line
from common.names import Secret
from errors import ExitCode
from unit_tests.certificates import make_certificate
from unit_tests.client.programs import (
    ScriptedServer,
    open_terminal,
    run_client,
    start_client,
)
from unit_tests.client.sessions import line
from unit_tests.helpers import PATIENCE, Peer, Server, run_server

PASSWORD = "correct horse"


class Host:
    """A server and its owner, who makes the lines."""

    def __init__(self, server: Server, owner: Peer, line: JoinLine) -> None:
        self.port = server.port
        self._owner = owner
        self._line = line
        self._numbers = itertools.count(1)

    def new_invite(self, **fields: Any) -> Secret:
        """Return a fresh invitation."""
        number = next(self._numbers)
        self._owner.send({"action": "create_invite", "id": number} | fields)
        invite: str = self._owner.wait_for(lambda o: o.get("id") == number)["invite"]
        return Secret(invite)

    def line(self, invite: Secret | None) -> str:
        """Return the line that joins with an invitation."""
        return join_line(self._line._replace(invite=invite))


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with run_server("--registration", "invite", "--no-guests") as server:
        text = (server.folder / "data" / "owner-invitation").read_text()
        joins = read_join_line(Secret(text))
        with server.connect() as peer:
            user = {"account_name": "boss", "password": PASSWORD}
            peer.send({"action": "register", "user": user, "invite": joins.invite})
            assert peer.receive()["response"] == 201
            peer.send({"action": "authenticate", "id": 1, "user": user})
            assert peer.receive_welcome()["session"]["role"] == "owner"
            yield Host(server, peer, joins)


def password_file(folder: Path) -> str:
    file = folder / "password"
    file.touch(0o600)
    file.write_text(PASSWORD)
    return str(file)


def flags_of(name: str, folder: Path) -> tuple[str, ...]:
    return ("-n", name, "--password-file", password_file(folder))


def written(folder: Path) -> str:
    """Return all that the client has written but for tokens."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return "".join(
        file.read_bytes().decode(errors="replace")
        for file in files
        if file.name != "password" and file.parent.name != "tokens"
    )


@pytest.mark.parametrize("plain", [(), ("--plain",)])
def test_an_account_is_made_at_the_terminal_by_the_line_that_is_asked_for(
    host: Host, tmp_path: Path, plain: tuple[str, ...]
) -> None:
    invite, name = host.new_invite(), f"ada{len(plain)}"
    with open_terminal(tmp_path, None, "join", "--log-texts", *plain) as terminal:
        terminal.expect("the line you were given")
        terminal.enter("nothing of the kind")
        terminal.expect("begins with HOST:PORT")
        terminal.expect("the line you were given")
        terminal.enter(host.line(invite))
        terminal.expect("the name you want:")
        terminal.enter("boss")
        terminal.expect("a new password for boss:")
        terminal.enter("7 signs")
        terminal.expect("at least 8 characters")
        terminal.expect("a new password for boss:")
        terminal.enter(PASSWORD)
        terminal.expect("once more:")
        terminal.enter("another one")
        terminal.expect("two different passwords")
        terminal.expect("a new password for boss:")
        terminal.enter(PASSWORD)
        terminal.expect("once more:")
        terminal.enter(PASSWORD)
        terminal.expect("the name 'boss' is in use")
        terminal.expect("if boss is you")
        terminal.expect("another name:")
        terminal.enter(name)
        terminal.expect(f"signed in as {name}")
        terminal.expect("//TEXT")
        terminal.enter("exit")
        assert terminal.wait() == ExitCode.DONE
        assert invite not in terminal.painted
        assert PASSWORD not in terminal.painted
    assert invite not in written(tmp_path)
    assert PASSWORD not in written(tmp_path)
    done = run_client(tmp_path, host.port, "users\n", "-n", name)
    assert f"{name} (you, member)\n" in done.stdout


@pytest.mark.parametrize("is_argument", [True, False])
def test_a_script_joins_and_goes_on(
    host: Host, tmp_path: Path, is_argument: bool
) -> None:
    invite, name = host.new_invite(), f"bot{is_argument:d}"
    flags, typed = flags_of(name, tmp_path), "users\n"
    if is_argument:
        flags = (host.line(invite), *flags)
    else:
        typed = f"{host.line(invite)}\n{typed}"
    done = run_client(tmp_path, None, typed, "join", *flags)
    assert done.returncode == ExitCode.DONE, done.stderr
    assert f"{name} (you, member)\n" in done.stdout
    assert done.stderr.startswith(f"signed in as {name}\n")


def test_who_has_an_account_takes_the_invitation_with_it(
    host: Host, tmp_path: Path
) -> None:
    flags = flags_of("carl", tmp_path)
    run_client(tmp_path, None, "", "join", host.line(host.new_invite()), *flags)
    invite = host.new_invite(role="moderator")
    done = run_client(tmp_path, None, "", "join", host.line(invite), "-n", "carl")
    assert done.returncode == ExitCode.DONE, done.stderr
    assert invite not in done.stderr + written(tmp_path)
    done = run_client(tmp_path, host.port, "users\n", "-n", "carl")
    assert "carl (you, moderator)\n" in done.stdout


def test_an_invitation_that_is_used_up_is_refused(host: Host, tmp_path: Path) -> None:
    invite = host.new_invite()
    flags = ("join", host.line(invite))
    run_client(tmp_path, None, "", *flags, *flags_of("dora", tmp_path))
    done = run_client(tmp_path, None, "", *flags, *flags_of("eve", tmp_path))
    assert done.returncode == ExitCode.NOT_ALLOWED
    assert "not good" in done.stderr
    assert invite not in done.stderr


@pytest.mark.parametrize(
    ("typed", "flags", "problem"),
    [
        ("", ("join",), "no line to join by"),
        ("inv_secret\n", ("join",), "begins with HOST:PORT"),
        ("", ("join", "inv_secret"), "begins with HOST:PORT"),
        ("", ("host:1#&invite=inv_secret",), "goes behind the word join"),
        ("", ("join", "127.0.0.1:1#&invite=inv_secret"), "who will you be?"),
        ("", ("join", "127.0.0.1:1", "-n", "ada"), "no terminal to ask"),
    ],
)
def test_what_is_missing_is_a_sentence_without_the_secret(
    tmp_path: Path, typed: str, flags: tuple[str, ...], problem: str
) -> None:
    done = run_client(tmp_path, None, typed, *flags)
    assert done.returncode == ExitCode.USAGE
    assert problem in done.stderr
    assert "inv_secret" not in done.stderr + written(tmp_path)


def test_another_certificate_than_the_lines_hears_nothing(tmp_path: Path) -> None:
    context = make_certificate(tmp_path, "server", "localhost").context()
    with ScriptedServer(context=context) as server:
        text = join_line(JoinLine("127.0.0.1", server.port, "A" * 43, Secret("inv_x")))
        flags = ("join", text, *flags_of("ada", tmp_path))
        with start_client(tmp_path, None, *flags) as client:
            assert server.accept().read_to_end() == b""
            _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == ExitCode.NOT_ALLOWED
    assert "another certificate than the one you were given" in err


@pytest.mark.parametrize(
    ("answer", "code", "problem"),
    [
        (line(response=403, id=1, error="closed"), ExitCode.NOT_ALLOWED, "closed"),
        (line(response=403, error="only TLS"), ExitCode.NOT_ALLOWED, "--tls"),
        (line(response=409, id=1, error="taken"), ExitCode.REFUSED, "taken"),
        (b"no JIM\n", ExitCode.PROTOCOL, "not JIM"),
        (b"", ExitCode.UNREACHABLE, "is lost"),
    ],
)
def test_why_no_account_is_made_is_said(
    tmp_path: Path, answer: bytes, code: ExitCode, problem: str
) -> None:
    with ScriptedServer() as server:
        flags = ("join", f"127.0.0.1:{server.port}", *flags_of("ada", tmp_path))
        with start_client(tmp_path, None, *flags) as client:
            peer = server.accept()
            assert peer.receive()["action"] == "register"
            peer.send_bytes(answer)
            peer.sock.close()
            _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == code
    assert problem in err
