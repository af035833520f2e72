"""What every dialect must do, run over all of them."""

import random
from collections.abc import Callable

import pytest

from common.limits import Limits
from common.names import Name, RoomName, Secret
from errors import (
    AlreadySettled,
    Away,
    BadRequest,
    NameRegistered,
    NameTaken,
    NoSuchName,
    NoSuchRoom,
    NotAllowed,
    NotSignedIn,
    NotStored,
    OutOfService,
    Replaced,
    RequestError,
    SignedOut,
    SlowReader,
    TooLate,
    TooLong,
    TooMany,
    TooSoon,
    WrongPassword,
)
from server.dialects.admin import AdminDialect
from server.dialects.base import Dialect
from server.dialects.foreign import ForeignDialect
from server.dialects.jim import JimDialect
from server.dialects.minechat import MineChatReader, MineChatSender
from server.dialects.opening import Opening
from server.dialects.requests import _READERS
from server.dialects.text import TextDialect
from server.events import (
    Accepted,
    CaughtUp,
    ConversationEntry,
    ConversationList,
    Delivery,
    DeviceEntry,
    DeviceList,
    Done,
    Duplicate,
    Goodbye,
    InviteEntry,
    InviteList,
    InviteMade,
    KeptMessage,
    MessageList,
    Movement,
    Notice,
    Outgoing,
    PresenceTold,
    Probing,
    Receipt,
    Refused,
    Registered,
    RoomChanged,
    RoomEntry,
    RoomList,
    Ruling,
    SanctionEntry,
    SanctionList,
    TokenEntry,
    TokenList,
    UserEntry,
    UserList,
    Welcome,
)
from unit_tests.server.dialects.feeding import NOW, WALL, canonical, line, talking
from unit_tests.server.dialects.test_course import course

DIALECTS: dict[str, Callable[[], Dialect]] = {
    "opening": lambda: Opening(Limits()),
    "new": lambda: JimDialect(Limits()),
    "canonical": canonical,
    "course": course,
    "course with lists": lambda: course(lists=True),
    "HTTP": lambda: ForeignDialect("HTTP"),
    "TLS": lambda: ForeignDialect("TLS"),
    "IRC": lambda: ForeignDialect("IRC"),
    "the owner's shell": lambda: AdminDialect(Limits()),
    "MineChat to read at": MineChatReader,
    "MineChat to send at": lambda: MineChatSender(Limits()),
    "text": lambda: TextDialect(Limits()),
    "text of who has signed in": talking,
    "text without newlines": lambda: talking(newlines=False),
}
ALICE, ROOM = Name("alice"), RoomName("#r")
ERRORS: list[RequestError] = [
    AlreadySettled(1),
    Away("x"),
    BadRequest("x"),
    NameRegistered("x"),
    NameTaken("x", "y"),
    NoSuchName("\x1b[31m"),
    NoSuchRoom("#\udfff"),
    NotAllowed("x"),
    NotSignedIn(),
    NotStored("x"),
    OutOfService("x"),
    Replaced(),
    SignedOut(),
    SlowReader(1),
    TooLate("x", 1.5),
    TooLong("x", 1),
    TooMany("x", 1),
    TooSoon("x", 1.5),
    WrongPassword(),
]
KEPT = KeptMessage(1, 1.5, ALICE, ROOM, "щ\x00", 1)
OUTGOING: list[Outgoing] = [
    Welcome(ALICE, True, "s", 1, 2, [1], Limits(), 3),
    Accepted([1, 2], 1, 2),
    Accepted(None, 1, 2),
    Duplicate(1, None),
    Delivery(ALICE, ROOM, ["a", "щ" * 5000, "\x00\x1b", ""], 1),
    Delivery(ALICE, ALICE, ["b"], 5, numbers=[7], shows_numbers=True, time=1.5),
    Done(1, created=True),
    Movement(True, ROOM, ALICE),
    Movement(False, ROOM, ALICE),
    RoomList([RoomEntry(ROOM, 1, True)], True, 1),
    UserList([UserEntry(ALICE, "s", True, False)], False, None),
    MessageList([KEPT, KEPT], True, lag=1),
    MessageList([KEPT], False, newest_kept=False, request=1),
    ConversationList([ConversationEntry(ROOM, KEPT, 1, 0)], True),
    TokenList([TokenEntry(1, 1.5, None, None), TokenEntry(1, 1.5, 2.5, 1)]),
    DeviceList([DeviceEntry(1, 1.5, 2.5, True, False)], 1),
    Registered(Secret("x"), 1, 1),
    Receipt(True, ALICE, ROOM, 1),
    Receipt(False, ALICE, ALICE, 1),
    CaughtUp(1),
    Notice(100, "hello"),
    Probing(),
    InviteMade(Secret("x"), 1, 1.5, 1),
    InviteList([InviteEntry(1, "member", 1.5, 2.5, 1, 0, ROOM, ALICE)]),
    SanctionList([SanctionEntry("ban", ALICE, None, None, None, "")], 1),
    Ruling("ban", ALICE, ROOM, ALICE, "щ" * 200, 1.5),
    Ruling("role", ALICE, None, ALICE, role="owner"),
    Ruling("kick", Name("bob"), None, ALICE),
    RoomChanged(ROOM, ALICE, topic="\x00"),
    RoomChanged(ROOM, ALICE, removed=True),
    PresenceTold(ALICE, "\x1b", True, False),
    PresenceTold(ALICE, "", False, False, 1.5),
    *(Refused(error, 1) for error in ERRORS[:5]),
]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return DIALECTS[request.param]()


