"""Read what strace writes: system calls with their bytes, in the order of its lines.

strace stops a thread where it enters a call and where it leaves it, and handles one
stop after the other. A call therefore happens between the line on which it `started`
and the line on which it `ended`; what started on a later line than another ended came
after it. Calls of several threads are torn over two lines, which are joined here.

The output must come from `strace -f -y -xx` with strings long enough for all data.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["Call", "Unreadable", "path_of", "read_calls"]

_THREAD = re.compile(r"(?:\[pid\s+)?(\d+)\]? +")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>")
_UNFINISHED = "<unfinished ...>"
_PATH = re.compile(r"<([^>]*)>(\(deleted\))?")


class Unreadable(Exception):
    """A line that doesn't have all of a call's bytes, or isn't strace's."""


class Call(NamedTuple):
    """One system call.

    `arguments` are as strace wrote them, with every string emptied; `strings` holds
    those. `result` is None where the call never came back; `note` follows the result
    (for -1: the error, and whether it was injected). `ended` is infinite where nothing
    says that the call ended.
    """

    thread: int
    name: str
    arguments: tuple[str, ...]
    strings: tuple[bytes, ...]
    result: int | None
    note: str
    started: int
    ended: float


def read_calls(lines: Iterable[str], first: int = 0) -> Iterator[Call]:
    """Yield the calls as they end, those that never ended last; `first` counts lines.

    Signals and exits are left out. Raises Unreadable.
    """
    begun: dict[int, tuple[int, str]] = {}
    for number, line in enumerate(lines, first):
        found = _THREAD.match(line)
        if found is None:
            raise Unreadable(f"line {number} names no thread: {line[:80]!r}")
        thread, rest = int(found[1]), line[found.end() :].rstrip()
        if rest.startswith(("+++", "---")):
            continue
        if rest.endswith(_UNFINISHED):
            begun[thread] = number, rest.removesuffix(_UNFINISHED)
            continue
        started = number
        if resumed := _RESUMED.match(rest):
            if thread not in begun:
                raise Unreadable(f"line {number} resumes what never began")
            started, head = begun.pop(thread)
            rest = head + rest[resumed.end() :]
        yield _whole(thread, rest, started, number)
    for thread, (started, head) in begun.items():
        yield _call(thread, head.rstrip(") "), None, "", started, math.inf)


def path_of(argument: str) -> str:
    """Return the path that stands behind a descriptor, "" where none does.

    A file that has lost its name has "(deleted)" behind its path; a socket is called
    "socket:[...]".
    """
    found = _PATH.search(argument)
    if found is None:
        return ""
    path, deleted = found.groups(default="")
    # Newer versions of strace write paths as hex too, older ones as they are.
    name = _bytes(path).decode("utf-8", "replace") if path[:2] == "\\x" else path
    return name + deleted


def _whole(thread: int, text: str, started: int, ended: int) -> Call:
    head, equals, tail = text.rpartition(" = ")
    head = head.rstrip()
    if not equals or not head.endswith(")"):
        raise Unreadable(f"line {ended} has no result: {text[-80:]!r}")
    word, _, note = tail.partition(" ")
    number = re.match(r"-?\d+|0x[0-9a-f]+", word)
    result = int(number[0], 0) if number else None
    return _call(thread, head[:-1], result, note, started, ended)


def _call(
    thread: int, text: str, result: int | None, note: str, started: int, ended: float
) -> Call:
    name, _, rest = text.partition("(")
    # In hex no string holds a quote: every second piece is the inside of one.
    pieces = rest.split('"')
    if any(piece.startswith("...") for piece in pieces[2::2]):
        raise Unreadable(f"line {started} was cut short: strace needs a larger -s")
    strings = tuple(_bytes(piece) for piece in pieces[1::2])
    arguments = tuple(one.strip() for one in '""'.join(pieces[::2]).split(", "))
    return Call(thread, name, arguments, strings, result, note, started, ended)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
