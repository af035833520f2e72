"""The client in a terminal: what a person sees while they type."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.client.programs import (
    ScriptedServer,
    Terminal,
    answer_messages,
    open_terminal,
)
from unit_tests.client.sessions import line
from unit_tests.helpers import Peer, Server, run_server

DONE, TIMED_OUT, PROTOCOL, INTERRUPTED = 0, 75, 76, 130
CTRL_C, CTRL_D, TAB, UP = "\x03", "\x04", "\t", "\x1b[A"
FOCUS_IN, FOCUS_OUT = "\x1b[I", "\x1b[O"
ALT_ENTER = "\x1b\r"
WHERE_IS_THE_CURSOR = "\x1b[6n"
LAST_LINE_OF_HELP = "//TEXT"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as running:
        yield running


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def sees_prompt(terminal: Terminal) -> None:
    terminal.expect("signed in as")
    sees_help(terminal)


def sees_help(terminal: Terminal) -> None:
    """See the help of a first start, or the row of a later one, and the prompt."""
    terminal.expect_greeting()
    terminal.expect("\n>")


def test_a_wheel_turns_while_connecting_and_the_help_follows(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        terminal.expect("⠋ connecting to 127.0.0.1")
        terminal.expect("⠙ connecting to 127.0.0.1")
        script.welcome()
        terminal.expect("signed in as")
        terminal.expect(LAST_LINE_OF_HELP)
        sees_help(terminal)
        assert "\r\x1b[Ksigned in" in terminal.painted
        terminal.type(CTRL_D)
        assert terminal.wait() == DONE


def test_two_people_talk(server: Server, tmp_path: Path) -> None:
    with (
        server.signed_in("ann") as ann,
        open_terminal(tmp_path, server.port, "-n", "ben") as terminal,
    ):
        sees_prompt(terminal)
        terminal.enter("1")
        terminal.expect("to whom?")
        terminal.enter("ann")
        terminal.expect("what?")
        terminal.enter("привет 👋")
        terminal.expect("you → ann: привет 👋")
        terminal.expect("✓")
        assert ann.receive()["message"] == "привет 👋"
        ann.say("ben", "hello \x1b[31m\u202e")
        terminal.expect("ann: hello \\x1b[31m\\u202e")
        terminal.enter("@nobody hi")
        terminal.expect("✗ not sent to nobody")
        terminal.enter("users")
        terminal.expect("ben (you)")
        terminal.enter("3")
        assert terminal.wait() == DONE


def test_a_message_does_not_break_the_line_being_typed(
    server: Server, tmp_path: Path
) -> None:
    with (
        server.signed_in("cat") as cat,
        open_terminal(tmp_path, server.port, "-n", "dan") as terminal,
    ):
        sees_prompt(terminal)
        terminal.enter("to cat")
        terminal.expect("you → cat>")
        terminal.type("half a line")
        terminal.expect("half a line")
        cat.say("dan", "interrupting")
        painted = terminal.expect("interrupting")
        assert "half a lineint" not in painted
        terminal.expect("you → cat> half a line")
        terminal.enter(" and the rest")
        assert cat.wait_for_text("half a line and the rest")
        terminal.enter("/exit")
        assert terminal.wait() == DONE


def test_a_text_cannot_pass_for_a_line_of_another_person(
    server: Server, tmp_path: Path
) -> None:
    with (
        server.signed_in("max") as eve,
        open_terminal(tmp_path, server.port, "-n", "mia") as terminal,
    ):
        sees_prompt(terminal)
        eve.say("mia", "see you" + " " * 90 + "06:45 alice: hunter2")
        terminal.expect("max: see you")
        painted = terminal.expect("06:45 alice: hunter2")
        *_, row = painted.splitlines()
        assert row.startswith(" " * 6)
        assert all(len(one) <= 80 for one in painted.splitlines())
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_an_address_longer_than_a_row_can_be_copied_whole(
    server: Server, tmp_path: Path
) -> None:
    address = "https://example.com/" + "0123456789" * 12
    with (
        server.signed_in("kim") as kim,
        open_terminal(tmp_path, server.port, "-n", "lea") as terminal,
    ):
        sees_prompt(terminal)
        kim.say("lea", f"look at {address} 👩‍👩‍👧")
        terminal.expect(f"look at {address} ")
        terminal.expect("👩‍👩‍👧")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_ctrl_c_leaves_politely(script: ScriptedServer, tmp_path: Path) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        terminal.type(CTRL_C)
        assert peer.wait_for(lambda found: found["action"] == "quit")
        assert terminal.wait() == INTERRUPTED


def test_ctrl_c_throws_a_line_away_and_gives_a_question_up(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome(keeps_history=True)
        sees_prompt(terminal)
        terminal.type(f"@bob half a te{CTRL_C}")
        terminal.enter("@bob hi")
        (message,) = answer_messages(peer, 1)
        assert message["message"] == "hi"
        for question in ("to whom?", "what?"):
            terminal.enter("1")
            if question == "what?":
                terminal.enter("bob")
            terminal.expect(question)
            terminal.type(CTRL_C)
            terminal.expect("nothing done")
        terminal.enter("register")
        terminal.expect("password for alice:")
        terminal.type(CTRL_C)
        terminal.expect("nothing done")
        terminal.type(CTRL_C)
        assert terminal.wait() == INTERRUPTED


def test_alt_enter_begins_a_row_and_enter_sends_them_all(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        terminal.enter(f"@bob one{ALT_ENTER}two{ALT_ENTER}three")
        (message,) = answer_messages(peer, 1)
        assert message["message"] == "one\ntwo\nthree"
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_no_terminal_is_asked_where_its_cursor_is(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port) as terminal:
        terminal.expect("your name:")
        terminal.enter("alice")
        script.welcome(keeps_history=True)
        sees_prompt(terminal)
        terminal.enter("register")
        terminal.expect("password for alice:")
        terminal.type(CTRL_C + CTRL_C)
        assert terminal.wait() == INTERRUPTED
        assert WHERE_IS_THE_CURSOR not in terminal.painted


def test_ctrl_c_leaves_while_there_is_no_server(tmp_path: Path) -> None:
    with ScriptedServer() as gone:
        port = gone.port
    with open_terminal(tmp_path, port, "-n", "alice") as terminal:
        terminal.expect("no server answers")
        terminal.expect("trying again")
        terminal.expect("connecting")
        terminal.type(CTRL_C)
        assert terminal.wait() == INTERRUPTED


def test_a_server_that_comes_late_is_found(tmp_path: Path) -> None:
    with ScriptedServer() as gone:
        port = gone.port
    with open_terminal(tmp_path, port, "-n", "alice") as terminal:
        terminal.expect("trying again")
        with ScriptedServer(port) as script:
            script.welcome()
            sees_prompt(terminal)
            terminal.enter("exit")
            assert terminal.wait() == DONE


def test_the_end_of_the_terminal_leaves_politely(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        terminal.process.send_signal(signal.SIGHUP)
        assert peer.wait_for(lambda found: found["action"] == "quit")
        assert terminal.wait() == INTERRUPTED


def test_a_taken_name_is_said_and_another_asked_for(
    server: Server, tmp_path: Path
) -> None:
    with (
        server.signed_in("eva"),
        open_terminal(tmp_path, server.port, "-n", "eva") as terminal,
    ):
        terminal.expect("'eva' is in use")
        terminal.expect("another name:")
        terminal.enter("e v a")
        terminal.expect("only letters")
        terminal.expect("another name:")
        terminal.enter("eva2")
        terminal.expect("signed in as eva2")
        terminal.expect(LAST_LINE_OF_HELP)
        terminal.expect("\n>")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_without_a_name_it_asks(server: Server, tmp_path: Path) -> None:
    with open_terminal(tmp_path, server.port) as terminal:
        terminal.expect("your name:")
        terminal.enter("")
        terminal.expect("your name:")
        terminal.enter("fay")
        terminal.expect("signed in as fay")
        terminal.expect(LAST_LINE_OF_HELP)
        terminal.expect("\n>")
        terminal.type(CTRL_D)
        assert terminal.wait() == DONE


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, INTERRUPTED), (CTRL_D, DONE)])
def test_who_gives_no_name_leaves(tmp_path: Path, key: str, code: int) -> None:
    with open_terminal(tmp_path, 1) as terminal:
        terminal.expect("your name:")
        terminal.type(key)
        assert terminal.wait() == code


def test_what_is_typed_while_the_server_is_away_is_sent_later(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        peer.sock.close()
        terminal.expect("is lost; trying again")
        terminal.enter("@bob later")
        terminal.expect("later … waits")
        back = script.welcome()
        terminal.expect("sending 1 message that waited")
        (message,) = answer_messages(back, 1)
        assert message["message"] == "later"
        terminal.expect("✓ sent to bob")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_what_is_unsent_waits_for_the_next_start(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        script.sock.close()
        peer.sock.close()
        terminal.expect("trying again")
        terminal.enter("@bob lost")
        terminal.expect("lost … waits")
        terminal.enter("exit")
        terminal.expect("1 message waits to be sent when you are here next as alice")
        assert terminal.wait() == TIMED_OUT
    with (
        ScriptedServer(script.port) as again,
        open_terminal(tmp_path, again.port, "-n", "alice") as terminal,
    ):
        assert answer_messages(again.welcome(), 1)[0]["message"] == "lost"
        terminal.expect("sent to bob")


def test_who_is_not_a_server_ends_it(script: ScriptedServer, tmp_path: Path) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        peer.send_bytes(b"nonsense\n")
        terminal.expect("not JIM")
        assert terminal.wait() == PROTOCOL


def test_names_and_commands_are_completed(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        users = peer.wait_for(lambda found: found["action"] == "get_users")
        people = [{"account_name": "barbara"}]
        peer.send_bytes(line(response=202, id=users["id"], data_list=people))
        peer.send_bytes(
            line(action="join", time=0, room="#r", user={"account_name": "zed"})
        )
        # By now the list before it has been read too.
        terminal.expect("zed joined #r")
        terminal.type(f"@bar{TAB}")
        terminal.expect("@barbara")
        terminal.enter(" hi")
        (message,) = answer_messages(peer, 1)
        assert (message["to"], message["message"]) == ("barbara", "hi")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_what_was_typed_is_remembered_at_the_next_start(
    server: Server, tmp_path: Path
) -> None:
    for keys, prompt in (("/to somebody", "\n>"), (UP + UP, "\nyou → somebody>")):
        with open_terminal(tmp_path, server.port, "-n", "gus") as terminal:
            terminal.expect("signed in as")
            terminal.expect(prompt)
            terminal.enter(keys)
            terminal.expect("to somebody")
            terminal.expect("plain lines go to somebody")
            terminal.enter("/exit")
            assert terminal.wait() == DONE


def test_who_comes_back_is_where_they_were_and_need_not_say_who_they_are(
    server: Server, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, server.port) as terminal:
        terminal.expect("your name:")
        terminal.enter("bea")
        sees_prompt(terminal)
        terminal.enter("join #den")
        terminal.expect("plain lines go to #den")
        terminal.enter("hello")
        terminal.expect("you → #den: hello")
        terminal.enter("/quit")
        assert terminal.wait() == DONE
    # Neither server nor name are said any more.
    with open_terminal(tmp_path, None) as terminal:
        terminal.expect("signed in as bea")
        terminal.expect("plain lines go to #den; /help lists the commands")
        terminal.expect("\nyou → #den>")
        assert "help GROUP" not in terminal.painted
        terminal.enter("/leave")
        terminal.expect("you left #den")
        terminal.expect("plain lines go to nobody")
        terminal.enter("hello")
        terminal.expect("say to whom")
        terminal.enter("3")
        assert terminal.wait() == DONE


def test_a_very_long_line_is_refused_and_the_talk_goes_on(
    server: Server, tmp_path: Path
) -> None:
    with (
        server.signed_in("hal") as hal,
        open_terminal(tmp_path, server.port, "-n", "ida") as terminal,
    ):
        sees_prompt(terminal)
        pasted = "@hal " + "я" * 10_000
        terminal.type(f"\x1b[200~{pasted}\x1b[201~\r")
        terminal.expect("longer than the limit of 16,384 bytes")
        terminal.enter("@hal short")
        assert hal.receive()["message"] == "short"
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_no_color_is_obeyed(server: Server, tmp_path: Path) -> None:
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with open_terminal(tmp_path, server.port, "-n", "jon", **variables) as terminal:
            sees_prompt(terminal)
            terminal.enter("@nobody hi")
            terminal.expect("not sent")
            assert ("\x1b[31m✗" in terminal.painted) is coloured
            terminal.enter("exit")
            assert terminal.wait() == DONE


@pytest.mark.parametrize(
    ("name", "flags", "variables"),
    [("leo", ("--plain",), {}), ("lou", (), {"TERM": "dumb"})],
)
def test_plain_on_a_terminal_only_ever_appends(
    server: Server,
    tmp_path: Path,
    name: str,
    flags: tuple[str, ...],
    variables: dict[str, str],
) -> None:
    with server.signed_in(f"kim-{name}") as kim:
        with open_terminal(tmp_path, server.port, *flags, **variables) as terminal:
            terminal.expect("your name:")
            terminal.enter(f"kim-{name}")
            terminal.expect("in use")
            terminal.expect("another name:")
            terminal.enter(name)
            terminal.expect(LAST_LINE_OF_HELP)
            terminal.enter("1")
            terminal.expect("to whom?")
            terminal.enter(f"kim-{name}")
            terminal.expect("what?")
            terminal.enter("hello")
            terminal.expect(f"✓ sent to kim-{name}")
            kim.say(name, "hi\x1b[2J")
            terminal.expect(f"kim-{name}: hi\\x1b[2J")
            terminal.type(CTRL_D)
            assert terminal.wait() == DONE
        assert "\x1b" not in terminal.painted
        assert "\r\r" not in terminal.painted


def test_ctrl_c_leaves_a_plain_terminal_too(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice", "--plain") as terminal:
        peer = script.welcome()
        terminal.expect(LAST_LINE_OF_HELP)
        terminal.type(CTRL_C)
        assert peer.wait_for(lambda found: found["action"] == "quit")
        assert terminal.wait() == INTERRUPTED


def test_who_comes_back_sees_what_was_missed_and_what_is_unread(
    server: Server, tmp_path: Path
) -> None:
    with server.signed_in("ned") as ned:
        for texts in ([], ["раз", "два"]):
            for text in texts:
                ned.say("olga", text)
            with open_terminal(tmp_path, server.port, "-n", "olga") as terminal:
                # The help may come before what was missed, or behind it.
                if texts:
                    terminal.expect("ned: раз")
                    terminal.expect("ned: два")
                    terminal.expect("2 missed messages; unread: ned 2")
                else:
                    sees_prompt(terminal)
                terminal.enter("exit")
                assert terminal.wait() == DONE
        # What was looked at, as a key showed, is read.
        read = ned.wait_for(lambda found: found.get("action") == "read")
        assert (read["from"], read["with"]) == ("olga", "ned")
        with open_terminal(tmp_path, server.port, "-n", "olga") as terminal:
            sees_prompt(terminal)
            terminal.enter("conversations")
            terminal.expect("1 conversation:")
            terminal.enter("unread")
            terminal.expect("nothing is unread")
            terminal.enter("exit")
            assert terminal.wait() == DONE
            assert "missed" not in terminal.painted


def test_others_are_not_told_what_is_read_where_that_is_switched_off(
    script: ScriptedServer, tmp_path: Path
) -> None:
    for flags, private in (((), False), (("--no-tell-read",), True)):
        with open_terminal(tmp_path, script.port, "-n", "alice", *flags) as terminal:
            peer = script.welcome(keeps_history=True)
            sees_prompt(terminal)
            caught_up = {"alert": "caught up", "last_id": 6}
            peer.send_bytes(line(response=100, **caught_up))
            asked = peer.wait_for(lambda found: found["action"] == "conversations")
            peer.send_bytes(line(response=202, id=asked["id"], data_list=[]))
            message = {"to": "alice", "from": "bob", "encoding": "utf-8"}
            number = 7 + private
            peer.send_bytes(
                line(action="msg", time=0, message="hi", message_id=number, **message)
            )
            terminal.expect("bob: hi")
            terminal.type(" ")
            read = peer.wait_for(lambda found: found["action"] == "read")
            assert (read["with"], read["message_id"]) == ("bob", number)
            assert read.get("private", False) is private
            terminal.enter("exit")
            assert terminal.wait() == DONE


def deliver(peer: Peer, *ids: int) -> None:
    """Send messages of bob's."""
    message = {"to": "alice", "from": "bob", "encoding": "utf-8", "time": 0}
    for number in ids:
        text = f"number {number}"
        peer.send_bytes(line(action="msg", message=text, message_id=number, **message))


