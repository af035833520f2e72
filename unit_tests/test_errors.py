import enum
import inspect
import re

import pytest

import errors
from errors import (
    AlreadySettled,
    Away,
    BadRequest,
    Distrusted,
    ExitCode,
    GuestsRefused,
    IllegalTransition,
    Kicked,
    MessengerError,
    NameRefused,
    NameRegistered,
    NameTaken,
    NoSuchName,
    NoSuchRoom,
    NotAllowed,
    NotSignedIn,
    NotStored,
    NotUtf8,
    OutOfService,
    ProgramError,
    ProtocolError,
    Refused,
    Replaced,
    RequestError,
    Sanctioned,
    SettingsError,
    SignedOut,
    SlowReader,
    StartError,
    StoreFailed,
    TimedOut,
    TokenRevoked,
    TooLate,
    TooLong,
    TooMany,
    TooSoon,
    Unreachable,
    WrongPassword,
)


class State(enum.Enum):
    OPEN = 1


class Move(enum.Enum):
    CLOSE = 1


# One of each, its code, and what its sentence must hold.
REQUEST_ERRORS: list[tuple[RequestError, int, list[str]]] = [
    (BadRequest("not JSON"), 400, ["bad request", "not JSON"]),
    (NameRefused("it is empty"), 400, ["name", "it is empty"]),
    (NotSignedIn(), 401, ["presence"]),
    (SignedOut(), 401, ["this device", "signed out"]),
    (TokenRevoked(), 401, ["the token", "revoked"]),
    (NameRegistered("bob"), 401, ["'bob'", "registered", "password"]),
    (GuestsRefused(), 401, ["no guests", "register"]),
    (WrongPassword(), 402, ["name or password"]),
    (NotAllowed("you are not in #a"), 403, ["you are not in #a"]),
    (Kicked("carol", "flooding"), 403, ["carol", "your session", "flooding"]),
    (Sanctioned("ban", "#a", "carol"), 403, ["banned from #a", "good, by carol"]),
    (
        Sanctioned("mute", "#a", "carol", "2026-01-31 12:00 UTC", "spam"),
        403,
        ["muted in #a", "until 2026-01-31 12:00 UTC", "carol: spam"],
    ),
    (NoSuchName("bob"), 404, ["'bob'"]),
    (NoSuchRoom("#a"), 404, ["'#a'", "join"]),
    (TooLate("no sign-in came", 15.0), 408, ["no sign-in came", "15 seconds"]),
    (SlowReader(4096), 408, ["too slowly", "4,096 bytes"]),
    (NameTaken("bob"), 409, ["'bob'", "in use"]),
    (NameTaken("b0b", "bob"), 409, ["'b0b'", "'bob'", "looks like"]),
    (Replaced(), 409, ["another connection"]),
    (AlreadySettled(12), 409, ["12", "refused before"]),
    (Away("bob"), 410, ["'bob'", "away"]),
    (NotUtf8("the line"), 400, ["the line", "UTF-8", "iconv"]),
    (TooLong("the text", 16384), 413, ["the text", "16,384 bytes"]),
    (TooMany("connections", 10000), 429, ["connections", "10,000"]),
    (TooSoon("too many wrong passwords", 4.0), 429, ["wrong passwords", "4 s"]),
    (OutOfService("the disk is full"), 500, ["the disk is full"]),
    (NotStored("the disk is full"), 500, ["the disk is full"]),
]
PROGRAM_ERRORS: list[tuple[type[ProgramError], ExitCode]] = [
    (SettingsError, ExitCode.SETTINGS),
    (StartError, ExitCode.REFUSED),
    (StoreFailed, ExitCode.IO_ERROR),
    (Unreachable, ExitCode.UNREACHABLE),
    (TimedOut, ExitCode.TIMED_OUT),
    (ProtocolError, ExitCode.PROTOCOL),
    (Distrusted, ExitCode.NOT_ALLOWED),
    (Refused, ExitCode.REFUSED),
]


