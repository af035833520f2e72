import asyncio
import enum
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, NewType, Optional

import pytest

from common.names import Name, RoomName
from decorators import log
from errors import NoSuchName, NotAllowed
from unit_tests.conftest import CallLines, Clock

Secret = NewType("Secret", str)
ROOT = Path(__file__).resolve().parent.parent

PASSWORD = "s3cret-passphrase"
TEXT = "marked-text"


class Colour(enum.Enum):
    RED = "marked-red"


class Level(enum.IntEnum):
    HIGH = 3


class Labelled:
    log_label = "session 7"


def here() -> int:
    """Return the line of the caller."""
    frame = inspect.currentframe()
    assert frame
    assert frame.f_back
    return frame.f_back.f_lineno


def one(lines: list[str]) -> str:
    assert len(lines) == 1, lines
    return lines[0]


def greet(name: Name, times: int = 1, *, loud: bool = False) -> str:
    """Greet somebody."""
    return name * times


async def wait_for(name: Name) -> int:
    """Wait."""
    await asyncio.sleep(0)
    return len(name)


def count(most: int) -> Generator[int, int, str]:
    """Count up."""
    at = 0
    while at < most:
        at += (yield at) or 1
    return "counted"


@pytest.mark.parametrize("function", [greet, wait_for, count])
def test_a_decorated_function_looks_like_itself(
    own_logging: None, function: Callable[..., Any]
) -> None:
    logged = log(function)
    assert logged is not function
    assert inspect.signature(logged) == inspect.signature(function)
    assert inspect.get_annotations(logged) == inspect.get_annotations(function)
    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        assert getattr(logged, name) == getattr(function, name)
    for kind in (inspect.iscoroutinefunction, inspect.isgeneratorfunction):
        assert kind(logged) == kind(function)


def test_defaults_and_keywords_reach_the_function(lines: CallLines) -> None:
    assert log(greet)("ab", 2, loud=True) == "abab"  # type: ignore[arg-type]
    assert log(greet)(times=3, name=Name("a")) == "aaa"
    shown = lines.take()
    assert "greet(name='ab', times=2, loud=True)" in shown[0]
    assert "greet(times=3, name='a')" in shown[1]


def test_a_line_says_function_arguments_caller_time_and_result(
    lines: CallLines, clock: Clock
) -> None:
    @log
    def twice(number: int) -> int:
        clock.now += 0.5
        return number * 2

    line = here() + 1
    assert twice(21) == 42
    me = "test_a_line_says_function_arguments_caller_time_and_result"
    assert one(lines.take()) == (
        f"{__name__}.{me}.<locals>.twice(number=21) "
        f"called by {__name__}.{me}:{line}, took 500000.0 us, returned 42"
    )


def test_a_line_has_its_parts_for_programs_too(lines: CallLines, clock: Clock) -> None:
    log(greet)(Name("bob"))
    (call,) = lines.take_calls()
    assert call["function"] == f"{__name__}.greet"
    assert call["arguments"] == "name='bob'"
    assert call["caller"].startswith(f"{__name__}.test_a_line_has_its_parts")
    assert call["took_us"] == 0.0
    assert call["outcome"] == "returned <str 3>"


def test_an_error_is_told_by_its_kind_and_comes_through(lines: CallLines) -> None:
    mistake = ValueError(f"{TEXT} {PASSWORD}")

    @log
    def fail() -> None:
        raise mistake

    with pytest.raises(ValueError, match=TEXT) as caught:
        fail()
    assert caught.value is mistake
    line = one(lines.take())
    assert line.endswith("raised ValueError")
    assert TEXT not in line


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (NoSuchName(TEXT), "raised NoSuchName(404)"),
        (NotAllowed(TEXT), "raised NotAllowed(403)"),
        (FileNotFoundError(2, TEXT, TEXT), "raised FileNotFoundError(No such file or"),
        (OSError(TEXT), "raised OSError"),
        (KeyboardInterrupt(TEXT), "raised KeyboardInterrupt"),
        (SystemExit(TEXT), "raised SystemExit"),
    ],
)
def test_an_error_is_told_with_its_code_and_without_its_text(
    lines: CallLines, error: BaseException, shown: str
) -> None:
    @log
    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        fail()
    line = one(lines.take())
    assert shown in line
    assert TEXT not in line


