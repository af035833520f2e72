"""The text door: signing in, messages and their answers, lines with no newline."""

import pytest

from common.limits import Limits
from common.names import ALL, Secret
from errors import (
    BadRequest,
    NameRegistered,
    NameTaken,
    NotAllowed,
    NotSignedIn,
    RequestError,
    Sanctioned,
    TooLong,
    TooSoon,
    WrongPassword,
)
from server.dialects.text import TextDialect
from server.dialects.text_steps import Ask
from server.events import (
    Accepted,
    Aside,
    Authenticate,
    CaughtUp,
    Event,
    Faulty,
    Refused,
    Said,
    SignIn,
)
from unit_tests.server.dialects.feeding import (
    NOW,
    WALL,
    comparable,
    sent,
    talking,
    welcome,
)
from unit_tests.server.dialects.texting import (
    ENTRANCE,
    THEN,
    answered,
    entering,
    heard,
    recent,
    row,
    said,
    stamp,
)


def test_who_connects_is_greeted_with_the_words_that_clients_wait_for() -> None:
    greeting = TextDialect(Limits()).greeting(NOW, WALL)
    assert greeting == b"Wellcome! Please enter your nickname\n"


def test_a_nickname_signs_in_and_asks_for_the_last_messages() -> None:
    dialect = TextDialect(Limits())
    events = dialect.receive_data("алиса\r\n".encode())
    assert events == [SignIn("алиса", request=Ask.SIGN_IN), *ENTRANCE]


@pytest.mark.parametrize("name", ["", " ", "al ice", "al_ice", "a-b", "😀", "#all"])
def test_a_nickname_of_other_than_letters_and_numbers_is_refused(name: str) -> None:
    dialect = TextDialect(Limits())
    assert answered(dialect, name) == [
        "Your nickname must contain only letters and numbers, at least one character. "
        f'"{name}" is an incorrect nickname.'
    ]
    assert dialect.receive_data(b"alice\n")[0] == SignIn("alice", request=Ask.SIGN_IN)


def test_a_nickname_cant_drive_the_terminal_that_it_is_quoted_to() -> None:
    (line,) = answered(TextDialect(Limits()), "\x1b[31m")
    assert '"\\x1b[31m" is an incorrect nickname.' in line


def test_a_taken_nickname_is_busy_and_one_may_try_again() -> None:
    dialect = entering()
    told = heard(
        dialect,
        Refused(NameTaken("alice"), Ask.SIGN_IN),
        Refused(NotSignedIn(), Ask.RECENT),
    )
    assert told == ['"alice" is already busy.']
    events = dialect.receive_data(b"bob\n")
    assert events == [SignIn("bob", request=Ask.SIGN_IN), *ENTRANCE]


def test_who_is_banned_is_told_so_and_may_try_another_name() -> None:
    dialect = entering()
    error = Sanctioned("ban", "this server", "bob", reason="\x1b")
    (line,) = heard(dialect, Refused(error, Ask.SIGN_IN))
    assert line == ("Sorry! you are banned from this server for good, by bob: \\x1b")
    assert dialect.receive_data(b"carol\n")[0] == SignIn("carol", request=Ask.SIGN_IN)


def test_an_account_is_asked_for_its_password() -> None:
    dialect = entering()
    refusal = Refused(NameRegistered("alice"), Ask.SIGN_IN)
    (line,) = heard(dialect, refusal)
    assert "password" in line
    assert dialect.receive_data(b" s3cret \n") == [
        Authenticate("alice", password=Secret(" s3cret "), request=Ask.PASSWORD),
        *ENTRANCE,
    ]
    assert heard(dialect, welcome(), CaughtUp(0)) == ["Server: ok!"]


def test_where_others_can_read_it_no_password_is_asked_for() -> None:
    dialect = entering()
    error = NameRegistered("alice", takes_password=False)
    (line,) = heard(dialect, Refused(error, Ask.SIGN_IN))
    assert line.startswith("Sorry! the name 'alice' is registered")
    assert dialect.receive_data(b"bob\n")[0] == SignIn("bob", request=Ask.SIGN_IN)