def every_error() -> set[type[MessengerError]]:
    classes = vars(errors).values()
    return {c for c in classes if inspect.isclass(c) and issubclass(c, MessengerError)}


@pytest.mark.parametrize(("error", "code", "words"), REQUEST_ERRORS)
def test_a_refusal_has_its_code_and_says_why(
    error: RequestError, code: int, words: list[str]
) -> None:
    assert error.code == code
    sentence = str(error)
    assert sentence.isprintable()
    for word in words:
        assert word in sentence


def test_every_refusal_has_a_row_in_the_table() -> None:
    inner = {c for c in every_error() if issubclass(c, RequestError)} - {RequestError}
    assert {type(row[0]) for row in REQUEST_ERRORS} == inner


@pytest.mark.parametrize(("kind", "code"), PROGRAM_ERRORS)
def test_a_reason_to_end_has_its_exit_code_and_its_sentence(
    kind: type[ProgramError], code: ExitCode
) -> None:
    error = kind("the reason")
    assert (error.exit_code, str(error)) == (code, "the reason")


@pytest.mark.parametrize("kind", [row[0] for row in PROGRAM_ERRORS])
def test_an_exit_code_can_be_given_for_one_case_without_changing_the_others(
    kind: type[ProgramError],
) -> None:
    usual = kind("the reason").exit_code
    assert kind("the reason", ExitCode.NOT_ALLOWED).exit_code == ExitCode.NOT_ALLOWED
    assert kind("the reason").exit_code == usual


def test_every_reason_to_end_has_a_row_in_the_table() -> None:
    inner = {c for c in every_error() if issubclass(c, ProgramError)} - {ProgramError}
    assert {row[0] for row in PROGRAM_ERRORS} == inner


def test_an_illegal_move_names_the_move_and_the_state() -> None:
    error = IllegalTransition(State.OPEN, Move.CLOSE)
    assert (error.state, error.move) == (State.OPEN, Move.CLOSE)
    assert str(error) == "no move CLOSE from the state OPEN"


def test_the_exit_codes_are_the_promised_numbers() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "REFUSED": 1,
        "USAGE": 2,
        "UNREACHABLE": 69,
        "IO_ERROR": 74,
        "TIMED_OUT": 75,
        "PROTOCOL": 76,
        "NOT_ALLOWED": 77,
        "SETTINGS": 78,
        "INTERRUPTED": 130,
    }


def test_a_hostile_name_is_shown_escaped() -> None:
    hostile = "a\x1b[2J\u202e\n"
    for error in (NoSuchName(hostile), NoSuchRoom(hostile), NameTaken("b", hostile)):
        assert str(error).isprintable()


def drawn(tree: str) -> dict[str, tuple[str, str]]:
    """Return the classes of a drawn tree: name to its parent's and its numbers."""
    found: dict[str, tuple[str, str]] = {}
    path: list[str] = []
    for line in tree.splitlines():
        row = re.match(r"([│├└─ ]*)(\w+)\s*((?:\d+(?:, )?)*)", line)
        if not row or not row[2].endswith(("Error", *NAMES)):
            continue
        depth = len(row[1]) // 4
        path[depth:] = [row[2]]
        found[row[2]] = (path[depth - 1] if depth else "", row[3])
    return found


NAMES = tuple(kind.__name__ for kind in every_error())


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    assert errors.__doc__
    tree = drawn(errors.__doc__)
    assert {name: parent for name, (parent, _) in tree.items()} == {
        kind.__name__: "" if kind is MessengerError else kind.__mro__[1].__name__
        for kind in every_error()
    }


def test_the_numbers_in_the_docstring_are_those_of_the_classes() -> None:
    assert errors.__doc__
    tree = drawn(errors.__doc__)
    for error, code, _ in REQUEST_ERRORS:
        assert tree[type(error).__name__][1] == str(code)
    for kind, exit_code in PROGRAM_ERRORS:
        assert str(int(exit_code)) in tree[kind.__name__][1].split(", ")
