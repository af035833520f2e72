import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from unit_tests.client.programs import open_terminal
from unit_tests.client.scripts.programs import (
    Script,
    free_ports,
    texts_in,
    wait_for_lines,
    wait_until,
)
from unit_tests.helpers import PATIENCE, Server, run_server

_LINE = re.compile(r"\[\d\d\.\d\d\.\d{4} \d\d:\d\d\] ([^:]+): (.*)")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server("--message-rate", "0") as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, server: Server) -> Script:
    return Script(tmp_path, "--host", "127.0.0.1", "--port", str(server.port))


def caught_up(process: subprocess.Popen[str], state: Path) -> None:
    """Wait until a reader that begins is there: it says so in its state."""
    wait_until(lambda: state.exists() or process.poll() is not None)
    assert process.poll() is None


def test_the_first_message_makes_an_account_whose_token_serves_all_others(
    shell: Script, tmp_path: Path
) -> None:
    first = shell.run("send", "--username", "oven", "dinner is ready")
    assert (first.returncode, first.stdout) == (0, f"{int(first.stdout)}\n")
    assert f"its token is kept in {tmp_path}" in first.stderr
    piped = shell.run("send", "--username", "oven", typed="one\n\ntwo\n")
    assert (piped.returncode, piped.stderr) == (0, "")
    told = shell.run("read", "--since", "0", "--json", "--from", "oven", "--once")
    rows = [json.loads(one) for one in told.stdout.splitlines()]
    assert [one["message"] for one in rows] == ["dinner is ready", "one\n\ntwo"]
    assert [one["message_id"] for one in rows] == [
        int(first.stdout),
        int(piped.stdout),
    ]
    kept = (tmp_path / "messages.txt").read_text().splitlines()
    found = [_LINE.fullmatch(line) for line in kept]
    assert [one and one.groups() for one in found] == [
        ("oven", "dinner is ready"),
        ("oven", r"one\n\ntwo"),
    ]


def test_what_can_not_be_is_said_with_its_exit_code(
    shell: Script, tmp_path: Path, server: Server
) -> None:
    sent = shell.run("send", "--token-file", "token", "-n", "cook", "--to", "no", "hi")
    assert (sent.returncode, sent.stdout) == (1, "")
    assert "nobody called 'no'" in sent.stderr
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    with server.signed_in("guest"):
        late = shell.run(
            "send",
            *("--token-file", "token", "--to", "guest"),
            *("--wait", "delivered", "--timeout", "0.5", "hi"),
        )
    assert (late.returncode, late.stdout) == (75, f"{int(late.stdout)}\n")
    assert "guest has not got it" in late.stderr
    wrong = shell.run("send", "--token", "jim_x", "-n", "cook", "hi")
    assert wrong.returncode == 77
    assert "does not take our token" in wrong.stderr
    taken = shell.run("send", "-n", "cook", "hi")
    assert taken.returncode == 77
    assert "--token-file" in taken.stderr
    (port,) = free_ports(1)
    alone = shell.run("read", "--port", str(port))
    assert alone.returncode == 69


@pytest.mark.parametrize(
    ("words", "typed", "sent", "said"),
    [
        (("send",), "caf\udce9", [], "standard input is not UTF-8 text"),
        (("send", "caf\udce9"), None, [], "the request is not UTF-8 text"),
        (("send", "--to", "caf\udce9", "hi"), None, [], "is not UTF-8 text"),
        (
            ("send", "--lines"),
            "one\ncaf\udce9\ntwo\n",
            ["one", "two"],
            "line 2: not sent: the line is not UTF-8 text",
        ),
    ],
)
def test_what_is_no_utf_8_is_not_sent(
    tmp_path: Path,
    words: tuple[str, ...],
    typed: str | None,
    sent: list[str],
    said: str,
) -> None:
    with run_server() as server, server.signed_in("guest") as guest:
        shell = Script(tmp_path, "--host", "127.0.0.1", "--port", str(server.port))
        done = shell.run(*words, "--username", "oven", typed=typed)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
        assert len(done.stdout.splitlines()) == len(sent)
        for one in sent:
            guest.wait_for_text(one)


