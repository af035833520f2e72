"""Lists in words: a line per row, after a line that says of what.

What others wrote is made harmless here, as in `client.wording`.
"""

from __future__ import annotations

from collections.abc import Sequence

from client.events import HistoryListed, MessageReceived, SearchDone
from client.line import Line, Seen, Tone
from client.lists_rules import counted
from client.mentions import mentions
from client.rows import Conversation, KeptMessage, KnownDevice
from client.times import clock_time, day_of, moment, said_at
from common.cells import beginning
from common.names import fold, is_room
from common.safe_text import visible
from decorators import log

__all__ = [
    "conversation_lines",
    "device_lines",
    "excerpt",
    "history_lines",
    "message_line",
    "search_lines",
    "unread_line",
    "unread_lines",
]

_EXCERPT_CHARACTERS = 40
_MOST_UNREAD_NAMED = 8
#: Where a server stops counting.
_MOST_UNREAD = 1_000


@log
def excerpt(text: str) -> str:
    """Return the beginning of a text, on one line."""
    if len(text) <= _EXCERPT_CHARACTERS:
        return visible(text)
    return f"{visible(beginning(text, _EXCERPT_CHARACTERS))}…"


@log
def message_line(
    message: MessageReceived | KeptMessage,
    me: str,
    when: str,
    *,
    within: bool = False,
    by_day: bool = False,
) -> Line:
    """Return a message with `when` before it; `within` a known conversation or not.

    Who watches (`by_day`) is called "you", a program behind a pipe by their name.
    """
    own = fold(message.sender) == fold(me)
    sender, to = visible(message.sender), visible(message.to)
    name, arrow = sender, "to"
    if own and by_day:
        sender, arrow = "you", "→"
    if within:
        who = sender
    elif is_room(message.to):
        who = f"{to} {sender}"
    elif own and fold(message.to) != fold(me):
        # What we said, here or on another device.
        who = f"{sender} {arrow} {to}"
    else:
        who = sender
    text = visible(message.text, keep_newlines=True)
    seen = None
    if message.message_id and not own:
        # One's own are nothing that one reads: their reader would be told so.
        whom = message.to if is_room(message.to) else message.sender
        seen = Seen(whom, message.message_id)
    return Line(
        Tone.DATA,
        text,
        f"{when} {who}:",
        seen=seen,
        who="" if own else name,
        me=me if not own and mentions(message.text, me) else "",
    )


@log
def history_lines(
    page: HistoryListed, me: str, now: float, *, by_day: bool
) -> list[Line]:
    """Return a page of a conversation; `by_day` puts a line before each day's part."""
    whom = visible(page.whom)
    if not page.messages:
        return [Line(Tone.TALK, f"nothing kept of {whom}")]
    head = Line(Tone.TALK, f"{whom}, {counted(len(page.messages), 'message')}:")
    rows = _rows(page.messages, me, now, by_day=by_day, within=by_day)
    return [head, *rows, *_more(page.more)]


@log
def search_lines(page: SearchDone, me: str, now: float, *, by_day: bool) -> list[Line]:
    """Return what a search has found."""
    count = len(page.messages)
    where = f" of {visible(page.whom)}" if page.whom else ""
    lines = [
        Line(
            Tone.TALK,
            f"{counted(count, 'message') if count else 'no message'}{where} with "
            f"{excerpt(page.text)}{':' if count else ''}",
        ),
        # Whoever finds one message has not read those before it.
        *(
            line._replace(seen=None)
            for line in _rows(page.messages, me, now, by_day=by_day, within=False)
        ),
    ]
    if page.lag:
        late = f"{counted(page.lag, 'message')} could not be looked at yet; try again"
        lines.append(Line(Tone.TALK, late))
    return [*lines, *_more(page.more)]


@log
def conversation_lines(
    rows: Sequence[Conversation], me: str, now: float, *, by_day: bool
) -> list[Line]:
    """Return with whom we talk, the latest first, and what is unread."""
    lines = [Line(Tone.TALK, f"{counted(len(rows), 'conversation')}:")]
    for row in rows:
        unread = f" ({_unread(row)} unread)" if row.unread else ""
        who = f"{visible(row.whom)}{unread}"
        if row.last is None:
            lines.append(Line(Tone.DATA, who))
            continue
        when = said_at(row.last.time, now, by_day=by_day)
        sender = "you" if fold(row.last.sender) == fold(me) else row.last.sender
        text = excerpt(row.last.text)
        lines.append(Line(Tone.DATA, text, f"{who} {when} {visible(sender)}:"))
    return lines


@log
def unread_lines(
    rows: Sequence[Conversation], me: str, now: float, *, by_day: bool
) -> list[Line]:
    """Return the conversations that hold something unread."""
    unread = [row for row in rows if row.unread]
    if not unread:
        return [Line(Tone.TALK, "nothing is unread")]
    return conversation_lines(unread, me, now, by_day=by_day)


@log
def unread_line(missed: int, rows: Sequence[Conversation]) -> list[Line]:
    """Return in one line what happened in our absence; none if nothing did."""
    words = []
    if missed:
        words.append(f"{counted(missed, 'missed message')}")
    unread = [f"{visible(row.whom)} {_unread(row)}" for row in rows if row.unread]
    if len(unread) > _MOST_UNREAD_NAMED:
        others = len(unread) - _MOST_UNREAD_NAMED
        unread[_MOST_UNREAD_NAMED:] = [f"and {others} more"]
    if unread:
        words.append(f"unread: {', '.join(unread)}")
    return [Line(Tone.TALK, "; ".join(words))] if words else []


@log
def device_lines(devices: Sequence[KnownDevice], now: float) -> list[Line]:
    """Return the devices of our account; the number before one is for `logout`."""
    lines = [Line(Tone.TALK, f"{counted(len(devices), 'device')}:")]
    for one in devices:
        if one.here:
            what = "this device"
        elif one.online:
            what = "signed in"
        else:
            what = f"last here {moment(one.seen, now)}"
        words = [what, f"known since {day_of(one.created)}"]
        if one.token_until is not None:
            words.append(f"signs in until {day_of(one.token_until)} unless used before")
        elif one.token:
            words.append("signs in until it is signed out")
        lines.append(Line(Tone.DATA, f"{one.device_id}: {', '.join(words)}"))
    return lines


@log
def _rows(
    messages: Sequence[KeptMessage],
    me: str,
    now: float,
    *,
    by_day: bool,
    within: bool,
) -> list[Line]:
    """Return messages; where days have no lines of their own each names its day."""
    if not by_day:
        return [
            message_line(one, me, said_at(one.time, now, by_day=False))
            for one in messages
        ]
    lines = []
    today, day = day_of(now), ""
    for one in messages:
        if day_of(one.time) != day:
            day = day_of(one.time)
            words = "today" if day == today else day
            lines.append(Line(Tone.TALK, f"— {words} —"))
        when = clock_time(one.time)
        lines.append(message_line(one, me, when, within=within, by_day=by_day))
    return lines


@log
def _more(more: bool) -> list[Line]:
    return [Line(Tone.TALK, "/more shows what came before")] if more else []


@log
def _unread(row: Conversation) -> str:
    return f"{_MOST_UNREAD}+" if row.unread >= _MOST_UNREAD else str(row.unread)
