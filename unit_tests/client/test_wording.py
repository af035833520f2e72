import time

import pytest

from client.events import (
    Away,
    ConversationsListed,
    DevicesListed,
    Event,
    HistoryListed,
    KeptMessage,
    Kind,
    KnownDevice,
    MessageFailed,
    MessageReceived,
    MessageSent,
    Movement,
    Notice,
    Person,
    ReceiptReceived,
    Registered,
    RequestDone,
    RequestFailed,
    Room,
    RoomsListed,
    SearchDone,
    SessionEnded,
    UsersListed,
    Welcomed,
)
from client.wording import Tone, lines_of
from common.names import Secret

NOW = time.mktime((2026, 3, 4, 12, 34, 56, 0, 0, -1))
EVIL = "\x1b[2J\u202e\r\x00"


def said(event: Event, me: str = "alice") -> list[str]:
    return [f"{one.head} {one.text}".strip() for one in lines_of(event, me, NOW)]


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (MessageReceived("bob", "alice", "hi", NOW), ["2026-03-04 12:34 bob: hi"]),
        (MessageReceived("bob", "#r", "hi", NOW), ["2026-03-04 12:34 #r bob: hi"]),
        (
            MessageReceived("Alice", "bob", "hi", NOW),
            ["2026-03-04 12:34 Alice to bob: hi"],
        ),
        (
            MessageReceived("alice", "alice", "note", NOW),
            ["2026-03-04 12:34 alice: note"],
        ),
        (
            MessageReceived("bob", "alice", "old", NOW - 86_400),
            ["2026-03-03 12:34 bob: old"],
        ),
        (MessageReceived("bob", "alice", "hi", 1e300), ["????-??-?? ??:?? bob: hi"]),
        (MessageReceived("bob", "alice", "a\nb", NOW), ["2026-03-04 12:34 bob: a\nb"]),
        (MessageSent(1, "bob", "hi"), ["✓ sent to bob"]),
        (MessageSent(1, "bob", "hi", 3, 202), ["✓ kept for bob, who is away"]),
        (
            MessageFailed(1, "bob", "x" * 50, "no", 404),
            [f"✗ not sent to bob: no ({'x' * 40}…)"],
        ),
        (Movement("#r", "bob", joined=True), ["bob joined #r"]),
        (Movement("#r", "bob", joined=False), ["bob left #r"]),
        (RequestDone(1, Kind.JOIN, "#r"), ["✓ you joined #r"]),
        (
            RequestDone(1, Kind.JOIN, "#r", created=True),
            ["✓ you joined #r, which is new"],
        ),
        (RequestDone(1, Kind.LEAVE, "#r"), ["✓ you left #r"]),
        (RequestFailed(1, Kind.JOIN, "#r", "no", 403), ["join #r: no"]),
        (RequestFailed(1, Kind.ROOMS, "", "no", 500), ["rooms: no"]),
        (
            UsersListed(1, "", [Person("Alice"), Person("bob", online=False)]),
            ["1 here, 1 not:", "Alice (you)", "bob (not here)"],
        ),
        (UsersListed(1, "#r", []), ["0 in #r:"]),
        (
            RoomsListed(1, [Room("#a", 1), Room("#b", 2, joined=True)]),
            ["2 rooms:", "#a (1 member)", "#b (2 members, you too)"],
        ),
        (
            HistoryListed(1, "bob", [KeptMessage(1, NOW, "bob", "alice", "hi")]),
            ["bob, 1 message:", "2026-03-04 12:34 bob: hi"],
        ),
        (SearchDone(1, "x", []), ["no message with x"]),
        (ConversationsListed(1, []), ["0 conversations:"]),
        (
            DevicesListed(1, [KnownDevice(1, NOW, here=True)]),
            ["1 device:", "1: this device, known since 2026-03-04"],
        ),
        (ReceiptReceived(False, "bob", "alice", 3), ["✓✓ delivered to bob"]),
        (ReceiptReceived(True, "bob", "alice", 3), ["✓✓ read by bob"]),
        (
            Registered(1, Secret("s3cret"), 1),
            ["✓ alice is an account now, signed in on this device"],
        ),
        (
            Registered(1, Secret(""), 0),
            ["✓ alice is an account now, without a password"],
        ),
        (
            RequestDone(1, Kind.PASSWORD, ""),
            ["✓ password changed; your other devices are signed out"],
        ),
        (RequestDone(1, Kind.FORGET_DEVICE, ""), ["✓ the device is signed out"]),
        (RequestDone(1, Kind.DELETE_ACCOUNT, ""), ["✓ the account is deleted"]),
        (RequestDone(1, Kind.READ, "bob"), []),
        (
            RequestFailed(1, Kind.HISTORY, "bob", "nobody", 404),
            ["history bob: nobody"],
        ),
        (Notice(101, "down"), ["the server says: down"]),
        (Away("gone"), ["gone; trying again"]),
        (Welcomed("alice", True, False, 0), ["signed in as alice"]),
        (
            Welcomed("alice", True, True, 1),
            [
                "signed in as alice; the server has been started anew; "
                "sending 1 message that waited"
            ],
        ),
        (SessionEnded("for whoever runs the session"), []),
    ],
)
def test_an_event_is_said(event: Event, lines: list[str]) -> None:
    assert said(event) == lines


@pytest.mark.parametrize(
    "event",
    [
        MessageReceived(EVIL, EVIL, EVIL, NOW),
        MessageReceived("alice", EVIL, EVIL, NOW),
        MessageReceived(EVIL, f"#{EVIL}", EVIL, NOW),
        MessageSent(1, EVIL, EVIL),
        MessageSent(1, EVIL, EVIL, code=202),
        MessageFailed(1, EVIL, EVIL, EVIL, 404),
        Movement(EVIL, EVIL, joined=True),
        RequestDone(1, Kind.JOIN, EVIL),
        RequestFailed(1, Kind.JOIN, EVIL, EVIL, 403),
        UsersListed(1, EVIL, [Person(EVIL), Person(EVIL, online=False)]),
        RoomsListed(1, [Room(EVIL, 1)]),
        RequestFailed(1, Kind.HISTORY, EVIL, EVIL, 404),
        ReceiptReceived(True, EVIL, EVIL, 3),
        HistoryListed(1, EVIL, [KeptMessage(1, NOW, EVIL, EVIL, EVIL)]),
        Notice(500, EVIL),
        Away(EVIL),
        Welcomed(EVIL, True, False, 0),
    ],
)
def test_nothing_of_others_reaches_a_screen_as_it_is(event: Event) -> None:
    for line in said(event):
        assert not set(line) & set(EVIL) - set("[2J")
        assert "\\x1b" in line or "\\u202e" in line or line[0].isdigit()


def test_trouble_is_told_apart_from_talk() -> None:
    tones = [
        lines_of(event, "alice", NOW)[0].tone
        for event in (Notice(101, "x"), Notice(408, "x"), Away("x"))
    ]
    assert tones == [Tone.TALK, Tone.TROUBLE, Tone.TROUBLE]


def test_a_message_of_today_names_no_day_to_somebody_who_watches() -> None:
    event = MessageReceived("bob", "alice", "hi", NOW)
    assert lines_of(event, "alice", NOW, by_day=True)[0].head == "12:34 bob:"
