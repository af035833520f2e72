import time

import pytest

from client.events import HistoryListed, SearchDone
from client.line import Line, Tone
from client.lists import (
    conversation_lines,
    device_lines,
    history_lines,
    search_lines,
    unread_line,
)
from client.rows import Conversation, KeptMessage, KnownDevice

NOW = time.mktime((2026, 3, 4, 12, 34, 56, 0, 0, -1))
DAY = 86_400.0
EVIL = "\x1b[2J\u202e\r\x00"


def kept(
    text: str, sender: str = "bob", to: str = "alice", ago: float = 0
) -> KeptMessage:
    return KeptMessage(1, NOW - ago, sender, to, text)


def said(lines: list[Line]) -> list[str]:
    return [f"{one.head} {one.text}".strip() for one in lines]


PAGE = [
    kept("old", ago=2 * DAY),
    kept("yesterday", "alice", "bob", ago=DAY),
    kept("later", ago=DAY),
    kept("now\nhere"),
]


def test_a_page_is_grouped_by_days_for_somebody() -> None:
    page = HistoryListed(1, "bob", PAGE, more=True, before=1)
    lines = history_lines(page, "alice", NOW, by_day=True)
    assert said(lines) == [
        "bob, 4 messages:",
        "— 2026-03-02 —",
        "12:34 bob: old",
        "— 2026-03-03 —",
        "12:34 you: yesterday",
        "12:34 bob: later",
        "— today —",
        "12:34 bob: now\nhere",
        "/more shows what came before",
    ]


def test_each_line_says_all_where_it_stands_alone() -> None:
    page = HistoryListed(1, "bob", PAGE)
    lines = history_lines(page, "alice", NOW, by_day=False)
    data = [one for one in lines if one.tone is Tone.DATA]
    assert said(data) == [
        "2026-03-02 12:34 bob: old",
        "2026-03-03 12:34 alice to bob: yesterday",
        "2026-03-03 12:34 bob: later",
        "2026-03-04 12:34 bob: now\nhere",
    ]
    assert [one.tone for one in lines if one not in data] == [Tone.TALK]


def test_an_empty_page_is_said() -> None:
    lines = history_lines(HistoryListed(1, "bob", []), "alice", NOW, by_day=True)
    assert said(lines) == ["nothing kept of bob"]


def test_what_was_found_says_where() -> None:
    rows = [kept("ёлка", "bob", "#дом"), kept("ёлка", "alice", "bob")]
    lines = search_lines(SearchDone(1, "ёлка", rows), "alice", NOW, by_day=True)
    assert said(lines) == [
        "2 messages with ёлка:",
        "— today —",
        "12:34 #дом bob: ёлка",
        "12:34 you → bob: ёлка",
    ]


def test_what_was_not_found_or_not_looked_at_is_said() -> None:
    page = SearchDone(1, "x", [], whom="bob", lag=1)
    assert said(search_lines(page, "alice", NOW, by_day=True)) == [
        "no message of bob with x",
        "1 message could not be looked at yet; try again",
    ]


def test_conversations_say_what_is_unread_and_what_was_last() -> None:
    rows = [
        Conversation("bob", 2, 1, kept("hi")),
        Conversation("#r", 1000, 0, kept("x" * 50, "alice", "#r", ago=DAY)),
        Conversation("carol"),
    ]
    assert said(conversation_lines(rows, "alice", NOW, by_day=True)) == [
        "3 conversations:",
        "bob (2 unread) 12:34 bob: hi",
        f"#r (1000+ unread) 2026-03-03 12:34 you: {'x' * 40}…",
        "carol",
    ]


@pytest.mark.parametrize(
    ("missed", "unread", "words"),
    [
        (0, [], []),
        (3, [2, 1], ["3 missed messages; unread: who0 2, who1 1"]),
        (1, [], ["1 missed message"]),
        (0, [0, 1], ["unread: who1 1"]),
        (
            0,
            [1] * 10,
            [f"unread: {', '.join(f'who{n} 1' for n in range(8))}, and 2 more"],
        ),
    ],
)
def test_what_was_missed_fits_one_line(
    missed: int, unread: list[int], words: list[str]
) -> None:
    rows = [Conversation(f"who{n}", count) for n, count in enumerate(unread)]
    assert said(unread_line(missed, rows)) == words


def test_devices_say_which_one_is_here() -> None:
    devices = [
        KnownDevice(3, NOW - DAY, NOW, online=True, here=True),
        KnownDevice(4, NOW, NOW, online=True),
        KnownDevice(5, NOW - DAY, NOW - DAY),
        KnownDevice(6, NOW, NOW, online=True, token=True),
        KnownDevice(7, NOW, NOW, online=True, token=True, token_until=NOW + DAY),
    ]
    assert said(device_lines(devices, NOW)) == [
        "5 devices:",
        "3: this device, known since 2026-03-03",
        "4: signed in, known since 2026-03-04",
        "5: last here 2026-03-03 12:34, known since 2026-03-03",
        "6: signed in, known since 2026-03-04, signs in until it is signed out",
        "7: signed in, known since 2026-03-04, signs in until 2026-03-05 unless used "
        "before",
    ]


def test_nothing_of_others_reaches_a_screen_as_it_is() -> None:
    evil = KeptMessage(1, NOW, EVIL, EVIL, EVIL)
    lines = [
        *history_lines(HistoryListed(1, EVIL, [evil]), "alice", NOW, by_day=True),
        *history_lines(HistoryListed(1, EVIL, []), "alice", NOW, by_day=True),
        *search_lines(SearchDone(1, EVIL, [evil], whom=EVIL), "a", NOW, by_day=False),
        *conversation_lines(
            [Conversation(EVIL, 1, 0, evil)], "alice", NOW, by_day=True
        ),
        *unread_line(1, [Conversation(EVIL, 1)]),
    ]
    for line in said(lines):
        assert not set(line) & set(EVIL) - set("[2J")
