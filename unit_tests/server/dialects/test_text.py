"""The text door: its sentences word for word, its dialogs, and what is told to many."""

import re
import time
from collections.abc import Iterable

import pytest

from common.limits import Limits
from common.names import ALL, Name, RoomName, Secret
from errors import (
    BadRequest,
    NameRegistered,
    NameTaken,
    NotAllowed,
    NotSignedIn,
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
    AskHistory,
    Authenticate,
    CaughtUp,
    Delivery,
    Done,
    Event,
    Faulty,
    Goodbye,
    HearEverybody,
    JoinRoom,
    KeptMessage,
    LeaveRoom,
    ListUsers,
    MessageList,
    Movement,
    Notice,
    Outgoing,
    PresenceTold,
    Quitting,
    Refused,
    RoomChanged,
    Ruling,
    Said,
    SignIn,
    UserEntry,
    UserList,
)
from unit_tests.server.dialects.feeding import (
    NOW,
    WALL,
    comparable,
    talking,
    welcome,
)

ALICE, BOB, ROOM = Name("alice"), Name("bob"), RoomName("#r")
THEN = WALL - 3600
ENTRANCE: list[Event] = [
    HearEverybody(),
    AskHistory(ALL, limit=50, request=Ask.RECENT),
]


def stamp(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))


def heard(dialect: TextDialect, *events: Outgoing) -> list[str]:
    """Return the lines that a dialect makes of events, without the time of now."""
    data = dialect.send(events, NOW, WALL)
    assert not data or data.endswith(b"\n")
    now = f"{stamp(WALL)}: "
    return [line.removeprefix(now) for line in data.decode().split("\n")[:-1]]


def answered(dialect: TextDialect, line: str) -> list[str]:
    """Return what the dialect itself answers to a line."""
    events = list(dialect.receive_data(line.encode() + b"\n"))
    assert all(isinstance(event, Aside) for event in events)
    return heard(dialect, *(one for one in events if isinstance(one, Aside)))


def entering(name: str = "alice", **options: bool) -> TextDialect:
    """Return a dialect whose sign-in is to be answered."""
    dialect = TextDialect(Limits(), **options)
    dialect.receive_data(name.encode() + b"\n")
    return dialect


def row(at: int, text: str = "hi", to: str = ALL, sender: Name = BOB) -> KeptMessage:
    return KeptMessage(at, THEN, sender, Name(to), text)


def said(at: int, *texts: str, to: str = ALL, sender: Name = BOB) -> Delivery:
    return Delivery(sender, Name(to), list(texts), at, time=WALL)


def recent(rows: Iterable[KeptMessage] = ()) -> MessageList:
    return MessageList(list(rows), False, request=Ask.RECENT)


def here(*names: str) -> list[UserEntry]:
    return [UserEntry(Name(name), "", True, True) for name in names]


# ------------------------------------------------------------------- signing in


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
    assert heard(dialect, welcome()) == ["Server: ok!"]


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
    heard(dialect, welcome(), recent())
    assert dialect.receive_data(b"") == [Said(ALL, ["hello", "bob"])]
    assert not dialect.has_unread


def test_the_line_behind_a_refused_nickname_is_the_next_nickname() -> None:
    dialect = TextDialect(Limits())
    dialect.receive_data(b"alice\nbob\n")
    heard(dialect, Refused(NameTaken("alice"), Ask.SIGN_IN))
    assert dialect.receive_data(b"")[0] == SignIn("bob", request=Ask.SIGN_IN)


def test_people_have_more_time_to_sign_in() -> None:
    assert TextDialect(Limits()).sign_in_seconds == 120


# ---------------------------------------------------------- the last messages


