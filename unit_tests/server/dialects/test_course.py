"""The course voice: its keys, its pauses, its parts, its queue. The clock is ours."""

import json
import re
from typing import Any

import pytest

from common.limits import Limits
from common.names import Name, RoomName
from errors import NameTaken, NoSuchName, Replaced
from server.dialects.course_words import LastWords
from server.dialects.jim import JimDialect
from server.events import (
    Accepted,
    CaughtUp,
    ConversationList,
    Delivery,
    DeviceList,
    Done,
    Duplicate,
    Goodbye,
    MessageList,
    Movement,
    Notice,
    Outgoing,
    Probing,
    Receipt,
    Refused,
    Registered,
    RoomList,
    Said,
    TokenList,
    UserEntry,
    UserList,
    Welcome,
)
from unit_tests.server.dialects.feeding import WALL, fed, line, objects, sent, told

ME, BOB, ROOM = Name("alice"), Name("bob"), RoomName("#room")
WELCOME = Welcome(ME, True, "store", 0, 0, [], Limits())
PAUSE, LONG_PAUSE = 0.02, 1.05


def course(*, pubkey: bool = False, lists: bool = False) -> JimDialect:
    """Return the dialect of a course client that has its answer, at second 0."""
    dialect = JimDialect(Limits())
    user = {"account_name": "alice"} | ({"pubkey": "PEM"} if pubkey else {})
    dialect.receive_data(line({"action": "presence", "time": 1.5, "user": user}))
    if lists:
        asked = {"action": "get_users", "time": 1.5, "account_name": "alice"}
        dialect.receive_data(line(asked))
    sent(dialect, [WELCOME], 0.0)
    return dialect


def delivery(*texts: str, to: Name | RoomName = ME) -> Delivery:
    return Delivery(BOB, to, list(texts), 1, time=WALL)


def heard(dialect: JimDialect, events: list[Outgoing], start: float = 100.0) -> Any:
    """Return what the client reads in the end: (second, object), one per segment."""
    found = []
    now, data = start, sent(dialect, events, start)
    while True:
        if data:
            assert data.count(b"\n") == 1, "two objects in one segment"
            assert len(data) <= 1024, "an object larger than one read"
            found.append((now, json.loads(data)))
        if dialect.next_send_at is None:
            return found
        now = dialect.next_send_at
        assert dialect.data_to_send(now - 0.001) == b"", "too early"
        data = dialect.data_to_send(now)


def texts_of(found: Any, key: str = "mess_text") -> list[str]:
    return [one[key] for _, one in found if key in one]


def test_the_presence_is_answered_with_the_integer_200() -> None:
    dialect = JimDialect(Limits())
    user = {"account_name": "alice"}
    dialect.receive_data(line({"action": "presence", "time": 1.5, "user": user}))
    (answer,) = told(dialect, [WELCOME])
    alert = "signed in as alice"
    assert answer == {"response": 200, "time": WALL, "alert": alert}
    assert type(answer["response"]) is int


def test_before_it_has_spoken_it_hears_all_keys_at_once() -> None:
    ((_, found),) = heard(course(), [delivery("hi")])
    assert found == {
        "action": "message",
        "time": WALL,
        **dict.fromkeys(
            ("to", "destination", "message_receiver", "recipient"), "alice"
        ),
        **dict.fromkeys(("from", "sender", "account_name"), "bob"),
        "user": {"account_name": "bob"},
        **dict.fromkeys(("mess_text", "message_text", "text", "message"), "hi"),
    }


def test_keys_that_it_has_not_shown_stay_all_of_them() -> None:
    dialect = course()
    dialect.receive_data(line({"action": "message", "text": "for everybody"}))
    ((_, found),) = heard(dialect, [delivery("hi")])
    assert found["recipient"] == found["to"] == "alice"
    assert found["user"] == {"account_name": found["from"]}
    assert found["text"] == "hi"
    assert "mess_text" not in found


def word_heard(dialect: JimDialect) -> str:
    """Return what a message is called to a client that has just signed in."""
    sent(dialect, [WELCOME], 0.0)
    ((_, found),) = heard(dialect, [delivery("hi")])
    return str(found["action"])


