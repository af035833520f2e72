"""Invitations, bells, editors and being put out, as a terminal and a pipe see them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from unit_tests.client.programs import (
    ScriptedServer,
    Terminal,
    open_terminal,
    start_client,
)
from unit_tests.client.sessions import line
from unit_tests.helpers import PATIENCE, Peer

NOT_ALLOWED = 77
CTRL_C = "\x03"
# Says that it runs, waits for a line whatever is pressed, and appends it to the text.
EDITOR = """
import os, signal, sys
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted"))
os.write(1, b"editing")
open(sys.argv[1], "a").write(sys.stdin.readline() + "and more\\n")
"""


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def editor(tmp_path: Path) -> str:
    program = tmp_path / "editor.py"
    program.write_text(EDITOR)
    return f"{sys.executable} -S -E {program}"


def deliver(peer: Peer, text: str, to: str = "alice") -> None:
    """Send a message of bob's."""
    said = {"to": to, "from": "bob", "encoding": "utf-8", "message": text}
    peer.send_bytes(line(action="msg", time=0, **said))


def answer_until(peer: Peer, action: str) -> dict[str, Any]:
    """Answer what comes with empty lists, up to a request that is returned."""
    while True:
        request: dict[str, Any] = peer.receive()
        if request["action"] == action:
            return request
        peer.send_bytes(line(response=202, id=request["id"], data_list=[]))


def edits(peer: Peer, terminal: Terminal) -> None:
    """Write to bob in the editor, while he writes too."""
    terminal.enter("edit bob")
    terminal.expect("editing")
    terminal.type(CTRL_C)
    terminal.expect("interrupted")
    deliver(peer, "are you there?")
    terminal.enter("dear bob")
    painted = terminal.expect("are you there?")
    assert "dear bob" in painted
    request = answer_until(peer, "msg")
    assert (request["to"], request["message"]) == ("bob", "dear bob\nand more")
    peer.send_bytes(line(response=200, id=request["id"]))


def test_a_terminal_rings_shows_a_picture_and_lends_itself_to_an_editor(
    script: ScriptedServer, tmp_path: Path, editor: str
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice", EDITOR=editor) as terminal:
        peer = script.welcome()
        terminal.expect("help GROUP: talking")
        deliver(peer, "to all", "#all")
        terminal.expect("to all")
        assert "\a" not in terminal.painted
        deliver(peer, "for you")
        terminal.expect("for you")
        assert "\a" in terminal.painted
        edits(peer, terminal)
        terminal.enter("invite")
        number = answer_until(peer, "create_invite")["id"]
        # Wider than the window, and yet in one row: it will be copied.
        invite = "inv_" + "x" * 70
        peer.send_bytes(
            line(response=201, id=number, invite=invite, invite_id=1, expires=0)
        )
        terminal.expect(f"127.0.0.1:{script.port}#&invite={invite}\r\n")
        terminal.expect("████████")
        peer.send_bytes(line(response=403, error="kicked by bob: spam"))
        terminal.expect("the session is over: kicked by bob: spam")
        assert terminal.wait() == NOT_ALLOWED


def test_plain_lines_on_a_terminal_can_be_written_in_an_editor_too(
    script: ScriptedServer, tmp_path: Path, editor: str
) -> None:
    with open_terminal(
        tmp_path, script.port, "-n", "alice", "--plain", VISUAL=editor
    ) as terminal:
        peer = script.welcome()
        terminal.expect("help GROUP: talking")
        edits(peer, terminal)
        assert "\a" in terminal.painted
        terminal.enter("exit")
        terminal.wait()


def test_behind_a_pipe_there_is_no_editor_no_bell_and_no_picture(
    script: ScriptedServer, tmp_path: Path
) -> None:
    flags = ("-n", "alice", "--bell", "all")
    with start_client(tmp_path, script.port, *flags) as process:
        assert process.stdin is not None
        process.stdin.write("edit bob\ninvite\n")
        process.stdin.flush()
        peer = script.welcome()
        deliver(peer, "hi")
        number = answer_until(peer, "create_invite")["id"]
        peer.send_bytes(
            line(response=201, id=number, invite="inv_x", invite_id=1, expires=0)
        )
        peer.send_bytes(line(response=403, error="kicked by bob"))
        # The end of its input would end it too.
        process.wait(PATIENCE)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == NOT_ALLOWED
    assert out.splitlines() == [
        "1970-01-01 00:00 bob: hi",
        f"127.0.0.1:{script.port}#&invite=inv_x",
    ]
    assert "edit needs a terminal" in err
    assert "the session is over: kicked by bob" in err
    assert "\a" not in out + err