def _drain(dialect: Dialect, now: float) -> bytes:
    data = b""
    while dialect.next_send_at is not None:
        now = max(now, dialect.next_send_at)
        data += dialect.data_to_send(now)
    return data


def test_every_event_can_be_said(dialect: Dialect) -> None:
    dialect.send(OUTGOING, NOW, WALL)
    _drain(dialect, NOW)


def test_in_the_end_nothing_waits_and_the_last_message_is_written(
    dialect: Dialect,
) -> None:
    assert (dialect.written_id, dialect.backlog) == (0, 0)
    dialect.send(OUTGOING, NOW, WALL)
    _drain(dialect, NOW)
    silent = Opening | ForeignDialect | AdminDialect | MineChatSender
    says_no_messages = isinstance(dialect, silent)
    assert dialect.written_id == (0 if says_no_messages else 5)
    assert dialect.backlog == 0


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_goodbye_reaches_the_peer_whole(
    dialect: Dialect, error: RequestError
) -> None:
    data = dialect.send([Goodbye(error)], NOW, WALL) + _drain(dialect, NOW)
    assert data
    assert dialect.end_of_object(data) == len(data)


def test_what_is_said_does_not_depend_on_the_turns_it_comes_in(
    dialect: Dialect,
) -> None:
    # The opening and foreign dialects say only goodbye.
    at_once = dialect.send(OUTGOING, NOW, WALL) + _drain(dialect, NOW)
    if isinstance(dialect, ForeignDialect):
        assert at_once == b""
        return
    again = b"".join(
        dialect.send([event], NOW + 100 + turn * 9, WALL)
        + _drain(dialect, NOW + 100 + turn * 9)
        for turn, event in enumerate(OUTGOING)
    )
    assert sorted(again.splitlines()) == sorted(at_once.splitlines())


def test_damaged_requests_never_raise(dialect: Dialect) -> None:
    chance = random.Random(11)
    lines = EVERY_ACTION.splitlines(keepends=True)
    for _ in range(500):
        damaged = bytearray(chance.choice(lines))
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randrange(3)] = chance.randbytes(1)
        list(dialect.receive_data(bytes(damaged)))


def test_garbage_never_raises(dialect: Dialect) -> None:
    chance = random.Random(7)
    for _ in range(300):
        list(dialect.receive_data(chance.randbytes(chance.randrange(1, 40))))
    list(dialect.receive_eof())


EVERY_ACTION = b"".join(
    line({"action": action, "user": user, "room": "#r", "message": "щ", "to": "b"})
    for action in (*_READERS, "PROBE", "nonsense")
    for user in ({"account_name": "b", "password": "p"}, "b", 5)
)


def test_every_action_one_byte_at_a_time_never_raises(dialect: Dialect) -> None:
    data = EVERY_ACTION + b"\xff\x00{]}\n"
    if isinstance(dialect, Opening):  # which begins anew with all that has come
        data = data[:500]
    for at in range(len(data)):
        list(dialect.receive_data(data[at : at + 1]))


def test_nothing_to_say_is_no_bytes(dialect: Dialect) -> None:
    assert dialect.send([], NOW, WALL) == b""
    assert dialect.data_to_send(NOW) == b""