def signed_in(words: LastWords, **more: Any) -> JimDialect:
    """Return the dialect of a client whose sign-in is not answered yet."""
    dialect = JimDialect(Limits(), words)
    user = {"account_name": "alice"}
    dialect.receive_data(line({"action": "presence", "user": user, **more}))
    return dialect


FIRST_WORDS = [
    ({}, "message"),
    ({"type": "status"}, "msg"),
    ({"action": "PRESENCE"}, "MESSAGE"),
    ({"action": "authenticate", "user": {"account_name": "alice", "password": "x"}},
     "msg"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "word"), FIRST_WORDS)
def test_the_first_word_is_guessed_from_the_sign_in(
    more: dict[str, Any], word: str
) -> None:
    assert word_heard(signed_in(LastWords(), **more)) == word


@pytest.mark.parametrize("is_welcome_before", [True, False])
def test_the_word_that_a_name_used_last_is_its_first_one_next_time(
    is_welcome_before: bool,
) -> None:
    words = LastWords()
    dialect = signed_in(words)
    spoken = line({"action": "MESSAGE", "to": "bob", "from": "alice", "text": "yo"})
    if is_welcome_before:
        sent(dialect, [WELCOME], 0.0)
    dialect.receive_data(spoken)
    if not is_welcome_before:
        sent(dialect, [WELCOME], 0.0)
    assert word_heard(signed_in(words)) == "MESSAGE"
    assert word_heard(signed_in(words, type="status")) == "MESSAGE"


def test_who_was_not_let_in_under_a_name_says_nothing_of_its_words() -> None:
    words = LastWords()
    dialect = signed_in(words)
    sent(dialect, [Refused(NameTaken("alice"))], 0.0)
    dialect.receive_data(line({"action": "MESSAGE", "to": "bob", "text": "yo"}))
    assert word_heard(signed_in(words)) == "message"


SPELLINGS = [
    ("message", "from", "to", "mess_text"),
    ("msg", "from", "to", "mess_text"),
    ("MESSAGE", "sender", "destination", "message_text"),
    ("message", "account_name", "message_receiver", "text"),
    ("message", "user", "recipient", "mess_text"),
    ("message", "sender", "destination", "message"),
]


@pytest.mark.parametrize(("action", "sender", "recipient", "text"), SPELLINGS)
def test_it_is_answered_in_the_keys_that_it_used(
    action: str, sender: str, recipient: str, text: str
) -> None:
    dialect = course()
    named: Any = {"account_name": "alice"} if sender == "user" else "alice"
    own = {"action": action, "time": 1.5, sender: named, recipient: "bob", text: "yo"}
    assert dialect.receive_data(line(own).strip()) == [Said("bob", ["yo"])]
    ((_, found),) = heard(dialect, [delivery("hi")])
    expected: Any = {"account_name": "bob"} if sender == "user" else "bob"
    assert found == {
        "action": action,
        "time": WALL,
        sender: expected,
        recipient: "alice",
        text: "hi",
    }


SPELLED = [
    ("alice", "alice"),
    ("ALICE", "ALICE"),
    ("Alice", "Alice"),
    ("\uff41lice",) * 2,
]


@pytest.mark.parametrize(("called", "expected"), SPELLED)
def test_it_is_addressed_as_it_called_itself(called: str, expected: str) -> None:
    dialect = JimDialect(Limits())
    user = {"account_name": called}
    dialect.receive_data(line({"action": "presence", "user": user}))
    sent(dialect, [WELCOME], 0.0)
    ((_, found),) = heard(dialect, [delivery("hi")])
    assert found["to"] == expected
    people = UserList([UserEntry(name, "", True, True) for name in (ME, BOB)], False)
    ((_, found),) = heard(dialect, [people], 200.0)
    assert found["data_list"] == ["#all", expected, "bob"]


def test_a_name_that_was_refused_in_between_is_not_its_own() -> None:
    dialect = course()
    dialect.receive_data(line({"action": "presence", "user": {"account_name": "eve"}}))
    ((_, refused), (_, found)) = heard(
        dialect, [Refused(NameTaken("eve")), delivery("hi")]
    )
    assert (refused["response"], found["to"]) == (400, "alice")


def test_what_it_said_elsewhere_says_to_whom() -> None:
    dialect = course()
    own = Delivery(ME, BOB, ["from another device"], 1, time=WALL)
    ((_, found),) = heard(dialect, [own])
    assert (found["from"], found["to"]) == ("alice", "alice")
    assert found["text"] == "[bob] from another device"