@pytest.mark.parametrize("error", [WrongPassword(), TooSoon("too many guesses", 3)])
def test_after_a_wrong_password_another_is_taken(error: WrongPassword) -> None:
    dialect = entering()
    heard(dialect, Refused(NameRegistered("alice"), Ask.SIGN_IN))
    dialect.receive_data(b"wrong\n")
    (line,) = heard(dialect, Refused(error, Ask.PASSWORD))
    assert line.startswith(f"Sorry! {error}")
    assert isinstance(dialect.receive_data(b"right\n")[0], Authenticate)


def test_an_empty_password_leads_back_to_the_nickname() -> None:
    dialect = entering()
    heard(dialect, Refused(NameRegistered("alice"), Ask.SIGN_IN))
    answered(dialect, "")
    assert dialect.receive_data(b"bob\n")[0] == SignIn("bob", request=Ask.SIGN_IN)


def test_who_may_not_say_a_password_here_is_back_at_the_nickname() -> None:
    dialect = entering()
    heard(dialect, Refused(NameRegistered("alice"), Ask.SIGN_IN))
    dialect.receive_data(b"right\n")
    assert heard(dialect, Refused(NotAllowed("no"), Ask.PASSWORD)) == ["Sorry! no"]
    assert dialect.receive_data(b"bob\n")[0] == SignIn("bob", request=Ask.SIGN_IN)


def test_lines_behind_a_nickname_wait_for_its_answer() -> None:
    dialect = TextDialect(Limits())
    assert len(dialect.receive_data(b"alice\nhello\nbob\n")) == 3
    assert dialect.has_unread
    assert list(dialect.receive_data(b"")) == []
    heard(dialect, welcome(), CaughtUp(0), recent())
    assert dialect.receive_data(b"") == [Said(ALL, ["hello", "bob"])]
    assert not dialect.has_unread


def test_the_line_behind_a_refused_nickname_is_the_next_nickname() -> None:
    dialect = TextDialect(Limits())
    dialect.receive_data(b"alice\nbob\n")
    heard(dialect, Refused(NameTaken("alice"), Ask.SIGN_IN))
    assert dialect.receive_data(b"")[0] == SignIn("bob", request=Ask.SIGN_IN)


@pytest.mark.parametrize("refusal", ["grammar", "taken", "no password here", "banned"])
def test_a_name_that_was_not_the_first_line_is_told_to_its_owner(refusal: str) -> None:
    dialect = TextDialect(Limits())
    if refusal == "grammar":
        dialect.receive_data(b"the backup of tonight\n")
    else:
        dialect.receive_data(b"backup\n")
        errors: dict[str, RequestError] = {
            "taken": NameTaken("backup"),
            "no password here": NameRegistered("backup", takes_password=False),
            "banned": Sanctioned("ban", "this server", "bob"),
        }
        heard(dialect, Refused(errors[refusal], Ask.SIGN_IN))
    dialect.receive_data(b"done\n")
    assert heard(dialect, welcome("done"), CaughtUp(0), recent()) == [
        "Server: ok!",
        "Server: you are done here",
    ]


def test_people_have_more_time_to_sign_in() -> None:
    assert TextDialect(Limits()).sign_in_seconds == 120


def test_who_has_to_speak_first_has_it_once_a_line_is_whole() -> None:
    dialect = TextDialect(Limits(), speaks_first=False)
    for piece in (b"a", b"li", b"ce"):
        dialect.receive_data(piece)
        assert dialect.sign_in_seconds is None
    dialect.receive_data(b"\nand mo")
    assert dialect.sign_in_seconds == 120


def test_lines_travel_together() -> None:
    assert talking().receive_data("one\nдва\n three\n".encode()) == [
        Said(ALL, ["one", "два", " three"])
    ]


