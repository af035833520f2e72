"""A moderator, a member, a guest, a banned and a blocked person, each in a client.

All are processes, the owner's shell too: who may do what, who hears of it, and what
those whom it strikes see and can still do.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from errors import ExitCode
from unit_tests.client.programs import Terminal, open_terminal, run_client
from unit_tests.helpers import PATIENCE, ROOT, Server, clean_environment, run_server

PASSWORD = "correct horse"
ACCOUNTS = ("mona", "mel", "bann", "blok")
People = Mapping[str, Terminal]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as server:
        with server.connect() as peer:
            for name in ACCOUNTS:
                user = {"account_name": name, "password": PASSWORD}
                peer.send({"action": "register", "user": user})
                assert peer.receive()["response"] == 201
        shell(server, "user", "role", "mona", "moderator")
        yield server


def shell(server: Server, *words: str) -> str:
    """Run a command of the owner's shell; return what it printed."""
    data = str(server.folder / "data")
    done = subprocess.run(
        [sys.executable, str(ROOT / "my_server.py"), *words, "--data-dir", data],
        cwd=server.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def flags_of(name: str, folder: Path) -> tuple[str, ...]:
    if name not in ACCOUNTS:
        return ("-n", name)
    file = folder / "password"
    file.touch(0o600)
    file.write_text(PASSWORD)
    return ("-n", name, "--password-file", str(file))


@pytest.fixture
def people(server: Server, tmp_path: Path) -> Iterator[People]:
    """Yield the terminals of all five, signed in."""
    with ExitStack() as stack:
        found = {}
        for name in (*ACCOUNTS, "gus"):
            folder = tmp_path / name
            folder.mkdir()
            flags = ("--plain", *flags_of(name, folder))
            found[name] = stack.enter_context(
                open_terminal(folder, server.port, *flags)
            )
        for name, terminal in found.items():
            terminal.expect(f"signed in as {name}")
        yield found


def comes(
    server: Server, name: str, folder: Path, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Let somebody come again, say something, and go."""
    own = folder / name
    return run_client(own, server.port, typed, *flags_of(name, own))


def does(terminal: Terminal, line: str, answer: str) -> None:
    """Type a line; wait for its answer."""
    terminal.enter(line)
    terminal.expect(answer)


def test_each_may_do_what_they_are_and_hears_what_concerns_them(
    server: Server, people: People, tmp_path: Path
) -> None:
    mona, mel, bann, blok, gus = (
        people[name] for name in ("mona", "mel", "bann", "blok", "gus")
    )
    # The member has a room, and is its host.
    does(mel, "/join #tea", "you joined #tea, which is new")
    does(gus, "/join #tea", "you joined #tea")
    does(mel, "/topic #tea green", "✓ the topic of #tea is: green")
    gus.expect("the topic of #tea is: green (by mel)")
    rule = "only the room's host, moderators and owners may"
    does(gus, "/topic #tea black", f"{rule} set a room's topic")
    does(gus, "/kick mel #tea", f"{rule} take somebody out of a room")
    does(mel, "/invite", "only moderators and owners may invite members")
    does(mona, "/invite", "&invite=inv_")
    # The moderator bans: for the banned it is over, and they don't come back.
    does(mona, "/ban bann for 2h spam", "✓ bann is banned from this server for 2 h")
    bann.expect("you are banned from this server until")
    bann.expect("by mona: spam")
    assert bann.wait() == ExitCode.NOT_ALLOWED
    again = comes(server, "bann", tmp_path)
    assert again.returncode == ExitCode.NOT_ALLOWED
    assert "by mona: spam" in again.stderr
    assert "bann" in shell(server, "bans")
    # Who is blocked is not told, and not heard by who has blocked them.
    does(mel, "/block blok", "✓ you hear nothing more of blok")
    does(blok, "@mel can you hear me?", "✓ sent to mel")
    does(blok, "@gus ask mel", "✓ sent to gus")
    gus.expect("blok: ask mel")
    does(gus, "@mel blok asks for you", "✓ sent to mel")
    assert "can you hear me?" not in mel.expect("gus: blok asks for you")
    # A mute in one room leaves the others.
    does(mona, "/mute gus #tea for 10m", "✓ gus is muted in #tea for 10 min")
    gus.expect("you were muted in #tea until")
    does(gus, "#tea am I heard?", "not sent to #tea")
    does(gus, "#all heard here", "✓ sent to #all")
    assert "am I heard?" not in mel.expect("#all gus: heard here")
    does(mel, "/mute mona #tea", "mute mona: ")
    # Who is kicked is out, and who is let in again is in.
    does(mona, "/kick gus", "✓ gus")
    assert gus.wait() == ExitCode.NOT_ALLOWED
    shell(server, "unban", "bann")
    again = comes(server, "bann", tmp_path, "#all good to be back\n")
    assert again.returncode == ExitCode.DONE, again.stderr
    mel.expect("#all bann: good to be back")
    audit_log_tells_all(server)


def audit_log_tells_all(server: Server) -> None:
    """Check who did what to whom, of which some must not be there."""
    shell(server, "audit", "verify")
    lines = (server.folder / "data" / "audit.log").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    told = {(row["who"], row["what"], row["whom"]) for row in rows}
    assert {
        ("server", "role", "mona"),
        ("mona", "ban", "bann"),
        ("bann", "refused", ""),
        ("mona", "mute", "gus"),
        ("mona", "invitation made", ""),
        ("mona", "kick", "gus"),
        ("server", "unban", "bann"),
    } <= told
    # That somebody is blocked is nobody's business.
    assert not any("block" in what for _, what, _ in told)