def test_the_last_messages_follow_the_ok_and_what_happened_since_follows_them() -> None:
    dialect = entering()
    assert heard(dialect, welcome(), CaughtUp(3)) == ["Server: ok!"]
    came = PresenceTold(BOB, "", True, False)
    # What is stored at the time of the look-up is in both.
    assert heard(dialect, said(3, "three", "four", "five"), came) == []
    assert heard(dialect, recent([row(1, "one"), row(4, "four")])) == [
        f"{stamp(THEN)}: bob sent one",
        f"{stamp(THEN)}: bob sent four",
        "bob sent five",
        "bob connected!",
    ]
    assert heard(dialect, said(6, "six")) == ["bob sent six"]


def test_a_server_without_history_has_no_last_messages() -> None:
    dialect = entering()
    refusal = Refused(NotAllowed("nothing is kept"), Ask.RECENT)
    assert heard(dialect, welcome(), said(1, "hi"), refusal) == [
        "Server: ok!",
        "bob sent hi",
    ]


def test_what_came_before_the_last_messages_is_told_before_a_goodbye() -> None:
    dialect = entering()
    told = heard(dialect, welcome(), said(1, "hi"), Goodbye(NotAllowed("over")))
    assert told == ["Server: ok!", "bob sent hi", "Sorry! over"]


def test_last_messages_that_take_too_long_are_left_out() -> None:
    dialect = entering()
    heard(dialect, welcome())
    crowd = [said(at, str(at)) for at in range(1, 1002)]
    assert len(heard(dialect, *crowd)) == 1001
    assert heard(dialect, recent([row(1)])) == []


def test_private_words_in_the_range_of_the_last_messages_are_not_left_out() -> None:
    dialect = entering()
    told = heard(
        dialect, welcome(), said(2, "psst", to="alice"), recent([row(1), row(3)])
    )
    assert told[-1] == "[private] bob sent psst"


# -------------------------------------------------------------------- messages


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


def test_others_are_heard_by_name_with_the_time_at_which_it_was_stored() -> None:
    earlier = Delivery(BOB, ALL, ["one", "два"], 1, time=THEN)
    assert heard(talking(), earlier) == [
        f"{stamp(THEN)}: bob sent one",
        f"{stamp(THEN)}: bob sent два",
    ]


def test_every_line_has_the_year_the_day_and_the_minute() -> None:
    data = talking().send([said(1, "hi")], NOW, WALL)
    assert re.fullmatch(rb"\d{4}-\d\d-\d\d \d\d:\d\d: bob sent hi\n", data)


def test_what_is_not_for_everybody_is_marked_in_front() -> None:
    told = heard(
        talking(),
        said(1, "hi", to="#r"),
        said(2, "hi", to="alice"),
        said(3, "hi", to="bob", sender=ALICE),
    )
    assert told == [
        "[#r] bob sent hi",
        "[private] bob sent hi",
        "[private to bob] alice sent hi",
    ]


CONTROLS = [chr(at) for at in (*range(32), 127, *range(128, 160), 0x2028, 0x202E)]


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
def test_nobody_can_fake_a_line_or_drive_a_terminal(character: str) -> None:
    dialect = talking()
    fake = f"a{character}1970-01-01 00:00: carol sent b"
    shown = f"a{ascii(character)[1:-1]}1970-01-01 00:00: carol sent b"
    assert heard(dialect, said(1, fake)) == [f"bob sent {shown}"]
    assert heard(dialect, said(2, fake, to="alice")) == [f"[private] bob sent {shown}"]
    kept = MessageList([row(1, fake)], False, request=Ask.HISTORY)
    assert heard(dialect, kept) == [f"{stamp(THEN)}: bob sent {shown}"]
    assert heard(dialect, Notice(100, fake)) == [f"Server: {shown}"]
    told = heard(dialect, Ruling("kick", BOB, ROOM, ALICE, fake))
    assert told == [f"Server: alice has taken bob out of #r: {shown}"]
    told = heard(dialect, RoomChanged(ROOM, ALICE, topic=fake))
    assert told == [f"Server: alice says what #r is about: {shown}"]