def test_a_byte_order_mark_is_part_of_nothing(
    shell: Script, tmp_path: Path, server: Server
) -> None:
    made = shell.run("send", "--token-file", "token", "-n", "notepad", "first")
    assert made.returncode == 0, made.stderr
    token = tmp_path / "token"
    token.write_text(f"\ufeff{token.read_text()}", "utf-8")
    (tmp_path / ".env").write_text("\ufeffUSERNAME=notepad\n", "utf-8")
    with server.signed_in("guest") as guest:
        for words, typed in (
            ((), "\ufeffpiped\n"),
            (("--lines",), "\ufeffa line\n\ufeffanother\n"),
        ):
            sent = shell.run("send", "--token-file", "token", *words, typed=typed)
            assert sent.returncode == 0, sent.stderr
        for text in ("piped", "a line", "\ufeffanother"):
            found = guest.receive()
            assert (found["from"], found["message"]) == ("notepad", text)


@pytest.mark.parametrize("flags", [(), ("--token-file", "token")])
def test_several_first_ones_at_once_share_one_account(
    shell: Script, flags: tuple[str, ...]
) -> None:
    name = "many" if flags else "several"
    with ExitStack() as stack:
        senders = [
            stack.enter_context(
                shell.started("send", "--username", name, *flags, f"text {number}")
            )
            for number in range(4)
        ]
        ids = {sender.communicate(timeout=PATIENCE)[0] for sender in senders}
    assert [sender.returncode for sender in senders] == [0] * 4
    assert len(ids) == 4
    assert (shell.folder / "talk").read_text().count("made the account") == 1


def test_where_no_token_can_be_kept_no_account_is_made(
    tmp_path: Path, server: Server
) -> None:
    where = ("--host", "127.0.0.1", "--port", str(server.port))
    shell = Script(tmp_path, *where, XDG_STATE_HOME="/dev/null")
    done = shell.run("send", "--username", "lost", "hi")
    assert done.returncode == 78, done.stderr
    assert "--token-file" in done.stderr
    kept = shell.run("send", "--username", "lost", "--token-file", "t", "hi")
    assert kept.returncode == 0, kept.stderr


def test_a_token_alone_says_who_we_are_and_waits_for_who_reads(
    shell: Script, tmp_path: Path
) -> None:
    made = shell.run("send", "--token-file", "token", "-n", "fridge", "cold")
    assert made.returncode == 0
    token = json.loads((tmp_path / "token").read_text())["account_hash"]
    (tmp_path / ".env").write_text(f"TOKEN={token}\nJIM_LOG_TEXTS=yes\n")
    state = tmp_path / "bob.txt.state"
    with shell.started(
        "read", "--token", "", "-n", "bob", "--history", "bob.txt"
    ) as reader:
        caught_up(reader, state)
        done = shell.run("send", "--to", "bob", "--wait", "delivered", "open me")
        assert done.returncode == 0, done.stderr
        assert reader.stdout is not None
        assert reader.stdout.readline().endswith("fridge: open me\n")
        reader.send_signal(signal.SIGTERM)
        assert reader.wait() == 130
    logged = [one.read_text("utf-8") for one in (tmp_path / "logs").iterdir()]
    assert "open me" in "".join(logged)
    assert not any(token in one for one in logged)


def test_lines_are_messages_in_their_order_and_rooms_are_found(
    shell: Script, server: Server
) -> None:
    with server.signed_in("host", device="d") as host:
        host.send({"action": "join", "room": "#hall", "id": 1})
        host.receive()
        lines = [f"line {number}" for number in range(2_500)]
        sent = shell.run(
            "send",
            *("-n", "tap", "--to", "#hall", "--lines"),
            typed="\n\n".join(lines) + "\nno end",
        )
    assert sent.returncode == 0, sent.stderr
    ids = [int(one) for one in sent.stdout.splitlines()]
    assert (len(ids), ids) == (2_501, sorted(set(ids)))
    told = shell.run("read", "--room", "hall", "--since", "0", "--once")
    assert texts_in(told.stdout.splitlines()) == [*lines, "no end"]
    again = shell.run("read", "--room", "hall", "--since", str(ids[-2]), "--once")
    assert texts_in(again.stdout.splitlines()) == ["no end"]
    assert len(wait_for_lines(shell.folder / "messages.txt", 1)) == 2_501


