"""The words in capitals at the text door, and the questions that follow them."""

import pytest

from common.names import ALL
from errors import (
    NotAllowed,
)
from server.dialects.text_steps import Ask
from server.events import (
    Accepted,
    Aside,
    AskHistory,
    CaughtUp,
    Done,
    JoinRoom,
    LeaveRoom,
    ListUsers,
    MessageList,
    Quitting,
    Refused,
    Said,
    UserList,
)
from unit_tests.server.dialects.feeding import (
    talking,
    welcome,
)
from unit_tests.server.dialects.texting import (
    ALICE,
    THEN,
    answered,
    entering,
    heard,
    here,
    recent,
    row,
    stamp,
)


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
    told = heard(dialect, welcome(), CaughtUp(0), recent([row(1)]))
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


def test_leave_leads_back_to_everybody_also_from_a_room_that_is_gone() -> None:
    dialect = talking()
    dialect.receive_data(b"JOIN #r\n")
    heard(dialect, Done(Ask.MOVE))
    # Until then nothing that was meant for the room goes to everybody.
    assert dialect.receive_data(b"hi\n") == [Said("#r", ["hi"])]
    heard(dialect, Refused(NotAllowed("gone")))
    dialect.receive_data(b"LEAVE\nhi\n")
    assert heard(dialect, Refused(NotAllowed("gone"), Ask.MOVE)) == [
        "Sorry! gone",
        "Server: you write to everybody",
    ]
    assert dialect.receive_data(b"") == [Said(ALL, ["hi"])]


def test_capitals_in_the_name_of_a_room_mean_nothing() -> None:
    dialect = talking()
    assert dialect.receive_data(b"TELL #All hi\n") == [Said(ALL, ["hi"])]
    dialect.receive_data(b"JOIN #r\n")
    heard(dialect, Done(Ask.MOVE))
    dialect.receive_data(b"LEAVE #R\nhi\n")
    heard(dialect, Done(Ask.MOVE))
    assert dialect.receive_data(b"") == [Said(ALL, ["hi"])]
    dialect.receive_data(b"JOIN #ALL\nhi\n")
    assert heard(dialect, Done(Ask.MOVE))[1] == "Server: you write to everybody"
    assert dialect.receive_data(b"") == [Said(ALL, ["hi"])]


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
