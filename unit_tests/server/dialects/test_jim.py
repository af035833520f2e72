"""The JIM dialect without sockets: every cut, both ways of reading, all answers."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.limits import Limits
from common.names import Name, RoomName, Secret
from errors import (
    AlreadySettled,
    NameRegistered,
    NoSuchName,
    NotStored,
    RequestError,
    SlowReader,
    TooLong,
    TooSoon,
    WrongPassword,
)
from server.dialects.base import Dialect
from server.dialects.jim import JimDialect
from server.events import (
    Accepted,
    AskHistory,
    Authenticate,
    CaughtUp,
    Delivery,
    Done,
    Duplicate,
    Event,
    Faulty,
    Goodbye,
    HasRead,
    JoinRoom,
    Movement,
    Notice,
    Outgoing,
    Probing,
    Quitting,
    Receipt,
    Refused,
    Register,
    Registered,
    RoomEntry,
    RoomList,
    Said,
    SignIn,
    UserEntry,
    UserList,
    Welcome,
)
from unit_tests.server.dialects.feeding import (
    WALL,
    canonical,
    comparable,
    cut,
    fed,
    jim,
    line,
    objects,
    presence,
    said,
    told,
)

SIGN_IN = SignIn("alice", "here", store="")
REGISTER = {"account_name": "alice", "password": "s3cret"}
BAD = ("faulty", 400)

#: name -> (bytes, what they mean). Errors are compared by their code alone.
STREAMS: dict[str, tuple[bytes, list[Any]]] = {
    "a presence": (presence(), [SIGN_IN]),
    "objects without delimiters": (
        presence().strip() + said("a").strip() + said("b").strip(),
        [SIGN_IN, ("said", "bob", "a", None), ("said", "bob", "b", None)],
    ),
    "objects with odd white space": (
        b"\n\r \t" + presence() + b"\r\n\n\r" + said("a") + b"\n \n",
        [SIGN_IN, ("said", "bob", "a", None)],
    ),
    "an object over several lines": (
        json.dumps(json.loads(said("a")), indent=2).encode() + b"\n",
        [("said", "bob", "a", None)],
    ),
    "letters of several bytes": (
        said("щи да каша 🍲", to="ёжик", id=1),
        [("said", "ёжик", "щи да каша 🍲", 1)],
    ),
    "braces, quotes and newlines inside a text": (
        said('{"a":[1]} \\" \n }{'),
        [("said", "bob", '{"a":[1]} \\" \n }{', None)],
    ),
    "several addressees in one go": (
        said("1", id=1) + said("2", id=2) + said("3", to="#r", id=3) + said("4", id=4),
        [
            ("said", "bob", "1", 1),
            ("said", "bob", "2", 2),
            ("said", "#r", "3", 3),
            ("said", "bob", "4", 4),
        ],
    ),
    "numbered and not": (
        said("1", id=1) + said("2") + said("3", id=3),
        [("said", "bob", "1", 1), ("said", "bob", "2", None), ("said", "bob", "3", 3)],
    ),
    "garbage, then a request": (b"hello there\n" + presence(), [BAD, SIGN_IN]),
    "a broken object among good ones": (
        said("a") + b'{"action":}\n' + said("b"),
        [("said", "bob", "a", None), BAD, ("said", "bob", "b", None)],
    ),
    "a key twice": (
        said("a") + said("b")[:-2] + b',"to":"eve"}\n',
        [("said", "bob", "a", None), BAD],
    ),
    "a key twice, in other letters": (
        said("b")[:-2] + b',"\\u0074o":"eve"}\n',
        [BAD],
    ),
    "a key twice, and a colon escaped in the text": (
        said("a%b").replace(b"%", b"\\u003a")[:-2] + b',"to":"eve"}\n',
        [BAD],
    ),
    "a colon escaped in the text": (
        said("a%b:").replace(b"%", b"\\u003a"),
        [("said", "bob", "a:b:", None)],
    ),
    "no action, and another key for it": (
        said("a").replace(b'"action": "msg"', b'"mood": "msg"'),
        [BAD],
    ),
    "no action, and a key twice": (
        said("a").replace(b'"action": "msg"', b'"to": "eve"'),
        [BAD],
    ),
    "only an action of nothing": (line({"action": "", "never": 0}), [BAD]),
    "an action of nothing": (
        said("a").replace(b'"action": "msg"', b'"action": ""')
        + line({"action": "", "never": 1}),
        [BAD, BAD],
    ),
    "a message_id claimed": (
        said("a", message_id=5) + said("b"),
        [("said", "bob", "a", None), ("said", "bob", "b", None)],
    ),
    "bad UTF-8": (
        b'{"action":"msg","to":"b","message":"\xff"}\n' + said(),
        [BAD, ("said", "bob", "hi", None)],
    ),
    "a NUL byte outside": (b"\x00\n" + said(), [BAD, ("said", "bob", "hi", None)]),
    "a number past all limits": (
        b'{"action":"msg","time":1e999,"to":"b","message":"x"}\n' + said(),
        [BAD, ("said", "bob", "hi", None)],
    ),
    "not a number": (
        b'{"action":"msg","time":NaN,"to":"b","message":"x"}\n' + said(),
        [BAD, ("said", "bob", "hi", None)],
    ),
    "a list": (b"[1,2]\n" + said(), [BAD, ("said", "bob", "hi", None)]),
    "a string": (b'"hello"\n' + said(), [BAD, ("said", "bob", "hi", None)]),
    "a depth of 100,000": (
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + said(),
        [BAD, ("said", "bob", "hi", None)],
    ),
    "a string that is not closed": (
        b'{"action":"msg\n' + said(),
        [BAD, ("said", "bob", "hi", None)],
    ),
    "an object that is not closed": (
        b'{"action":"msg"\n' + said(),
        [BAD, ("said", "bob", "hi", None)],
    ),
    "quit": (line({"action": "quit"}), [Quitting()]),
    "an account, its messages and its history": (
        line({"action": "register", "user": REGISTER, "id": 1})
        + line({"action": "authenticate", "user": REGISTER, "device": "d"})
        + said("a", id=1)
        + line({"action": "history", "with": "bob", "before": 9})
        + said("b", id=2)
        + line({"action": "read", "with": "bob", "message_id": 9}),
        [
            Register("alice", Secret("s3cret"), 1),
            Authenticate("alice", Secret("s3cret"), device=Secret("d")),
            ("said", "bob", "a", 1),
            AskHistory("bob", 9),
            ("said", "bob", "b", 2),
            HasRead("bob", 9),
        ],
    ),
    "a broken authentication among good objects": (
        said("a") + line({"action": "authenticate", "user": REGISTER, "since": -1}),
        [("said", "bob", "a", None), BAD],
    ),
}
# No limit of 64 KiB in the way of the deep one.
_LIMITS = {"object_bytes": 1_000_000}


def _meaning(events: list[Event]) -> list[Any]:
    return [one[:2] if one[:1] == ("faulty",) else one for one in _sliceable(events)]


def _sliceable(events: list[Event]) -> list[Any]:
    return [
        one if isinstance(one, tuple) else _Whole(one) for one in comparable(events)
    ]


class _Whole:
    """An event that compares as itself and can't be taken for a tuple."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def __getitem__(self, part: slice) -> "_Whole":
        return self

    def __eq__(self, other: object) -> bool:
        return self._event == (other._event if isinstance(other, _Whole) else other)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return repr(self._event)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_comes_whole_gives_its_events(name: str) -> None:
    data, expected = STREAMS[name]
    assert _meaning(fed(jim(**_LIMITS), [data])) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_comes_byte_by_byte_gives_the_same(name: str) -> None:
    data, expected = STREAMS[name]
    pieces = [data[at : at + 1] for at in range(len(data))]
    assert _meaning(fed(jim(**_LIMITS), pieces)) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_a_tail_waits_for_its_rest(name: str) -> None:
    data, expected = STREAMS[name]
    dialect = jim(**_LIMITS)
    tail = said("the tail", to="ёжик")
    for place in (1, len(tail) // 2, len(tail) - 2):
        first = dialect.receive_data(data + tail[:place])
        assert _meaning(list(first)) == expected
        rest = dialect.receive_data(tail[place:])
        assert comparable(rest) == [("said", "ёжик", "the tail", None)]
        if SIGN_IN in expected or Quitting() in expected:
            break  # these say something new only once


@pytest.mark.parametrize("name", STREAMS)
def test_streams_glued_to_a_good_message_leave_it_whole(name: str) -> None:
    data, expected = STREAMS[name]
    glued = said("before") + data + said("after")
    before, after = ("said", "bob", "before", None), ("said", "bob", "after", None)
    assert _meaning(fed(jim(**_LIMITS), [glued])) == [before, *expected, after]


def test_a_cut_inside_a_letter_changes_nothing() -> None:
    data = said("ёжик", to="ёж")
    for place in range(1, len(data)):
        events = fed(canonical(), [data[:place], data[place:]])
        assert events == [Said("ёж", ["ёжик"])]


def test_neighbouring_messages_travel_as_one_event() -> None:
    data = b"".join(said(str(n), id=n) for n in range(1, 6))
    assert canonical().receive_data(data) == [
        Said("bob", ["1", "2", "3", "4", "5"], [1, 2, 3, 4, 5])
    ]


# ------------------------------------------------------- two ways, one meaning

texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            'a: "b": c',
            "::::",
            '{"to":"eve"}',
            "\\",
            '\\"',
            "\\u003a",
            "\n\r",
            "\x00\x7f",
            "щ: ё",
            "🍲",
            '","message":"x',
            "",
        ]
    ),
)
surrogate_free = texts.filter(lambda text: text.isprintable() or _encodes(text))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Raw(str):
    """A value that stands in the JSON as it is."""