def test_who_closes_the_output_does_not_end_the_sending(shell: Script) -> None:
    with shell.started("send", "-n", "gutter", "--lines") as sender:
        assert sender.stdin is not None
        assert sender.stdout is not None
        sender.stdin.write("first\n")
        sender.stdin.flush()
        first = int(sender.stdout.readline())
        sender.stdout.close()
        sender.stdin.write("".join(f"{number}\n" for number in range(1_500)))
        sender.stdin.close()
        assert sender.wait() == 0
    told = shell.run("read", "--since", str(first), "--from", "gutter", "--once")
    assert texts_in(told.stdout.splitlines()) == [str(one) for one in range(1_500)]


def test_closed_streams_are_as_good_as_empty_ones(shell: Script) -> None:
    def run(*words: str, closed: str) -> subprocess.CompletedProcess[bytes]:
        command = ["sh", "-c", f'exec "$@" {closed}', "sh", *shell.command(words)]
        return subprocess.run(
            command,
            cwd=shell.folder,
            env=shell.environment,
            capture_output=True,
            check=False,
        )

    assert run("send", "-n", "mute", "hi", closed="<&- >&-").returncode == 0
    assert run("send", "-n", "mute", "hi", closed="<&- >&- 2>&-").returncode == 0
    silent = run("send", "-n", "mute", closed="<&-")
    assert (silent.returncode, b"is empty" in silent.stderr) == (2, True)
    told = shell.run("read", "--since", "0", "--from", "mute", "--once")
    assert texts_in(told.stdout.splitlines()) == ["hi", "hi"]


def test_to_begin_behind_what_nobody_has_said_yet_is_said(shell: Script) -> None:
    assert shell.run("send", "-n", "moth", "old").returncode == 0
    early = ("read", "--since", "99999999", "--from", "moth", "--once")
    assert "there is no message 99999999 yet" in shell.run(*early).stderr
    assert shell.run("send", "-n", "moth", "new").returncode == 0
    told = shell.run("read", "--from", "moth", "--once")
    assert texts_in(told.stdout.splitlines()) == ["new"]


def test_a_reader_that_is_killed_again_and_again_misses_and_doubles_nothing(
    shell: Script, tmp_path: Path
) -> None:
    history, count = tmp_path / "messages.txt", 3_000
    lines = [f"drop {number}" for number in range(count)]
    # A guest's name is kept from one start to the next.
    with shell.started("read") as first:
        caught_up(first, tmp_path / "messages.txt.state")
    with shell.started("send", "-n", "rain", "--lines") as sender:
        assert sender.stdin is not None
        for start in range(0, count, 500):
            sender.stdin.write("".join(f"{one}\n" for one in lines[start:][:500]))
            sender.stdin.flush()
            with shell.started("read", "--from", "rain"):
                # Somewhere in the middle of what flows.
                wait_for_lines(history, start + 100)
        out, _ = sender.communicate()
        assert (sender.returncode, len(out.splitlines())) == (0, count)
    assert shell.run("read", "--from", "rain", "--once").returncode == 0
    assert texts_in(history.read_text().splitlines()) == lines


def test_a_file_that_is_replaced_or_renamed_meanwhile_lacks_nothing(
    shell: Script, tmp_path: Path
) -> None:
    history = tmp_path / "messages.txt"
    with shell.started("read", "--from", "mole") as reader:
        caught_up(reader, tmp_path / "messages.txt.state")
        for number, text in enumerate(("one", "two", "three"), 1):
            assert shell.run("send", "-n", "mole", text).returncode == 0
            if text == "two":
                # As by cp and mv, with a line in between.
                shutil.copy(history, tmp_path / "copy")
                wait_for_lines(history, number)
                (tmp_path / "copy").replace(history)
            else:
                wait_for_lines(history, number)
        assert texts_in(history.read_text().splitlines()) == ["one", "two", "three"]
        history.rename(tmp_path / "messages.txt.1")
        assert shell.run("send", "-n", "mole", "four").returncode == 0
        assert texts_in(wait_for_lines(history, 1)) == ["four"]
        reader.send_signal(signal.SIGTERM)
        reader.wait(PATIENCE)
    assert shell.run("read", "--from", "mole", "--once").returncode == 0
    assert texts_in(history.read_text().splitlines()) == ["four"]


