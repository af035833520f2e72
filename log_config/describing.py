"""How a value appears in the call log: what may be written out, and what may not.

Written out: numbers, truth values, enums, and strings that the code declares public by
their annotation (`Name`, `RoomName`, ...). Everything else, above all bytes, texts,
secrets and containers, appears as its type and its length.
"""

import enum
import os
import re
from collections import deque
from pathlib import PurePath

from common.safe_text import visible
from errors import RequestError

__all__ = ["PUBLIC", "describe", "describe_error"]

#: Annotations whose strings may be written out; all others are treated as texts.
PUBLIC = frozenset({"Address", "Label", "Name", "RoomName"})
_LONGEST = 80
_MOST_BITS = 128
_WORD = re.compile(r"\w+")
# Only these are asked for their length: a class of ours may log its own `__len__`.
_CONTAINERS = (
    bytes,
    bytearray,
    memoryview,
    list,
    tuple,
    dict,
    set,
    frozenset,
    deque,
    range,
)


def describe(value: object, annotation: str = "", *, texts: bool = False) -> str:
    """Return `value` for the log; `annotation` is its declared type as written.

    `texts` is the administrator's word that texts may be logged; strings declared
    Secret stay hidden all the same.
    """
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return repr(value)
    if isinstance(value, int) and kind is int:
        # Python refuses to write out an int of thousands of digits.
        bits = value.bit_length()
        return repr(value) if bits <= _MOST_BITS else f"<int {bits} bits>"
    if isinstance(value, enum.Enum):
        return f"{kind.__name__}.{value.name}"
    if isinstance(value, str):
        words = set(_WORD.findall(annotation))
        if words & PUBLIC or (texts and "Secret" not in words):
            return f"'{visible(value[:_LONGEST])}'"
        return f"<{kind.__name__} {len(value)}>"
    if isinstance(value, PurePath):
        return f"'{visible(os.fspath(value))}'"
    if isinstance(value, BaseException):
        return describe_error(value)
    name: str = getattr(kind, "__qualname__", kind.__name__)
    label = getattr(value, "log_label", None)
    if isinstance(label, str):
        return f"<{name} {visible(label)}>"
    if isinstance(value, _CONTAINERS):
        return f"<{name} {len(value)}>"
    return f"<{name}>"


def describe_error(error: BaseException) -> str:
    """Return the kind of an error and its code; its text may quote what was said."""
    name = type(error).__name__
    if isinstance(error, RequestError):
        return f"{name}({error.code})"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name}({os.strerror(error.errno)})"
    return name