def test_a_room_message_is_for_its_own_name_and_names_the_room() -> None:
    ((_, found),) = heard(course(), [delivery("hi", to=ROOM)])
    assert found["to"] == "alice"
    assert found["mess_text"] == "[#room] hi"


def test_objects_are_twenty_milliseconds_apart() -> None:
    found = heard(course(), [delivery("1", "2", "3")])
    assert texts_of(found) == ["1", "2", "3"]
    assert [at for at, _ in found] == pytest.approx([100, 100 + PAUSE, 100 + 2 * PAUSE])


def test_from_the_first_get_users_on_they_are_a_second_apart() -> None:
    dialect = course(lists=True)
    found = heard(dialect, [delivery("1", "2", "3")])
    assert [at for at, _ in found] == pytest.approx(
        [100, 100 + LONG_PAUSE, 100 + 2 * LONG_PAUSE]
    )


def test_a_delivery_keeps_its_distance_from_an_answer() -> None:
    dialect = course(lists=True)
    found = heard(dialect, [delivery("1"), UserList([], False)])
    assert found[0][1]["response"] == 202
    assert found[1][0] - found[0][0] == pytest.approx(LONG_PAUSE)


def test_an_answer_does_not_wait_for_the_long_pause() -> None:
    """Those clients wait a second for it, and read at once what they asked for."""
    dialect = course(lists=True)
    found = heard(dialect, [UserList([], False), UserList([], False)])
    assert found[1][0] - found[0][0] == pytest.approx(PAUSE)
    assert sent(dialect, [delivery("1")], 200.0)
    assert sent(dialect, [UserList([], False)], 200.001) == b""
    assert dialect.next_send_at == pytest.approx(200.0 + PAUSE)


def test_answers_that_nobody_reads_do_not_pile_up() -> None:
    dialect = course()
    many: list[Outgoing] = [UserList([], False) for _ in range(1000)]
    assert len(heard(dialect, many)) <= 201


def test_answers_overtake_deliveries() -> None:
    dialect = course()
    found = heard(dialect, [delivery("1", "2"), Refused(NoSuchName("x"))])
    assert [one.get("mess_text", "answer") for _, one in found] == ["answer", "1", "2"]


@pytest.mark.parametrize(
    "text", ["x" * 5000, "щ" * 3000, "🍲" * 2000, '"\\' * 2000, "\x01" * 900]
)
def test_a_text_too_long_for_a_read_comes_in_marked_parts(text: str) -> None:
    found = texts_of(heard(course(), [delivery(text)]))
    total = len(found)
    assert total > 1
    pieces = []
    for number, part in enumerate(found, 1):
        piece, _, mark = part.rpartition(" ")
        assert mark == f"({number}/{total})"
        pieces.append(piece)
    assert "".join(pieces) == text


@pytest.mark.parametrize("letters", ["x", "ж", "🍲"])
@pytest.mark.parametrize("length", [25, 64])
def test_names_of_any_length_leave_room_for_a_part(letters: str, length: int) -> None:
    name = Name((letters * length)[:length])
    dialect = JimDialect(Limits())
    dialect.receive_data(line({"action": "presence", "user": {"account_name": name}}))
    sent(dialect, [Welcome(name, True, "store", 0, 0, [], Limits())], 0.0)
    text = "щ" * 3000
    found = texts_of(heard(dialect, [Delivery(name, name, [text], 1, time=WALL)]))
    assert "".join(part.rpartition(" ")[0] for part in found) == text


def test_a_text_that_just_fits_is_not_marked() -> None:
    dialect = course()
    own = {"action": "message", "from": "alice", "to": "bob", "mess_text": "yo"}
    dialect.receive_data(line(own))
    frame = len(sent(dialect, [delivery("")], 50.0).strip())
    for more in (-1, 0, 1, 2):
        text = "x" * (1000 - frame + more)
        found = texts_of(heard(dialect, [delivery(text)], 100.0 + more * 10))
        if more < 0:
            assert found == [text]
        assert "".join(re.sub(r" \(\d/\d\)$", "", part) for part in found) == text