class Room:
    """A room."""

    made = 0

    def __init__(self, name: RoomName) -> None:
        self._name = name

    @log
    def enter(self, who: Name) -> int:
        """Let somebody in."""
        return len(who)

    @log
    @classmethod
    def make(cls, name: RoomName) -> "Room":
        """Make one."""
        return cls(name)

    @classmethod
    @log
    def make_inside(cls, name: RoomName) -> "Room":
        return cls(name)

    @log
    @staticmethod
    def spell(name: RoomName) -> int:
        """Spell it."""
        return len(name)

    @staticmethod
    @log
    def spell_inside(name: RoomName) -> int:
        return len(name)

    def _get(self) -> RoomName:
        """Its name."""
        return self._name

    def _set(self, name: RoomName) -> None:
        self._name = name

    def _delete(self) -> None:
        self._name = RoomName("#gone")

    name = log(property(_get, _set, _delete))

    @property
    @log
    def size(self) -> int:
        """How many are in it."""
        return 3

    @log
    def visitors(self) -> Iterator[Name]:
        """Name everybody."""
        yield Name("alice")

    @log
    async def close(self) -> bool:
        """Close it."""
        return True


@pytest.fixture
def room_class(lines: CallLines) -> type[Room]:
    """Return the class decorated while the call log of this test is in place."""
    source = inspect.getsource(Room)
    space = {**globals(), "__name__": __name__}
    exec(compile(source, __file__, "exec", dont_inherit=True), space)
    made: type[Room] = space["Room"]
    return made


def test_a_method_is_logged_with_its_object_as_a_type(
    lines: CallLines, room_class: type[Room]
) -> None:
    assert room_class(RoomName("#a")).enter(Name("bob")) == 3
    assert f"{__name__}.Room.enter(self=<Room>, who='bob')" in one(lines.take())
    assert room_class.enter.__doc__ == "Let somebody in."


@pytest.mark.parametrize("name", ["make", "make_inside"])
@pytest.mark.parametrize("through_an_object", [True, False])
def test_a_class_method_stays_one(
    lines: CallLines, room_class: type[Room], name: str, through_an_object: bool
) -> None:
    owner: Any = room_class(RoomName("#a")) if through_an_object else room_class
    assert type(getattr(owner, name)(RoomName("#b"))) is room_class
    assert f"Room.{name}(cls=<type>, name='#b')" in one(lines.take())
    assert isinstance(room_class.__dict__[name], classmethod)


@pytest.mark.parametrize("name", ["spell", "spell_inside"])
@pytest.mark.parametrize("through_an_object", [True, False])
def test_a_static_method_stays_one(
    lines: CallLines, room_class: type[Room], name: str, through_an_object: bool
) -> None:
    owner: Any = room_class(RoomName("#a")) if through_an_object else room_class
    assert getattr(owner, name)(RoomName("#bc")) == 3
    assert f"Room.{name}(name='#bc')" in one(lines.take())
    assert isinstance(room_class.__dict__[name], staticmethod)


def test_a_property_is_logged_when_it_is_read_changed_and_deleted(
    lines: CallLines, room_class: type[Room]
) -> None:
    room = room_class(RoomName("#a"))
    assert room.name == "#a"
    room.name = RoomName("#b")
    assert room.name == "#b"
    del room.name
    assert room.name == "#gone"
    shown = lines.take()
    assert [re.search(r"Room\.(\w+)\(", line)[1] for line in shown] == [  # type: ignore[index]
        "_get",
        "_set",
        "_get",
        "_delete",
        "_get",
    ]
    assert "_set(self=<Room>, name='#b')" in shown[1]
    assert shown[0].endswith("returned '#a'")
    assert isinstance(room_class.__dict__["name"], property)
    assert room_class.name.__doc__ == "Its name."


def test_a_property_without_a_setter_has_none(
    lines: CallLines, room_class: type[Room]
) -> None:
    room: Any = room_class(RoomName("#a"))
    assert room.size == 3
    with pytest.raises(AttributeError):
        room.size = 4
    assert "Room.size(self=<Room>)" in one(lines.take())
    assert room_class.size.__doc__ == "How many are in it."


def test_methods_that_generate_or_wait_are_logged(
    lines: CallLines, room_class: type[Room]
) -> None:
    room = room_class(RoomName("#a"))
    assert list(room.visitors()) == ["alice"]
    assert asyncio.run(room.close()) is True
    names = [call["function"].rpartition(".")[2] for call in lines.take_calls()]
    assert names == ["visitors", "close"]