@pytest.mark.parametrize(
    "event",
    [
        said(1, "hi"),
        said(1, "hi", to="#r"),
        PresenceTold(BOB, "", True, False),
        Movement(True, ROOM, BOB),
        Ruling("mute", BOB, None, ALICE),
        RoomChanged(ROOM, ALICE, removed=True),
    ],
)
def test_what_many_get_is_made_once(event: Delivery) -> None:
    first = talking().send([event], NOW, WALL)
    assert event.forms["text"] is first or event.forms["text"] == first
    event.forms["text"] = b"made before\n"
    assert talking().send([event], NOW, WALL) == b"made before\n"


def test_coming_and_going_is_told_and_another_status_is_not() -> None:
    told = heard(
        talking(),
        PresenceTold(BOB, "", True, False),
        PresenceTold(BOB, "busy", True, True, has_moved=False),
        PresenceTold(BOB, "", False, False),
    )
    assert told == ["bob connected!", "bob disconnected!"]


def test_what_moderators_do_is_told() -> None:
    told = heard(
        talking(),
        Movement(False, ROOM, BOB),
        Ruling("ban", BOB, None, ALICE, "spam", THEN),
        Ruling("role", BOB, None, ALICE, role="moderator"),
        RoomChanged(ROOM, ALICE, access="invited"),
        RoomChanged(ROOM, ALICE, access="open"),
        RoomChanged(ROOM, ALICE, removed=True),
    )
    assert told == [
        "[#r] bob left",
        f"Server: alice has banned bob from this server until {stamp(THEN)}: spam",
        "Server: alice has given bob the role moderator",
        "Server: alice has opened #r to those only who are invited",
        "Server: alice has opened #r to everybody",
        "Server: alice has removed the room #r",
    ]


def test_the_last_message_is_known_to_be_written() -> None:
    dialect = talking()
    heard(dialect, said(5, "a", "b"))
    assert dialect.written_id == 6


# ------------------------------------------------------------ words in capitals


def test_help_names_every_word() -> None:
    help_text = " ".join(answered(talking(), "HELP"))
    for word in ("LIST", "TELL", "CHOOSE", "JOIN", "LEAVE", "HISTORY", "QUIT", "q"):
        assert f" {word} " in help_text


@pytest.mark.parametrize("word", ["QUIT", "q", "QUIT \r"])
def test_quit_leaves(word: str) -> None:
    assert talking().receive_data(word.encode() + b"\n") == [Quitting()]


def test_list_says_who_is_here() -> None:
    dialect = talking()
    assert dialect.receive_data(b"LIST\n") == [ListUsers(request=Ask.LIST)]
    entries = here("alice", "bob", "carol")
    entries[1].away, entries[2].online = True, False
    assert heard(dialect, UserList(entries, False, Ask.LIST)) == [
        "Server: 2 here: alice, bob (away)"
    ]


def test_a_long_list_goes_on_with_the_next_one() -> None:
    dialect = talking()
    heard(dialect, UserList(here("alice", "bob"), True, Ask.LIST))
    assert dialect.receive_data(b"LIST\n") == [ListUsers(after="bob", request=Ask.LIST)]
    assert dialect.receive_data(b"LIST\n") == [ListUsers(request=Ask.LIST)]


def test_tell_says_it_to_one() -> None:
    dialect = talking()
    assert dialect.receive_data(b"TELL bob hi  there\n") == [Said("bob", ["hi  there"])]
    assert heard(dialect, Accepted(None, 1, 1, 202)) == [
        "Server: ok!",
        "YOU SEND bob hi  there",
        "Server: bob is away and gets it later",
    ]
    assert dialect.receive_data(b"hi all\n") == [Said(ALL, ["hi all"])]


def test_tell_asks_whom_and_then_what() -> None:
    dialect = talking()
    assert answered(dialect, "TELL") == ["Server: whom? Type a name"]
    assert answered(dialect, "bob") == ["Server: what? Type your message"]
    assert dialect.receive_data(b"QUIT\n") == [Said("bob", ["QUIT"])]
    assert answered(dialect, "TELL bob") == ["Server: what? Type your message"]
    assert dialect.receive_data(b"hi\n") == [Said("bob", ["hi"])]