def test_the_sender_hears_that_it_is_stored() -> None:
    dialect = talking()
    dialect.receive_data(b"one\ntwo\n")
    assert heard(dialect, Accepted(None, 1, 2, readers=3)) == [
        "Server: ok!",
        "YOU SEND USERS one",
        "Server: ok!",
        "YOU SEND USERS two",
    ]


def test_who_is_alone_is_told_so() -> None:
    dialect = talking()
    dialect.receive_data(b"one\n")
    assert heard(dialect, Accepted(None, 1, 1)) == ["Server: there are no other users!"]


def test_an_empty_line_is_nothing_and_answered_in_its_place() -> None:
    events = talking().receive_data(b"one\n\n \ntwo\n")
    nothing = Aside("Sorry! You send nothing.")
    assert events == [Said(ALL, ["one"]), nothing, nothing, Said(ALL, ["two"])]


def test_each_refused_message_is_told_why_and_the_next_answer_fits_the_next() -> None:
    dialect = talking()
    dialect.receive_data(b"one\ntwo\nthree\n")
    told = heard(
        dialect,
        Accepted(None, 1, 1, readers=1),
        Refused(NotAllowed("you are muted\n")),
        Accepted(None, 2, 1, readers=1),
    )
    assert told == [
        "Server: ok!",
        "YOU SEND USERS one",
        "Sorry! you are muted\\n",
        "Server: ok!",
        "YOU SEND USERS three",
    ]


def test_a_line_past_the_limit_is_refused_whole() -> None:
    dialect = talking(text_bytes=8)
    one, fault, two = dialect.receive_data("one\nдлинная\ntwo\n".encode())
    assert (one, two) == (Said(ALL, ["one"]), Said(ALL, ["two"]))
    assert isinstance(fault, Faulty)
    assert isinstance(fault.error, TooLong)
    assert heard(dialect, Refused(fault.error, fault.request)) == [
        "Sorry! the line is longer than the limit of 8 bytes"
    ]
    assert len(dialect._dialog.unanswered) == 2


def test_a_line_that_is_no_utf_8_is_refused_and_never_mangled() -> None:
    dialect = talking()
    (fault,) = dialect.receive_data("привет\n".encode("cp1251"))
    assert isinstance(fault, Faulty)
    assert isinstance(fault.error, BadRequest)
    (line,) = heard(dialect, Refused(fault.error, fault.request))
    assert line.startswith("Sorry! the line is not UTF-8")


def test_what_has_come_is_a_line_when_nothing_follows() -> None:
    dialect = TextDialect(Limits())
    assert list(dialect.receive_data(b"alice")) == []
    assert (dialect.silence_ends, dialect.has_unread) == (0.1, False)
    assert dialect.receive_silence() == [
        SignIn("alice", request=Ask.SIGN_IN),
        *ENTRANCE,
    ]
    assert (dialect.silence_ends, dialect.has_unread) == (None, False)
    dialect.send([welcome(), CaughtUp(0), recent()], NOW, WALL)
    assert list(dialect.receive_data(b"hel")) == []
    assert list(dialect.receive_data(b"lo")) == []
    assert dialect.receive_silence() == [Said(ALL, ["hello"])]
    assert list(dialect.receive_silence()) == []


def test_silence_completes_nothing_while_an_answer_is_waited_for() -> None:
    dialect = TextDialect(Limits())
    dialect.receive_data(b"alice\nhello")
    assert dialect.silence_ends == 0.1
    assert list(dialect.receive_silence()) == []
    assert dialect.has_unread
    dialect.send([welcome(), CaughtUp(0), recent()], NOW, WALL)
    assert dialect.receive_data(b"") == [Said(ALL, ["hello"])]


def test_on_the_main_port_the_first_line_needs_its_newline() -> None:
    dialect = TextDialect(Limits(), speaks_first=False)
    dialect.receive_data(b"ali")
    assert [dialect.silence_ends] == [None]
    dialect.receive_data(b"ce\nhe")
    assert [dialect.silence_ends] == [0.1]