def test_a_crowd_of_messages_keeps_the_last_200_and_counts_the_others() -> None:
    texts = [str(n) for n in range(260)]
    found = heard(course(), [delivery(*texts)])
    assert texts_of(found) == ["(60 more messages)", *texts[60:]]
    assert found[0][1]["from"] == "server"


def test_crowds_in_several_turns_are_counted_together() -> None:
    dialect = course()
    sent(dialect, [delivery("first")], 0.001)
    for turn in range(5):
        sent(dialect, [delivery(*(f"{turn}/{n}" for n in range(100)))], 0.002)
    found = texts_of(heard(dialect, []))
    assert found[0] == "(301 more messages)"
    assert len(found) == 201
    assert found[-1] == "4/99"


def test_a_message_is_left_out_with_all_its_parts_and_counts_once() -> None:
    dialect = course()
    own = {"action": "message", "from": "alice", "to": "bob", "mess_text": "yo"}
    dialect.receive_data(line(own))
    first, long, texts = "f" * 5000, "x" * 9000, [str(n) for n in range(185)]
    found = texts_of(heard(dialect, [delivery(first, long, *texts)]))
    parts = len(found) - 1 - len(texts)
    assert found[0] == "(1 more messages)"
    assert parts > 1
    assert found[1].endswith(f" (1/{parts})")
    assert found[parts + 1 :] == texts


def test_the_word_of_what_is_left_out_has_the_time_of_what_follows() -> None:
    found = heard(course(), [delivery(*"x" * 201)])
    assert [one["time"] for _, one in found] == [WALL] * 201


def test_a_message_left_out_is_told_also_when_the_session_becomes_canonical() -> None:
    dialect = course()
    sent(dialect, [delivery("first")], 0.001)
    sent(dialect, [delivery(*(str(n) for n in range(200)))], 0.002)
    dialect.receive_data(line({"action": "join", "room": "#r", "id": 1}))
    found = objects(sent(dialect, [Done()], 0.003))
    assert found[0]["mess_text"] == "(1 more messages)"
    assert len(found) == 202


# ---------------------------------------------------- what was written, what waits


def handed_out(dialect: JimDialect) -> list[tuple[int, int]]:
    """Return (last message written, objects that wait) at the start and per object."""
    found = [(dialect.written_id, dialect.backlog)]
    while dialect.next_send_at is not None:
        dialect.data_to_send(dialect.next_send_at)
        found.append((dialect.written_id, dialect.backlog))
    return found


def test_a_message_counts_as_written_when_its_object_was_handed_out() -> None:
    dialect = course()
    assert (dialect.written_id, dialect.backlog) == (0, 0)
    sent(dialect, [Delivery(BOB, ME, ["a", "b", "c"], 7)], 100.0)
    assert handed_out(dialect) == [(7, 2), (8, 1), (9, 0)]


def test_a_long_message_counts_as_written_with_its_last_part() -> None:
    dialect = course()
    own = {"action": "message", "from": "alice", "to": "bob", "mess_text": "yo"}
    dialect.receive_data(line(own))
    sent(dialect, [Delivery(BOB, ME, ["a", "x" * 2500, "c"], 7)], 100.0)
    assert handed_out(dialect) == [(7, 4), (7, 3), (7, 2), (8, 1), (9, 0)]


def test_answers_and_notices_wait_and_move_nothing() -> None:
    dialect = course()
    said = Delivery(BOB, ME, ["a"], 7)
    sent(dialect, [Notice(100, "x"), said, Refused(NoSuchName("x"))], 100.0)
    assert handed_out(dialect) == [(0, 2), (0, 1), (7, 0)]


def test_what_was_left_out_is_not_written_before_what_follows_it() -> None:
    dialect = course()
    texts = [str(n) for n in range(1, 261)]
    sent(dialect, [delivery(*texts)], 100.0)
    assert handed_out(dialect)[:3] == [(0, 200), (61, 199), (62, 198)]
    assert (dialect.written_id, dialect.backlog) == (260, 0)


def test_a_second_presence_loses_nothing_of_what_waits() -> None:
    dialect = course()
    own = {"action": "message", "from": "alice", "to": "bob", "text": "yo"}
    dialect.receive_data(line(own))
    assert objects(sent(dialect, [delivery("1", "2")], 50.0))
    user = {"account_name": "alice"}
    dialect.receive_data(line({"action": "presence", "time": 1.5, "user": user}))
    assert (dialect.written_id, dialect.backlog) == (1, 1)
    (welcome, (_, last)) = heard(dialect, [WELCOME])
    assert welcome[1]["response"] == 200
    assert (last["to"], last["text"]) == ("alice", "2")