def test_an_empty_answer_ends_tell() -> None:
    dialect = talking()
    for lines in (["TELL", ""], ["TELL bob", " "]):
        assert answered(dialect, lines[0])
        assert answered(dialect, lines[1]) == ["Sorry! You send nothing."]
        assert dialect.receive_data(b"hi\n") == [Said(ALL, ["hi"])]


def test_another_word_ends_a_question() -> None:
    dialect = talking()
    answered(dialect, "TELL")
    assert dialect.receive_data(b"LIST\n") == [ListUsers(request=Ask.LIST)]
    assert dialect.receive_data(b"hi\n") == [Said(ALL, ["hi"])]


def test_choose_picks_one_person_from_a_numbered_list() -> None:
    dialect = talking()
    assert '"1"' in answered(dialect, "CHOOSE")[0]
    assert dialect.receive_data(b"1\n2\nhi\n") == [ListUsers(request=Ask.CHOICE)]
    told = heard(dialect, UserList(here("alice", "bob", "carol"), False, Ask.CHOICE))
    assert told[:2] == ["Server: 1 bob", "Server: 2 carol"]
    picked, message = dialect.receive_data(b"")
    assert isinstance(picked, Aside)
    assert message == Said("carol", ["hi"])
    answered(dialect, "LEAVE")
    assert dialect.receive_data(b"hi\n") == [Said(ALL, ["hi"])]


def test_choose_goes_back_to_everybody() -> None:
    dialect = talking()
    answered(dialect, "CHOOSE")
    assert answered(dialect, "3") == [
        'Sorry! Type "1" for one person, "2" for everybody.'
    ]
    assert answered(dialect, "2") == ["Server: you write to everybody"]
    assert dialect.receive_data(b"hi\n") == [Said(ALL, ["hi"])]


def test_a_wrong_number_is_asked_for_again() -> None:
    dialect = talking()
    dialect.receive_data(b"CHOOSE\n1\n")
    heard(dialect, UserList(here("alice", "bob"), False, Ask.CHOICE))
    for line in ("0", "2", "bob", "9" * 5000, "²"):
        assert answered(dialect, line) == ["Sorry! Type a number from 1 to 1."]
    answered(dialect, "1")
    assert dialect.receive_data(b"hi\n") == [Said("bob", ["hi"])]


def test_who_is_alone_can_choose_nobody() -> None:
    dialect = talking()
    dialect.receive_data(b"CHOOSE\n1\n")
    told = heard(dialect, UserList(here("alice"), False, Ask.CHOICE))
    assert told == ["Server: there are no other users!"]
    assert dialect.receive_data(b"hi\n") == [Said(ALL, ["hi"])]


def test_a_list_that_is_refused_ends_the_choice() -> None:
    dialect = talking()
    dialect.receive_data(b"CHOOSE\n1\n")
    assert heard(dialect, Refused(NotAllowed("no"), Ask.CHOICE)) == ["Sorry! no"]
    assert dialect.receive_data(b"hi\n") == [Said(ALL, ["hi"])]


def test_the_menu_offers_the_choice_behind_the_last_messages() -> None:
    dialect = entering(menu=True)
    told = heard(dialect, welcome(), recent([row(1)]))
    assert told[:2] == ["Server: ok!", f"{stamp(THEN)}: bob sent hi"]
    assert '"1"' in told[2]
    assert dialect.receive_data(b"1\n") == [ListUsers(request=Ask.CHOICE)]


def test_what_follows_a_join_goes_to_the_room() -> None:
    dialect = talking()
    assert dialect.receive_data(b"JOIN #r\nhi\n") == [JoinRoom("#r", Ask.MOVE)]
    assert heard(dialect, Done(Ask.MOVE))[0] == "Server: ok!"
    assert dialect.receive_data(b"") == [Said("#r", ["hi"])]
    assert dialect.receive_data(b"LEAVE\nhi\n") == [LeaveRoom("#r", Ask.MOVE)]
    heard(dialect, Done(Ask.MOVE))
    assert dialect.receive_data(b"") == [Said(ALL, ["hi"])]