def test_a_coroutine_is_one_line_with_its_result_and_who_awaits_it(
    lines: CallLines, clock: Clock
) -> None:
    @log
    async def slow(name: Name) -> int:
        clock.now += 0.25
        await asyncio.sleep(0)
        clock.now += 0.25
        return len(name)

    async def main() -> int:
        return await slow(Name("bob"))

    assert asyncio.run(main()) == 3
    (call,) = lines.take_calls()
    assert call["arguments"] == "name='bob'"
    assert call["outcome"] == "returned 3"
    assert call["took_us"] == 500_000.0
    assert f"{main.__qualname__}:{main.__code__.co_firstlineno + 1}" in call["caller"]


def test_a_coroutine_that_fails_or_is_cancelled_says_so(lines: CallLines) -> None:
    @log
    async def fail() -> None:
        raise ValueError(TEXT)

    @log
    async def forever() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        with pytest.raises(ValueError, match=TEXT):
            await fail()
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert [call["outcome"] for call in lines.take_calls()] == [
        "raised ValueError",
        "raised CancelledError",
    ]


def test_coroutines_under_way_at_once_keep_their_own_accounts(
    lines: CallLines,
) -> None:
    logged = log(wait_for)

    async def main() -> list[int]:
        return await asyncio.gather(*(logged(Name("a" * n)) for n in range(1, 6)))

    assert asyncio.run(main()) == [1, 2, 3, 4, 5]
    shown = {(call["arguments"], call["outcome"]) for call in lines.take_calls()}
    assert shown == {(f"name='{'a' * n}'", f"returned {n}") for n in range(1, 6)}


def test_a_generator_is_one_line_when_it_ends(lines: CallLines) -> None:
    numbers = log(count)(3)
    assert next(numbers) == 0
    assert lines.take() == []
    assert list(numbers) == [1, 2]
    (call,) = lines.take_calls()
    assert call["arguments"] == "most=3"
    assert call["outcome"] == "returned <str 7>"


def test_what_is_sent_into_a_generator_reaches_it(lines: CallLines) -> None:
    def delegate() -> Generator[int, int, str]:
        return (yield from log(count)(10))

    numbers = delegate()
    assert next(numbers) == 0
    assert numbers.send(5) == 5
    assert numbers.send(4) == 9
    with pytest.raises(StopIteration) as end:
        next(numbers)
    assert end.value.value == "counted"
    assert len(lines.take()) == 1


def test_what_is_thrown_into_a_generator_reaches_it(lines: CallLines) -> None:
    @log
    def stubborn() -> Generator[str, None, str]:
        try:
            yield "first"
        except KeyError:
            yield "caught"
        return "end"

    inner = stubborn()
    assert next(inner) == "first"
    assert inner.throw(KeyError(TEXT)) == "caught"
    with pytest.raises(ValueError, match=TEXT):
        inner.throw(ValueError(TEXT))
    (call,) = lines.take_calls()
    assert call["outcome"] == "raised ValueError"


def test_a_generator_that_is_closed_runs_its_end_and_has_its_line(
    lines: CallLines,
) -> None:
    ended = []

    @log
    def numbers() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            ended.append(True)

    started = numbers()
    assert next(started) == 1
    started.close()  # type: ignore[attr-defined]
    assert ended == [True]
    assert "GeneratorExit" in one(lines.take())


def test_a_generator_that_never_starts_has_no_line(lines: CallLines) -> None:
    log(count)(3).close()
    assert lines.take() == []