def test_its_messages_get_no_answer() -> None:
    events: list[Outgoing] = [Accepted(None, 1, 3), Duplicate(1, 1)]
    assert heard(course(), events) == []


def test_its_changes_of_contacts_are_answered_at_once() -> None:
    found = heard(course(lists=True), [delivery("hi"), Done()])
    assert found[0] == (100.0, {"response": 200})


def test_with_a_pubkey_each_message_is_confirmed_at_once() -> None:
    found = heard(course(pubkey=True), [Accepted(None, 1, 2), delivery("hi")])
    assert [one for _, one in found[:2]] == [{"response": 200}, {"response": 200}]
    assert found[0][0] == 100.0
    assert texts_of(found) == ["hi"]


@pytest.mark.parametrize(
    "event",
    [
        Refused(NameTaken("x"), 4),
        Refused(NoSuchName("x")),
        Goodbye(Replaced()),
    ],
)
def test_every_error_is_400_with_a_string(event: Refused | Goodbye) -> None:
    ((_, found),) = heard(course(), [event])
    assert found["response"] == 400
    assert isinstance(found["error"], str)
    assert found.keys() <= {"response", "error", "time"}


def test_what_it_could_only_take_for_an_error_is_not_said() -> None:
    events: list[Outgoing] = [
        Probing(),
        Movement(True, ROOM, BOB),
        RoomList([], False),
        CaughtUp(9),
        Receipt(True, BOB, ME, 9),
        MessageList([], False),
        ConversationList([], False),
        TokenList([]),
        DeviceList([]),
        Registered(),
    ]
    assert heard(course(), events) == []


def test_what_was_said_while_it_was_away_has_the_time_of_then() -> None:
    ((_, found),) = heard(course(), [Delivery(BOB, ME, ["hi"], 1, time=WALL - 900)])
    assert found["time"] == WALL - 900


def test_a_notice_comes_as_a_message_of_the_server() -> None:
    ((_, found),) = heard(course(), [Notice(101, "going down")])
    assert (found["from"], found["mess_text"]) == ("server", "going down")


def test_its_list_holds_plain_names_and_all() -> None:
    entries = [UserEntry(name, "", True, True) for name in (ME, BOB)]
    ((_, found),) = heard(course(lists=True), [UserList(entries, False)])
    assert found["response"] == 202
    assert sorted(found["data_list"]) == ["#all", "alice", "bob"]


def test_its_contacts_are_plain_names_and_no_more() -> None:
    dialect = course()
    dialect.receive_data(line({"action": "get_contacts", "time": 1, "user": "alice"}))
    contacts = UserList([UserEntry(BOB, "", True, True)], False, is_chosen=True)
    found = heard(dialect, [contacts, delivery("1")])
    assert found[0][1] == {"response": 202, "data_list": ["bob"]}
    assert found[1][0] - found[0][0] == pytest.approx(LONG_PAUSE)


def test_its_list_holds_what_fits_into_a_read() -> None:
    names = [Name(f"имя{n:04}") for n in range(500)]
    entries = [UserEntry(name, "", True, True) for name in names]
    ((_, found),) = heard(course(lists=True), [UserList(entries, True)])
    assert len(found["data_list"]) > 40
    assert "#all" in found["data_list"]


def test_a_course_client_may_glue_and_split_its_objects() -> None:
    objects_ = [
        {"action": "message", "from": "alice", "to": "bob", "mess_text": f"щ{n}"}
        for n in range(9)
    ]
    glued = b"".join(line(one).strip() for one in objects_)
    for size in (1, 7, len(glued)):
        pieces = [glued[at : at + size] for at in range(0, len(glued), size)]
        events = fed(course(), pieces)
        assert events == [Said("bob", [f"щ{n}"]) for n in range(9)]


def test_nothing_waits_when_all_is_said() -> None:
    dialect = course()
    assert objects(sent(dialect, [delivery("hi")], 100.0))
    assert dialect.next_send_at is None
    assert dialect.data_to_send(200.0) == b""