def test_who_may_not_join_writes_where_they_wrote_before() -> None:
    dialect = talking()
    dialect.receive_data(b"JOIN #r\nhi\n")
    assert heard(dialect, Refused(NotAllowed("no"), Ask.MOVE)) == ["Sorry! no"]
    assert dialect.receive_data(b"") == [Said(ALL, ["hi"])]


def test_another_room_is_left_from_where_one_is() -> None:
    dialect = talking()
    dialect.receive_data(b"JOIN #r\n")
    heard(dialect, Done(Ask.MOVE))
    assert dialect.receive_data(b"LEAVE #other\nhi\n") == [
        LeaveRoom("#other", Ask.MOVE)
    ]
    heard(dialect, Done(Ask.MOVE))
    assert dialect.receive_data(b"") == [Said("#r", ["hi"])]
    assert answered(dialect, "JOIN") == ["Sorry! Say which room: JOIN #room"]


def test_history_is_that_of_where_one_writes() -> None:
    dialect = talking()
    (asked,) = dialect.receive_data(b"HISTORY 7\n")
    assert asked == AskHistory(ALL, limit=7, request=Ask.HISTORY)
    dialect.receive_data(b"JOIN #r\n")
    heard(dialect, Done(Ask.MOVE))
    (asked,) = dialect.receive_data(b"HISTORY\n")
    assert asked == AskHistory("#r", limit=20, request=Ask.HISTORY)
    rows = [row(1, to="#r"), row(2, to="#r", sender=ALICE)]
    assert heard(dialect, MessageList(rows, False, request=Ask.HISTORY)) == [
        f"{stamp(THEN)}: [#r] bob sent hi",
        f"{stamp(THEN)}: [#r] alice sent hi",
    ]
    nothing = heard(dialect, MessageList([], False, request=Ask.HISTORY))
    assert nothing == ["Server: nothing was said here yet"]


@pytest.mark.parametrize(
    "line",
    ["HELP me", "LIST of things", "help", " HELP", "q?", "JOIN us", "LEAVE me alone",
     "HISTORY repeats", "HISTORY -1", "TELLING", "CHOOSE 1"],
)  # fmt: skip
def test_what_only_begins_like_a_word_is_a_message(line: str) -> None:
    assert talking().receive_data(line.encode() + b"\n") == [Said(ALL, [line])]


# ------------------------------------------- without newlines, and to the end


def test_what_has_come_is_a_line_when_nothing_follows() -> None:
    dialect = TextDialect(Limits())
    assert list(dialect.receive_data(b"alice")) == []
    assert (dialect.silence_ends, dialect.has_unread) == (0.1, False)
    assert dialect.receive_silence() == [
        SignIn("alice", request=Ask.SIGN_IN),
        *ENTRANCE,
    ]
    assert (dialect.silence_ends, dialect.has_unread) == (None, False)
    dialect.send([welcome(), recent()], NOW, WALL)
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
    dialect.send([welcome(), recent()], NOW, WALL)
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
    assert heard(dialect, welcome()) == [
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
    told = dialect.send([Accepted(None, 7, 1, readers=1), said(8, "yo")], NOW, WALL)
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
        if dialect.send([welcome()], NOW, WALL):
            dialect.send([recent()], NOW, WALL)
        while dialect.has_unread:
            events += dialect.receive_data(b"")
    return comparable(events)


def test_it_makes_no_difference_how_the_bytes_were_cut() -> None:
    whole = everything([STREAM])
    assert len(whole) == 12
    for place in range(len(STREAM)):
        assert everything([STREAM[:place], STREAM[place:]]) == whole
    assert everything([STREAM[at : at + 1] for at in range(len(STREAM))]) == whole