def test_a_break_of_the_server_is_waited_for(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    where = ("--data-dir", str(tmp_path / "data"), "--port", str(port))
    shell = Script(tmp_path, "--host", "127.0.0.1", "--port", str(port))
    with ExitStack() as stack:
        with run_server(*where):
            assert shell.run("send", "-n", "owl", "one").returncode == 0
            reader = stack.enter_context(shell.started("read", "-n", "owl"))
            caught_up(reader, tmp_path / "messages.txt.state")
        stack.enter_context(run_server(*where))
        assert shell.run("send", "-n", "owl", "two").returncode == 0
        assert reader.stdout is not None
        assert texts_in([reader.stdout.readline()]) == ["two\n"]
        reader.send_signal(signal.SIGINT)
        assert reader.wait() == 130
    said = (tmp_path / "talk").read_text()
    assert "trying again" in said
    assert "connected again" in said


def test_minechat_doors_are_read_and_sent_to(tmp_path: Path) -> None:
    read_port, send_port = free_ports(2)
    shell = Script(tmp_path, "--host", "127.0.0.1")
    with run_server(
        *("--message-rate", "0"),
        *("--minechat-read-port", str(read_port)),
        *("--minechat-send-port", str(send_port)),
    ):
        (tmp_path / ".env").write_text(f"READ_PORT={read_port}\nHISTORY=mine.txt\n")
        door = ("send", "--send-port", str(send_port), "--token-file", "t")
        with ExitStack() as stack:
            firsts = [
                stack.enter_context(shell.started(*door, "-n", "pig", "one"))
                for _ in range(3)
            ]
            assert [first.wait(PATIENCE) for first in firsts] == [0] * 3
        assert (tmp_path / "talk").read_text().count("made the account") == 1
        made = shell.run(*door, "-n", "pig", typed="a\n\nb\n")
        assert (made.returncode, made.stdout) == (0, ""), made.stderr
        history = tmp_path / "mine.txt"
        with shell.started("read") as reader:
            # What is said before it listens is not for it.
            wait_until(
                lambda: (
                    shell.run(*door, "hello").returncode == 0
                    and bool(wait_for_lines(history, 0))
                )
            )
            lines = "".join(f"{number}\n" for number in range(300))
            poured = shell.run(*door, "--lines", typed=lines)
            assert poured.returncode == 0, poured.stderr
            wait_until(lambda: history.read_text().endswith(": 299\n"))
            told = history.read_text().splitlines()
            assert texts_in(told[-300:]) == lines.splitlines()
            assert reader.stdout is not None
            assert reader.stdout.readline().endswith("pig: hello\n")
        bad = shell.run("send", *door[1:3], "-n", "no good", "--token-file", "n", "hi")
        assert (bad.returncode, bad.stdout) == (1, "")
        assert "makes no account, and nothing was sent: this name" in bad.stderr
        unknown = shell.run("send", "--send-port", str(send_port), "--token", "x", "hi")
        assert unknown.returncode == 77
    assert shell.run("read").returncode == 69


def test_who_waits_for_the_reading_waits_until_somebody_looks(tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("sender", "looker")]
    for home in homes:
        home.mkdir()
    with run_server() as server:
        where = ("--host", "127.0.0.1", "--port", str(server.port))
        shell = Script(homes[0], *where)
        words = ("send", "--username", "sender", "--to", "looker", "--wait", "read")
        with open_terminal(homes[1], server.port, "-n", "looker") as terminal:
            terminal.expect_greeting()
            done = shell.run(*words, "--timeout", "1.5", "is anybody there?")
            # It is on the screen, and nobody has looked at it.
            terminal.expect("sender: is anybody there?")
            assert (done.returncode, "has not read" in done.stderr) == (75, True)
            with shell.started(*words, "now?") as process:
                terminal.expect("sender: now?")
                terminal.type("\x1b[C")
                assert process.wait(PATIENCE) == 0
            terminal.enter("exit")
            assert terminal.wait() == 0
