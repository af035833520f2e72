"""What a command prints: aligned tables for people, JSON for programs."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from common.cells import cells, padded
from common.safe_text import visible, visible_json
from decorators import log

__all__ = ["Column", "Printer", "counted", "json_line", "moment", "size"]

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Column(NamedTuple):
    """A column of a table: the key of its values, and its title."""

    key: str
    title: str


class Printer:
    """Prints results on stdout, and what is said about them on stderr.

    With `as_json` a list is a JSON object per line, anything else one JSON document.
    Keys of moments are in `_MOMENTS`: people read them in local time.
    """

    @log
    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    @log
    def table(
        self, rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]
    ) -> None:
        """Print a list."""
        if self.as_json:
            for row in rows:
                self._write_json(row)
            return
        texts = [[_shown(row.get(one.key), one.key) for one in columns] for row in rows]
        if not texts:
            self.say("none")
            return
        titles = [one.title for one in columns]
        widths = [
            max(map(cells, column)) for column in zip(titles, *texts, strict=True)
        ]
        for line in (titles, *texts):
            padded_row = (
                padded(text, width) for text, width in zip(line, widths, strict=True)
            )
            sys.stdout.write("  ".join(padded_row).rstrip() + "\n")

    @log
    def fields(self, document: Mapping[str, Any]) -> None:
        """Print one thing: a line for each of its fields that says anything."""
        if self.as_json:
            self._write_json(document)
            return
        shown = ((_title(key), _shown(value, key)) for key, value in document.items())
        texts = {title: text for title, text in shown if text}
        width = max(map(cells, texts), default=0)
        for title, text in texts.items():
            sys.stdout.write(f"{padded(title, width)}  {text}\n")

    @log
    def done(self, document: Mapping[str, Any], sentence: str) -> None:
        """Print what was done: a sentence, or its facts as JSON."""
        if self.as_json:
            self._write_json(document)
        else:
            self.line(sentence)

    @log
    def line(self, text: str) -> None:
        """Print a line that is the result itself."""
        sys.stdout.write(visible(text) + "\n")

    @log
    def say(self, text: str) -> None:
        """Say something about the result; it is no part of it."""
        sys.stdout.flush()
        sys.stderr.write(visible(text) + "\n")

    @log
    def _write_json(self, document: Mapping[str, Any]) -> None:
        sys.stdout.write(json_line(document))


@log
def json_line(document: Mapping[str, Any]) -> str:
    """Return a line of JSON in which nothing drives a terminal."""
    return visible_json(msgspec.json.encode(document).decode()) + "\n"


_MOMENTS = frozenset(
    {"created", "expires", "seen", "used", "until", "time", "started", "last_time"}
    | {"deletes_by", "first_time", "certificate_ends"}
)
_SIZES = frozenset({"free_bytes", "database_bytes"})
# What programs call otherwise than people.
_TITLES = {
    "online": "here",
    "owner": "host",
    "sanctioned": "banned or muted",
    "first_time": "oldest message",
    "last_time": "newest message",
    "last_message": "last number given",
    "database_bytes": "database",
    "free_bytes": "free on its disk",
    "clock_trouble": "trouble with the clock",
    "audit_trouble": "trouble with the audit log",
}


@log
def _title(key: str) -> str:
    return _TITLES.get(key) or key.replace("_", " ")


@log
def counted(number: int, what: str) -> str:
    """Return "1 message" or "2 messages"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@log
def moment(when: float, *, seconds: bool = False) -> str:
    """Return a moment in UNIX seconds as local time, 2026-03-04 12:34 (or :56)."""
    form = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    try:
        return time.strftime(form, time.localtime(when))
    except (OverflowError, ValueError, OSError):
        return "????-??-?? ??:??"


@log
def size(amount: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in _UNITS[:-1]:
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} {_UNITS[-1]}"


@log
def _shown(value: Any, key: str) -> str:
    if value is None or value is False or value == []:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, int | float):
        if key in _MOMENTS:
            return moment(value)
        return size(value) if key in _SIZES else f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one, key) for one in value)
    if isinstance(value, dict):
        words = (f"{k.replace('_', ' ')} {_shown(v, k)}" for k, v in value.items())
        return "; ".join(word for word in words if not word.endswith(" "))
    return visible(str(value))