# What the log shows of a value that was declared so, without log_texts and with it.
VALUES: list[tuple[object, object, str, str]] = [
    (None, int, "None", "None"),
    (True, bool, "True", "True"),
    (7, int, "7", "7"),
    (-1.5, float, "-1.5", "-1.5"),
    (2**53 - 1, int, "9007199254740991", "9007199254740991"),
    (10**4000, int, "<int 13288 bits>", "<int 13288 bits>"),
    (-(10**5000), int, "<int 16610 bits>", "<int 16610 bits>"),
    (Colour.RED, Colour, "Colour.RED", "Colour.RED"),
    (Level.HIGH, Level, "Level.HIGH", "Level.HIGH"),
    ("bob", Name, "'bob'", "'bob'"),
    ("bob", "Name", "'bob'", "'bob'"),
    ("bob", Name | None, "'bob'", "'bob'"),
    ("bob", Optional[Name], "'bob'", "'bob'"),  # noqa: UP045 - both spellings
    ("bob", "Name|None", "'bob'", "'bob'"),
    ("bob", Name | RoomName, "'bob'", "'bob'"),
    ("#a", RoomName, "'#a'", "'#a'"),
    ("a\x1b\n", Name, r"'a\x1b\n'", r"'a\x1b\n'"),
    ("a" * 100, Name, f"'{'a' * 80}'", f"'{'a' * 80}'"),
    (TEXT, str, "<str 11>", f"'{TEXT}'"),
    (TEXT, "str", "<str 11>", f"'{TEXT}'"),
    (TEXT, "NameOfNobody", "<str 11>", f"'{TEXT}'"),
    (TEXT, object, "<str 11>", f"'{TEXT}'"),
    (PASSWORD, Secret, "<str 17>", "<str 17>"),
    (PASSWORD, "Secret", "<str 17>", "<str 17>"),
    (PASSWORD, Secret | None, "<str 17>", "<str 17>"),
    (PASSWORD, Optional[Secret], "<str 17>", "<str 17>"),  # noqa: UP045
    (PASSWORD, "Optional[Secret]", "<str 17>", "<str 17>"),
    (PASSWORD, "Secret|None", "<str 17>", "<str 17>"),
    (TEXT.encode(), bytes, "<bytes 11>", "<bytes 11>"),
    (bytearray(b"ab"), bytearray, "<bytearray 2>", "<bytearray 2>"),
    (memoryview(b"abc"), memoryview, "<memoryview 3>", "<memoryview 3>"),
    ([TEXT, TEXT], list, "<list 2>", "<list 2>"),
    ([Name("bob")], list[Name], "<list 1>", "<list 1>"),
    ((PASSWORD,), tuple, "<tuple 1>", "<tuple 1>"),
    ({TEXT: PASSWORD}, dict, "<dict 1>", "<dict 1>"),
    ({TEXT}, set, "<set 1>", "<set 1>"),
    (ValueError(TEXT), Exception, "ValueError", "ValueError"),
    (NoSuchName(TEXT), Exception, "NoSuchName(404)", "NoSuchName(404)"),
    (Path("/tmp/a\nb"), Path, r"'/tmp/a\nb'", r"'/tmp/a\nb'"),
    (Labelled(), Labelled, "<Labelled session 7>", "<Labelled session 7>"),
    (object(), object, "<object>", "<object>"),
    (int, type, "<type>", "<type>"),
    (iter(TEXT), Iterator, "<str_ascii_iterator>", "<str_ascii_iterator>"),
]


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize(
    ("value", "declared", "hidden", "open_"),
    VALUES,
    ids=[f"{row[2]} as {row[1]}" for row in VALUES],
)
def test_a_value_is_shown_as_argument_and_result_as_it_may_be(
    own_logging: None,
    value: object,
    declared: object,
    hidden: str,
    open_: str,
    texts: bool,
) -> None:
    lines = CallLines(texts=texts)

    def same(value: object) -> object:
        return value

    same.__annotations__ = {"value": declared, "return": declared}
    assert log(same)(value) is value
    (call,) = lines.take_calls()
    shown = open_ if texts else hidden
    assert (call["arguments"], call["outcome"]) == (
        f"value={shown}",
        f"returned {shown}",
    )


def test_further_arguments_are_never_taken_for_named_ones(lines: CallLines) -> None:
    @log
    def say(first: Name, *texts: str, name: Name, **more: str) -> None:
        pass

    say(Name("bob"), TEXT, TEXT, name=Name("alice"), other=PASSWORD)
    assert "say(name='alice'" not in (line := one(lines.take()))
    assert "first='bob'" in line
    assert "name='alice'" in line
    assert "other=<str 17>" in line
    assert line.count("<str 11>") == 2
    assert TEXT not in line
    assert PASSWORD not in line


