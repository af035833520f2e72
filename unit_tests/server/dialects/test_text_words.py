"""What is said at the text door: nobody can fake a line, and all see who said it."""

import re

import pytest

from common.names import ALL
from server.dialects.text_steps import Ask
from server.events import (
    Delivery,
    MessageList,
    Movement,
    Notice,
    PresenceTold,
    RoomChanged,
    Ruling,
)
from unit_tests.server.dialects.feeding import (
    NOW,
    WALL,
    talking,
)
from unit_tests.server.dialects.texting import (
    ALICE,
    BOB,
    ROOM,
    THEN,
    heard,
    row,
    said,
    stamp,
)


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


CONTROLS = [
    chr(at) for at in (*range(32), 127, *range(128, 160), 0x2028, 0x202E) if at != 9
]  # a tab is shown as spaces


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