ids = st.one_of(
    st.none(),
    st.none(),
    st.integers(1, 2000),
    st.sampled_from(
        [
            0,
            -1,
            2**53,
            2**63,
            2**64,
            10**30,
            _Raw("1.0"),
            _Raw("1e3"),
            _Raw("true"),
            _Raw('"1"'),
            _Raw("null"),
        ]
    ),
)
extras = st.sampled_from(
    [
        "",
        "",
        "",
        ',"mood":1',
        ',"mood":"a:b"',
        ',"to":"eve"',
        ',"t\\u006f":"eve"',
        ',"message":"a:b"',
        ',"message":"second"',
        ',"id":7',
        ',"message_id":5',
        ',"message_id":"x"',
        ',"user":{"account_name":"eve"}',
        ',"deep":[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]',
        ',"time":5',
        ',"encoding":"x:y"',
        ',"mess_text":"z"',
    ]
)


times = st.sampled_from([0, 1, 1.5, 2, 3, 4, 5, 6, _Raw("1e999"), _Raw("true")])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Return a canonical message as any client might write it."""
    escaped, escapes_colons = draw(st.booleans()), draw(st.booleans())

    def written(value: object) -> str:
        if isinstance(value, _Raw):
            return str(value)
        found = json.dumps(value, ensure_ascii=escaped)
        return found.replace(":", "\\u003a") if escapes_colons else found

    colon = draw(st.sampled_from([":", ": ", " :"]))
    fields: list[tuple[str, object]] = [
        ("action", draw(st.sampled_from(["msg"] * 9 + ["MSG"]))),
        (
            "time",
            draw(st.sampled_from([1, 1.5, _Raw("1e999"), _Raw("true")] + [0] * 9)),
        ),
        (
            "to",
            draw(st.sampled_from(["bob", "bob", "#room", "ёж", "a:b", "ALL", "", 5])),
        ),
        ("from", draw(st.sampled_from(["alice", "mallory", "a:b"]))),
        ("encoding", draw(st.sampled_from(["utf-8", "a:b"]))),
        ("message", draw(surrogate_free)),
    ]
    number = draw(ids)
    if number is not None:
        fields.append(("id", number))
    if draw(st.integers(0, 9)) == 0:
        fields.pop(draw(st.integers(0, len(fields) - 1)))
    fields = draw(st.permutations(fields)) if draw(st.booleans()) else fields
    inner = ",".join(f"{written(key)}{colon}{written(value)}" for key, value in fields)
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\r", "", " \n\n"]))
    return ("{" + inner + draw(extras) + "}" + end).encode()


class _SlowReader(JimDialect):
    """The dialect with its fast way closed, as if no line were plain."""

    def _read_messages(self, lines: bytes, events: list[Event]) -> bool:
        return False


@given(st.lists(messages(), min_size=1, max_size=8), st.data())
def test_the_fast_and_the_exact_way_give_the_same_events(
    stream: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(stream)
    places = data.draw(st.lists(st.integers(0, len(whole)), max_size=4))
    exact = comparable(fed(_SlowReader(Limits()), [whole]))
    assert comparable(fed(jim(), [whole])) == exact
    assert comparable(fed(jim(), cut(whole, places))) == exact


def test_the_fast_way_is_taken_for_what_our_clients_send(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(raw: bytes) -> None:
        raise AssertionError(f"read one by one: {raw!r}")

    dialect = canonical()
    monkeypatch.setattr("server.dialects.jim.read_request", fail)
    assert dialect.receive_data(said("plain: with a colon", id=1) + said("x", id=2))
    assert dialect.receive_data(said("no id, ёж"))


# ---------------------------------------------------------------- broken input


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_random_bytes_give_events_and_never_an_exception(pieces: list[bytes]) -> None:
    dialect = jim()
    for event in fed(dialect, pieces):
        told(dialect, [Refused(event.error)] if isinstance(event, Faulty) else [])


@pytest.mark.parametrize("seed", range(20))
def test_damaged_requests_give_events_and_never_an_exception(seed: int) -> None:
    chance = random.Random(seed)
    good = presence() + said('a"b', id=1) + line({"action": "join", "room": "#r"})
    dialect = jim()
    for _ in range(200):
        damaged = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            place = chance.randrange(len(damaged))
            match chance.randrange(3):
                case 0:
                    damaged[place] = chance.randrange(256)
                case 1:
                    del damaged[place : place + chance.randrange(9)]
                case _:
                    damaged[place:place] = chance.randbytes(chance.randrange(5))
        dialect.receive_data(bytes(damaged))


def test_after_any_garbage_a_newline_and_a_request_are_understood() -> None:
    chance = random.Random(1)
    for _ in range(300):
        dialect = canonical()
        dialect.receive_data(chance.randbytes(chance.randrange(1, 60)))
        # The newline ends a broken string, the brace an object without an end.
        events = dialect.receive_data(b"\n" + said("still here"))
        assert comparable(events)[-1] == ("said", "bob", "still here", None)


def test_an_object_past_the_limit_is_fatal_and_says_the_limit() -> None:
    dialect = jim(object_bytes=1000)
    assert not fed(dialect, [b'{"a":"' + b"x" * 900])
    (event,) = dialect.receive_data(b"x" * 200)
    assert isinstance(event, Faulty)
    assert event.fatal
    assert isinstance(event.error, TooLong)
    assert "1,000" in str(event.error)
    assert not dialect.receive_data(said())


def test_an_object_of_just_the_limit_is_read_by_both_ways() -> None:
    exact = said("x" * 100)
    for data in (exact, exact.strip()):
        dialect = canonical(object_bytes=len(exact.strip()))
        assert dialect.receive_data(data) == [Said("bob", ["x" * 100])]
    # One byte more is too long, alone or among others in one read.
    for data in (said("x" * 101), said("x") + said("x" * 101)):
        events = canonical(object_bytes=len(exact.strip())).receive_data(data)
        assert isinstance(events[-1], Faulty)
        assert events[-1].fatal


@pytest.mark.parametrize(
    "number", [0, -1, 2**53, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**40]
)
def test_an_answer_to_any_number_can_be_written(number: int) -> None:
    dialect = canonical()
    events: list[Outgoing] = [
        Refused(NoSuchName("x"), number),
        Done(number),
        RoomList([], False, number),
    ]
    for answer in told(dialect, events):
        assert answer.get("id", number) == number


# -------------------------------------------------------------------- answers


def test_each_event_has_its_canonical_object() -> None:
    alice, room = Name("alice"), RoomName("#r")
    table: list[tuple[Outgoing, list[dict[str, Any]]]] = [
        (Accepted(None, 5, 2), [{"response": 200, "message_id": n} for n in (5, 6)]),
        (
            Accepted([3, 4], 5, 2),
            [
                {"response": 200, "message_id": 5, "id": 3},
                {"response": 200, "message_id": 6, "id": 4},
            ],
        ),
        (
            Duplicate(3, 5),
            [{"response": 200, "id": 3, "message_id": 5, "duplicate": True}],
        ),
        (Duplicate(3, None), [{"response": 200, "id": 3, "duplicate": True}]),
        (
            Delivery(alice, Name("bob"), ["ё"], 9, time=WALL),
            [
                {
                    "action": "msg",
                    "to": "bob",
                    "from": "alice",
                    "encoding": "utf-8",
                    "message": "ё",
                    "message_id": 9,
                }
            ],
        ),
        (Done(4, created=True), [{"response": 200, "id": 4, "created": True}]),
        (Done(), [{"response": 200}]),
        (
            Movement(True, room, alice),
            [{"action": "join", "room": "#r", "user": {"account_name": "alice"}}],
        ),
        (
            Movement(False, room, alice),
            [{"action": "leave", "room": "#r", "user": {"account_name": "alice"}}],
        ),
        (
            RoomList([RoomEntry(room, 2, True)], False, 1),
            [
                {
                    "response": 202,
                    "id": 1,
                    "data_list": [{"room": "#r", "members": 2, "joined": True}],
                }
            ],
        ),
        (
            UserList([UserEntry(alice, "busy", True, True)], True),
            [
                {
                    "response": 202,
                    "data_list": [
                        {
                            "account_name": "alice",
                            "status": "busy",
                            "guest": True,
                            "online": True,
                            "role": "guest",
                        }
                    ],
                    "more": True,
                    "after": "alice",
                }
            ],
        ),
        (Notice(101, "going down"), [{"response": 101, "alert": "going down"}]),
        (CaughtUp(9), [{"response": 100, "alert": "caught up", "last_id": 9}]),
        (
            Registered(Secret("t0ken"), 4, 1),
            [{"response": 201, "id": 1, "token": "t0ken", "token_id": 4}],
        ),
        (Registered(), [{"response": 201}]),
        (
            Receipt(False, Name("bob"), alice, 7),
            [{"action": "delivered", "from": "bob", "with": "alice", "message_id": 7}],
        ),
        (
            Receipt(True, Name("bob"), room, 7),
            [{"action": "read", "from": "bob", "with": "#r", "message_id": 7}],
        ),
        (
            Refused(TooSoon("too many tries", 1.5), 7),
            [{"response": 429, "id": 7, "retry_after": 1.5}],
        ),
        (Refused(WrongPassword(), 7), [{"response": 402, "id": 7}]),
        (Refused(NameRegistered("a"), 7), [{"response": 401, "id": 7}]),
        (Refused(NotStored("the disk is full"), 7), [{"response": 500, "id": 7}]),
        (Probing(), [{"action": "probe"}]),
        (
            Refused(AlreadySettled(7), 7),
            [{"response": 409, "id": 7, "settled": "refused"}],
        ),
        (Refused(TooLong("the text", 9), 7), [{"response": 413, "id": 7, "limit": 9}]),
        (Goodbye(SlowReader(9)), [{"response": 408}]),
    ]
    for event, expected in table:
        found = told(canonical(), [event])
        for one, wanted in zip(found, expected, strict=True):
            assert one.pop("time") == WALL
            if "error" in one:
                assert isinstance(one.pop("error"), str)
            assert one == wanted


def test_the_welcome_tells_the_session_and_the_limits() -> None:
    limits = Limits(text_bytes=99)
    welcome = Welcome(
        Name("alice"), True, "st", 4720, 17, [12], limits, 1, role="owner"
    )
    (answer,) = told(canonical(), [welcome])
    session = answer["session"]
    assert (answer["response"], answer["id"]) == (200, 1)
    assert session["limits"] == limits.told()
    del session["limits"]
    assert session == {
        "name": "alice",
        "guest": True,
        "store": "st",
        "last_id": 4720,
        "device_seq": 17,
        "refused": [12],
        "keeps_history": False,
        "role": "owner",
    }


def test_the_welcome_says_that_the_server_keeps_history() -> None:
    welcome = Welcome(Name("a"), False, "s", 0, 0, [], Limits(), keeps_history=True)
    (answer,) = told(canonical(), [welcome])
    assert answer["session"]["keeps_history"] is True
    assert answer["session"]["guest"] is False


def test_objects_are_compact_lines_of_raw_utf_8() -> None:
    data = canonical().send([Delivery(Name("ёж"), Name("b"), ["щи"], 1)], 0.0, WALL)
    assert "щи".encode() in data
    assert b'": ' not in data
    assert data.count(b"\n") == 1


def test_a_delivery_is_encoded_once_for_all_its_readers() -> None:
    shared = Delivery(Name("a"), RoomName("#r"), ["x"], 1)
    first = canonical().send([shared], 0.0, WALL)
    assert canonical().send([shared], 0.0, WALL + 5) == first
    assert shared.forms == {"jim": first}


def test_a_delivery_has_the_time_at_which_it_was_stored() -> None:
    (found,) = told(canonical(), [delivery(time=WALL - 900)])
    assert found["time"] == WALL - 900


def test_a_replay_to_the_device_that_wrote_shows_its_numbers() -> None:
    numbered = delivery("1", "2", numbers=[7, 9], shows_numbers=True)
    found = told(canonical(), [numbered])
    assert [(one["id"], one["message_id"]) for one in found] == [(7, 1), (9, 2)]
    assert [one["message"] for one in found] == ["1", "2"]
    assert not numbered.forms


def test_other_devices_do_not_see_the_numbers() -> None:
    (found,) = told(canonical(), [delivery(numbers=[7])])
    assert "id" not in found


def test_a_replay_of_what_had_no_number_shows_none() -> None:
    (found,) = told(canonical(), [delivery(shows_numbers=True)])
    assert "id" not in found


def test_the_last_delivery_handed_out_is_known() -> None:
    dialect = canonical()
    assert (dialect.written_id, dialect.backlog) == (0, 0)
    dialect.send([delivery("1", "2", first_id=5), delivery(first_id=9)], 0.0, WALL)
    assert (dialect.written_id, dialect.backlog) == (9, 0)
    dialect.send([Done(1), Accepted(None, 10, 1)], 0.0, WALL)
    assert dialect.written_id == 9
    dialect.send([delivery("1", "2", first_id=20)], 0.0, WALL)
    assert dialect.written_id == 21


# ------------------------------------------------- which voice a session hears

COURSE = line({"action": "presence", "time": 1, "user": {"account_name": "alice"}})


def delivery(
    *texts: str, first_id: int = 1, time: float = WALL, **more: Any
) -> Delivery:
    bob, me = Name("bob"), Name("alice")
    return Delivery(bob, me, list(texts or ["hi"]), first_id, time=time, **more)


def _is_canonical(dialect: JimDialect) -> bool:
    (answer,) = told(dialect, [Refused(NoSuchName("x"))])
    return bool(answer["response"] == 404)


def test_a_plain_presence_opens_a_course_session_without_probes() -> None:
    dialect = jim()
    before, _ = dialect.answers_probes, dialect.receive_data(COURSE)
    assert (before, dialect.answers_probes) == (True, False)
    assert not _is_canonical(dialect)


def test_an_answer_to_a_probe_leaves_a_canonical_session_canonical() -> None:
    dialect = canonical()
    dialect.receive_data(COURSE)
    assert dialect.answers_probes
    assert _is_canonical(dialect)


@pytest.mark.parametrize("cut_it", [False, True])
def test_who_has_said_a_canonical_message_stays_canonical(cut_it: bool) -> None:
    # However the bytes are cut: the choice must not depend on timing.
    dialect = jim()
    data = said(id=1)
    fed(dialect, [data[:5], data[5:]] if cut_it else [data])
    dialect.receive_data(COURSE)
    assert _is_canonical(dialect)


@pytest.mark.parametrize("data", [b"\n", said(), said()[:-1], said() + said()])
def test_what_carries_no_field_of_ours_decides_nothing(data: bytes) -> None:
    dialect = jim()
    dialect.receive_data(data)
    dialect.receive_data(COURSE)
    assert not _is_canonical(dialect)


@pytest.mark.parametrize(
    "data", [said(), line({"action": "join", "room": "#r"}), line({"action": "exit"})]
)
def test_a_course_session_stays_one_whatever_it_says_of_the_course(
    data: bytes,
) -> None:
    dialect = jim()
    dialect.receive_data(COURSE)
    dialect.receive_data(data)
    assert not _is_canonical(dialect)


@pytest.mark.parametrize("action", ["presence", "authenticate"])
def test_the_course_texts_own_sign_in_opens_a_course_session(action: str) -> None:
    user = {"account_name": "alice", "password": "secret"}
    dialect = jim()
    dialect.receive_data(line({"action": action, "type": "status", "user": user}))
    assert not _is_canonical(dialect)


@pytest.mark.parametrize(
    "request_",
    [said(id=1), line({"action": "join", "room": "#r", "id": 1}), presence(device="d")],
)
def test_a_canonical_request_ends_the_course_voice_and_flushes_it(
    request_: bytes,
) -> None:
    dialect: Dialect = jim()
    dialect.receive_data(COURSE)
    assert len(told(dialect, [delivery("1", "2", "3")])) == 1
    assert (dialect.written_id, dialect.backlog) == (1, 2)
    waits = dialect.next_send_at is not None
    dialect.receive_data(request_)
    assert waits
    assert dialect.next_send_at is None
    assert dialect.answers_probes
    assert (dialect.written_id, dialect.backlog) == (1, 0)
    found = objects(dialect.send([Accepted([1], 9, 1)], 5.0, WALL))
    assert dialect.written_id == 3
    assert [one.get("mess_text") for one in found] == ["2", "3", None]
    assert found[-1]["message_id"] == 9
    assert dialect.data_to_send(99.0) == b""


def test_the_end_of_an_object_under_way_is_its_newline() -> None:
    assert canonical().end_of_object(b'under way"}\n{"next":1}\n') == 12


def test_half_an_object_at_the_end_asks_for_nothing() -> None:
    dialect = canonical()
    dialect.receive_data(said()[:-5])
    assert list(dialect.receive_eof()) == []


def test_errors_are_told_by_code_and_sentence() -> None:
    makers: list[Callable[[], RequestError]] = [
        lambda: NoSuchName("x"),
        lambda: TooLong("x", 1),
    ]
    for make in makers:
        (answer,) = told(canonical(), [Refused(make(), 5)])
        assert answer["response"] == make().code
        assert answer["error"] == str(make())
        assert answer["id"] == 5


def test_a_join_between_messages_keeps_its_place() -> None:
    data = said("1") + line({"action": "join", "room": "#r"}) + said("2")
    assert canonical().receive_data(data) == [
        Said("bob", ["1"]),
        JoinRoom("#r"),
        Said("bob", ["2"]),
    ]


def test_a_read_of_many_small_objects_is_handled_over_several_turns() -> None:
    dialect = JimDialect(Limits())
    events = list(dialect.receive_data(b"{}" * 1000))
    turns = 1
    assert len(events) < 100
    while dialect.has_unread:
        events += dialect.receive_data(b"")
        turns += 1
    assert len(events) == 1000
    assert turns > 10


def test_what_comes_behind_unread_objects_keeps_its_place() -> None:
    dialect = JimDialect(Limits())
    events = list(dialect.receive_data(b'{"action":"quit"}' * 100))
    events += dialect.receive_data(b'{"action":"join","room":"#r"}\n')
    while dialect.has_unread:
        events += dialect.receive_data(b"")
    assert [type(event) for event in events] == [Quitting] * 100 + [JoinRoom]