def actions_until_quit(peer: Peer) -> list[tuple[str, int]]:
    """Return what is told to be read before the goodbye, which tells all that was."""
    told = []
    while (found := peer.receive())["action"] != "quit":
        if found["action"] == "read":
            told.append((found["with"], found["message_id"]))
    return told


#: The messages that come, what is pressed then, and up to which one it is read.
LOOKS = [
    ([7], "", 0),
    ([7], " ", 7),
    ([7], FOCUS_IN, 7),
    ([7], FOCUS_OUT, 0),
    ([*range(1, 61)], " ", 0),
    ([*range(1, 61)], "@bob hi\r", 60),
    ([*range(1, 20)], " ", 19),
]


@pytest.mark.parametrize(("ids", "keys", "read"), LOOKS)
def test_read_is_what_somebody_has_looked_at(
    script: ScriptedServer, tmp_path: Path, ids: list[int], keys: str, read: int
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome(keeps_history=True)
        sees_prompt(terminal)
        peer.send_bytes(line(response=100, alert="caught up", last_id=0))
        asked = peer.wait_for(lambda found: found["action"] == "conversations")
        peer.send_bytes(line(response=202, id=asked["id"], data_list=[]))
        deliver(peer, *ids)
        terminal.expect(f"number {ids[-1]}")
        terminal.type(keys)
        if read:
            told = peer.wait_for(lambda found: found["action"] == "read")
            assert (told["with"], told["message_id"]) == ("bob", read)
        elif keys == " ":
            # What is painted shows that the keys were taken.
            terminal.type("mark")
            terminal.expect("mark")
        terminal.process.send_signal(signal.SIGHUP)
        assert actions_until_quit(peer) == []
        assert terminal.wait() == INTERRUPTED


@pytest.mark.parametrize("typed", [False, True])
def test_what_a_plain_terminal_said_is_read_by_who_types_the_next_line(
    script: ScriptedServer, tmp_path: Path, typed: bool
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice", "--plain") as terminal:
        peer = script.welcome(keeps_history=True)
        terminal.expect_greeting()
        peer.send_bytes(line(response=100, alert="caught up", last_id=0))
        asked = peer.wait_for(lambda found: found["action"] == "conversations")
        peer.send_bytes(line(response=202, id=asked["id"], data_list=[]))
        deliver(peer, 7)
        terminal.expect("number 7")
        if typed:
            terminal.enter("bell")
            terminal.expect("the bell rings")
        terminal.process.send_signal(signal.SIGHUP)
        assert actions_until_quit(peer) == ([("bob", 7)] if typed else [])
        assert terminal.wait() == INTERRUPTED


def test_while_the_terminal_has_the_focus_all_is_looked_at(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome(keeps_history=True)
        sees_prompt(terminal)
        assert "\x1b[?1004h" in terminal.painted
        peer.send_bytes(line(response=100, alert="caught up", last_id=0))
        asked = peer.wait_for(lambda found: found["action"] == "conversations")
        peer.send_bytes(line(response=202, id=asked["id"], data_list=[]))
        terminal.type(FOCUS_IN)
        for number in (7, 8):
            deliver(peer, number)
            read = peer.wait_for(lambda found: found["action"] == "read")
            assert read["message_id"] == number
        terminal.type(FOCUS_OUT)
        # Neither report is typed into the line.
        terminal.enter("@bob hi")
        (message,) = answer_messages(peer, 1)
        assert message["message"] == "hi"
        deliver(peer, 9)
        terminal.expect("number 9")
        terminal.process.send_signal(signal.SIGHUP)
        assert actions_until_quit(peer) == []
        assert terminal.wait() == INTERRUPTED
        assert "\x1b[?1004l" in terminal.painted


def test_what_becomes_of_a_message_is_marked(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        for text, code, mark in (
            ("one", 200, "✓"),
            ("two", 202, "✓ away"),
        ):
            terminal.enter(f"@bob {text}")
            terminal.expect(f"you → bob: {text}")
            message = peer.wait_for(lambda found: found["action"] == "msg")
            peer.send_bytes(line(response=code, id=message["id"], message_id=code))
            # Only what is other than it was is painted, on the row of the message.
            assert terminal.expect(mark).count("\n") <= 1
        receipt = {"time": 0, "from": "bob", "with": "alice", "message_id": 202}
        peer.send_bytes(line(action="delivered", **receipt))
        terminal.expect("✓")
        assert "delivered" not in terminal.painted
        peer.send_bytes(line(action="read", **receipt))
        terminal.expect("read")
        # From then on the rows are printed, and nothing changes them.
        deliver(peer, 203)
        terminal.expect("you → bob: one ✓✓ read")
        terminal.expect("you → bob: two ✓✓ read")
        terminal.expect("bob: number 203")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_what_becomes_of_a_message_further_up_is_said_once(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, script.port, "-n", "alice") as terminal:
        peer = script.welcome()
        sees_prompt(terminal)
        terminal.enter("@bob hi bob")
        terminal.expect("you → bob: hi bob")
        message = peer.wait_for(lambda found: found["action"] == "msg")
        deliver(peer, 7)
        terminal.expect("bob: number 7")
        peer.send_bytes(line(response=200, id=message["id"], message_id=8))
        terminal.expect("✓ sent to bob: hi bob")
        receipt = {"time": 0, "from": "bob", "with": "alice", "message_id": 8}
        peer.send_bytes(line(action="read", **receipt))
        terminal.expect("✓✓ read by bob: hi bob")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_a_name_has_its_colour_and_ours_is_marked(
    script: ScriptedServer, tmp_path: Path
) -> None:
    for variables in ({}, {"NO_COLOR": "1"}):
        with open_terminal(
            tmp_path, script.port, "-n", "alice", **variables
        ) as terminal:
            peer = script.welcome()
            sees_prompt(terminal)
            for sender in ("bob", "carol"):
                peer.send_bytes(
                    line(
                        action="msg",
                        time=0,
                        to="#all",
                        encoding="utf-8",
                        message=f"hi Alice, says {sender}",
                        **{"from": sender},
                    )
                )
                terminal.expect(f"says {sender}")
            colours = re.findall(
                r"\x1b\[1m\x1b\[([0-9]+)m(bob|carol)\x1b\[0m", terminal.painted
            )
            marked = "\x1b[7mAlice\x1b[0m" in terminal.painted
            assert marked is (not variables)
            assert [name for _, name in colours] == (
                [] if variables else ["bob", "carol"]
            )
            assert len({code for code, _ in colours}) == len(colours)
            terminal.enter("exit")
            assert terminal.wait() == DONE


def test_history_is_paged_and_searched_without_regard_to_case(
    server: Server, tmp_path: Path
) -> None:
    with (
        server.signed_in("pia") as pia,
        open_terminal(tmp_path, server.port, "-n", "quin") as terminal,
    ):
        sees_prompt(terminal)
        for number in range(5):
            pia.say("quin", f"номер {number}")
            terminal.expect(f"номер {number}")
        terminal.enter("history pia 2")
        terminal.expect("pia, 2 messages:")
        terminal.expect("— today —")
        terminal.expect("pia: номер 3")
        terminal.expect("pia: номер 4")
        terminal.expect("more shows what came before")
        terminal.enter("more")
        terminal.expect("pia: номер 1")
        terminal.expect("pia: номер 2")
        terminal.enter("search Номер 4")
        terminal.expect("1 message with Номер 4:")
        terminal.expect("pia: номер 4")
        terminal.enter("exit")
        assert terminal.wait() == DONE


def test_without_a_server_one_reads_and_writes_and_it_is_sent_at_the_next_start(
    server: Server, tmp_path: Path
) -> None:
    with ScriptedServer() as gone:
        port = gone.port
    # A server with TLS would have to prove at the next start that it is the same.
    with run_server("-p", str(port), "--tls", "off"), Peer(port) as ray:
        ray.sign_in("ray")
        with open_terminal(tmp_path, port, "-n", "sue") as terminal:
            sees_prompt(terminal)
            ray.say("sue", "до завтра")
            terminal.expect("ray: до завтра")
            terminal.enter("exit")
            assert terminal.wait() == DONE
    with open_terminal(tmp_path, port, "-n", "sue") as terminal:
        terminal.expect("no server answers")
        sees_help(terminal)
        terminal.enter("history ray")
        terminal.expect("kept on this device:")
        terminal.expect("ray: до завтра")
        terminal.enter("search Завтра")
        terminal.expect("ray: до завтра")
        terminal.enter("@ray until then")
        terminal.expect("until then … waits")
        terminal.enter("exit")
        terminal.expect("1 message waits to be sent")
        assert terminal.wait() == TIMED_OUT
    with (
        ScriptedServer(port) as script,
        open_terminal(tmp_path, port, "-n", "sue") as terminal,
    ):
        peer = script.welcome()
        # Before the answer: what comes first on the screen is not ours to say.
        sees_help(terminal)
        (message,) = answer_messages(peer, 1)
        assert (message["to"], message["message"]) == ("ray", "until then")
        terminal.expect("✓ sent to ray")
        terminal.enter("exit")
        assert terminal.wait() == DONE
