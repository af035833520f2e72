"""Read one JSON object exactly: what is ambiguous or not JSON at all is refused."""

import json
from typing import Any

import msgspec

from errors import BadRequest

__all__ = ["read_object"]

_NOT_UTF_8 = "the text is not UTF-8"


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`, or raise BadRequest that says what is wrong.

    Refused besides bad JSON: bad UTF-8, numbers out of range, a key that comes twice
    (readers differ in which one they believe).
    """
    try:
        value = msgspec.json.decode(raw)
        if not isinstance(value, dict):
            raise BadRequest("expected a JSON object, which begins with {")
        # Each key brings a colon of its own, so where there are no more colons than
        # keys none can be a second one. Texts hold colons too: then a slower reader
        # decides.
        if raw.count(b":") != _count_keys(value):
            _refuse_duplicates(raw)
    except msgspec.DecodeError as error:
        raise BadRequest(_problem(raw, error)) from None
    except UnicodeDecodeError:
        raise BadRequest(_NOT_UTF_8) from None
    except RecursionError:
        raise BadRequest("the object is nested too deeply") from None
    return value


def _count_keys(value: object) -> int:
    """Return how many keys all the objects in a decoded JSON value have."""
    if isinstance(value, dict):
        return len(value) + sum(map(_count_keys, value.values()))
    if isinstance(value, list):
        return sum(map(_count_keys, value))
    return 0


def _is_read_by_others(raw: bytes) -> bool:
    """Tell whether a reader that lets half a surrogate pair through takes it."""
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_duplicates(raw: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        keys = [key for key, _ in pairs]
        if len(keys) != len(set(keys)):
            raise BadRequest("a key comes twice in one object")

    json.loads(raw, object_pairs_hook=check)


def _problem(raw: bytes, error: msgspec.DecodeError) -> str:
    """Return the reader's complaint as words of ours, without what it complains of."""
    text = str(error)
    if "out of range" in text:
        return "a number is out of range"
    if "UTF-8" in text:  # what msgspec before 0.23 let Python's own reader say
        return _NOT_UTF_8
    # It says of half a pair that no character follows at once: "truncated".
    if ("truncated" in text or "surrogate" in text) and _is_read_by_others(raw):
        return r"a \u escape is half of a surrogate pair"
    if "truncated" in text:
        return "the JSON ends too early"
    return text.replace("JSON is malformed", "this is not JSON")