def test_on_the_main_port_the_greeting_goes_before_the_first_answer() -> None:
    dialect = TextDialect(Limits(), speaks_first=False)
    dialect.receive_data(b"alice\n")
    assert heard(dialect, welcome(), CaughtUp(0)) == [
        "Wellcome! Please enter your nickname",
        "Server: ok!",
    ]
    assert heard(dialect, recent([row(1)])) == [f"{stamp(THEN)}: bob sent hi"]


def test_who_sends_no_newlines_gets_a_line_at_a_time() -> None:
    dialect = talking(newlines=False)
    while dialect.next_send_at is not None:
        dialect.data_to_send(dialect.next_send_at)
    dialect.receive_data(b"hi")
    dialect.receive_silence()
    told = sent(dialect, [Accepted(None, 7, 1, readers=1), said(8, "yo")])
    assert told.endswith(b": Server: ok!\n")
    assert told.count(b"\n") == 1
    assert [dialect.backlog, dialect.next_send_at] == [2, NOW + 0.02]
    assert dialect.data_to_send(NOW + 0.01) == b""
    assert b"YOU SEND USERS hi" in dialect.data_to_send(NOW + 0.02)
    assert b"bob sent yo" in dialect.data_to_send(NOW + 0.04)
    assert [dialect.backlog, dialect.next_send_at] == [0, None]
    assert dialect.written_id == 8


def test_the_last_line_needs_no_newline() -> None:
    dialect = talking()
    dialect.receive_data(b"one\ntwo")
    assert dialect.receive_eof() == [Said(ALL, ["two"])]
    assert list(dialect.receive_eof()) == []


def test_the_last_line_does_not_wait_for_an_answer() -> None:
    dialect = TextDialect(Limits())
    dialect.receive_data(b"alice\nhello")
    assert dialect.receive_eof() == [Said(ALL, ["hello"])]
    dialect = talking()
    dialect.receive_data(b"JOIN #r\nhello")
    assert dialect.receive_eof() == [Said("#r", ["hello"])]


@pytest.mark.parametrize("half", [b"alice", b"", b"\xff\xfb"])
def test_who_leaves_with_half_a_nickname_has_asked_for_nothing(half: bytes) -> None:
    dialect = TextDialect(Limits())
    dialect.receive_data(half)
    assert list(dialect.receive_eof()) == []


def test_of_many_lines_a_part_is_read_in_each_turn() -> None:
    dialect = talking()
    (first,) = dialect.receive_data(b"x\n" * 1500)
    assert isinstance(first, Said)
    assert len(first.texts) == 1024
    assert dialect.has_unread
    (rest,) = dialect.receive_data(b"")
    assert isinstance(rest, Said)
    assert len(rest.texts) == 476
    assert not dialect.has_unread


STREAM = (
    b"\xff\xfb\x01alice\r\n"
    + "привет\n\nTELL bob hi\nTELL\nbob\nq!\nHISTORY 3\n".encode()
    + b"x" * 99
    + b"\ny\n"
)


def everything(pieces: list[bytes]) -> list[Event]:
    """Return what the pieces of a stream make, each answered before the next."""
    dialect = TextDialect(Limits(text_bytes=64))
    events: list[Event] = []
    for piece in pieces:
        events += dialect.receive_data(piece)
        if dialect.send([welcome(), CaughtUp(0)], NOW, WALL):
            dialect.send([recent()], NOW, WALL)
        while dialect.has_unread:
            events += dialect.receive_data(b"")
    # What telnet asked for is answered behind each read, so that depends on the cuts.
    answers = [one for one in events if one == Aside(b"\xff\xfe\x01")]
    assert len(answers) == 1
    return comparable(one for one in events if one not in answers)


def test_it_makes_no_difference_how_the_bytes_were_cut() -> None:
    whole = everything([STREAM])
    assert len(whole) == 12
    for place in range(len(STREAM)):
        assert everything([STREAM[:place], STREAM[place:]]) == whole
    assert everything([STREAM[at : at + 1] for at in range(len(STREAM))]) == whole