def every_kind_with(text: str, password: Secret) -> None:
    """Send a text and a password through every kind of call, and let each fail."""

    class Wrong(Exception):
        pass

    def plain(
        text: str, password: Secret, *more: object, fail: bool = False, **rest: object
    ) -> tuple[str, Secret]:
        if fail:
            raise Wrong(text, password)
        return text, password

    def only_text(text: str) -> str:
        return text

    def only_password(password: Secret) -> Secret:
        return password

    def generating(text: str, password: Secret, fail: bool) -> Iterator[str]:
        yield text
        if fail:
            raise Wrong(password)

    async def waiting(text: str, password: Secret, fail: bool) -> str:
        if fail:
            raise Wrong(text, password)
        return text

    class Holder:
        def __init__(self) -> None:
            self._text = text

        def _read(self) -> str:
            return self._text

        def _write(self, text: str) -> None:
            raise Wrong(text)

        def __repr__(self) -> str:
            return text + password

        text = log(property(_read, _write))
        static = log(staticmethod(plain))

        @log
        def method(
            self, text: str, password: Secret, *more: object, **rest: Any
        ) -> tuple[str, Secret]:
            return plain(text, password, *more, **rest)

        @log
        @classmethod
        def of_class(
            cls, text: str, password: Secret, *more: object, **rest: Any
        ) -> tuple[str, Secret]:
            return plain(text, password, *more, **rest)

    holder = Holder()
    calls: list[Callable[..., object]] = [
        log(plain),
        holder.method,
        holder.static,
        holder.of_class,
    ]
    for call in calls:
        call(text, password)
        call(text, password, text, [password], key={text: password})
        call(password=password, text=text)
        with pytest.raises(Wrong):
            call(text, password, fail=True, error=Wrong(text))
    log(only_text)(text)
    log(only_password)(password)
    assert holder.text
    with pytest.raises(Wrong):
        holder.text = text
    for fail in (False, True):
        numbers = log(generating)(text, password, fail)
        waited = log(waiting)(text, password, fail)
        if fail:
            with pytest.raises(Wrong):
                list(numbers)
            with pytest.raises(Wrong):
                asyncio.run(waited)
        else:
            list(numbers)
            asyncio.run(waited)


def test_no_text_and_no_password_appears_by_any_way(lines: CallLines) -> None:
    every_kind_with(TEXT, Secret(PASSWORD))
    shown = "\n".join(lines.take())
    assert shown.count("called by") == 4 * 4 + 2 + 2 + 4
    assert TEXT not in shown
    assert PASSWORD not in shown


def test_with_texts_switched_on_texts_appear_and_passwords_never(
    own_logging: None,
) -> None:
    lines = CallLines(texts=True)
    every_kind_with(TEXT, Secret(PASSWORD))
    shown = "\n".join(lines.take())
    assert f"returned '{TEXT}'" in shown
    assert PASSWORD not in shown


SCRIPT = """
import sys
from pathlib import Path

from common.names import Name
from decorators import log
from log_config import loader


@log
def greet(name: Name, text: str, password: "Secret") -> int:
    return len(name)


def main() -> None:
    greet(Name("bob"), "marked-text", "s3cret-passphrase")


side = "server" if Path(__file__).stem == "my_server" else "client"
loader.configure(side, Path(sys.argv[1]))
main()
greet(Name("alice"), "", "")
loader.flush(side)
"""

# What the two configurations open at the start.
FILES = {
    "server": {"server.log", "server-admin.log", "receipts.log"},
    "client": {"client.log"},
}

LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} DEBUG \[\d+\] (\w+)\.calls: "
    r"(\w+)\.greet\(name='(\w+)', text=<str \d+>, password=<str \d+>\) "
    r"called by (\w+)\.(main|<module>):(\d+), took \d+\.\d us, returned (\d)"
)


@pytest.mark.parametrize(
    ("program", "side"),
    [("my_server", "server"), ("my_client", "client"), ("launcher", "client")],
)
def test_a_program_run_as_a_script_logs_to_its_side_under_its_name(
    tmp_path: Path, program: str, side: str
) -> None:
    script = tmp_path / f"{program}.py"
    script.write_text(SCRIPT, "utf-8")
    # What the program is called with does not matter: flags of another side even.
    run = subprocess.run(
        [sys.executable, script, tmp_path / "logs", "server", "client"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    written = {file.name: file for file in (tmp_path / "logs").iterdir()}
    assert set(written) == FILES[side]
    found = [
        LINE.fullmatch(line)
        for line in written[f"{side}.log"].read_text("utf-8").splitlines()
    ]
    rows = SCRIPT.splitlines()
    assert [match and match.groups() for match in found] == [
        (side, program, "bob", program, "main", rows_at(rows, "    greet("), "3"),
        (side, program, "alice", program, "<module>", rows_at(rows, "greet("), "5"),
    ]


def rows_at(rows: list[str], start: str) -> str:
    return next(str(n) for n, row in enumerate(rows, 1) if row.startswith(start))
