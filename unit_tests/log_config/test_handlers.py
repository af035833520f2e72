import contextlib
import fcntl
import io
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from log_config.handlers import SharedFileHandler

ROOT = Path(__file__).resolve().parents[2]
NOON = time.mktime((2026, 3, 10, 12, 0, 0, 0, 0, -1))
YESTERDAY = time.mktime((2026, 3, 9, 23, 59, 59, 0, 0, -1))
THIS_MORNING = time.mktime((2026, 3, 10, 0, 0, 1, 0, 0, -1))

Make = Callable[..., SharedFileHandler]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make handlers, which are closed at the end."""
    with contextlib.ExitStack() as stack:

        def make(path: Path, **options: Any) -> SharedFileHandler:
            options = {"max_bytes": 0, "at_midnight": False} | options
            handler = SharedFileHandler(str(path), **options)
            stack.callback(handler.close)
            return handler

        yield make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.log"


def write(handler: SharedFileHandler, *lines: str) -> None:
    for line in lines:
        handler.handle(logging.makeLogRecord({"msg": line}))
    handler.flush()


def read(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_nothing_is_written_before_flush(make: Make, path: Path) -> None:
    handler = make(path)
    handler.handle(logging.makeLogRecord({"msg": "first"}))
    assert read(path) == []
    handler.flush()
    assert read(path) == ["first"]


def test_many_lines_do_not_wait_for_flush(make: Make, path: Path) -> None:
    handler = make(path)
    for number in range(2000):
        handler.handle(logging.makeLogRecord({"msg": str(number)}))
    assert 1000 < len(read(path)) <= 2000


def test_close_writes_what_waits(make: Make, path: Path) -> None:
    handler = make(path)
    handler.handle(logging.makeLogRecord({"msg": "last"}))
    handler.close()
    assert read(path) == ["last"]


def test_several_threads_write_one_file_without_a_lost_or_torn_line(
    make: Make, path: Path
) -> None:
    handler = make(path, max_bytes=20_000, backups=500)

    def tell(thread: int) -> None:
        for number in range(3000):
            handler.handle(logging.makeLogRecord({"msg": f"{thread} {number} end"}))

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        handler.flush()
    handler.close()
    files = sorted(path.parent.glob("some.log*"), key=lambda file: file.suffix)
    told = [line for file in files for line in read(file)]
    assert sorted(told) == sorted(f"{t} {n} end" for t in range(4) for n in range(3000))
    assert len(files) > 5


def test_a_new_handler_goes_on_behind_what_is_there(make: Make, path: Path) -> None:
    write(make(path), "first")
    write(make(path), "second")
    assert read(path) == ["first", "second"]


def test_the_file_is_for_its_owner_alone(make: Make, path: Path) -> None:
    write(make(path), "first")
    assert path.stat().st_mode & 0o077 == 0


def test_text_that_is_no_unicode_is_escaped(make: Make, path: Path) -> None:
    write(make(path), "a\ud800b", "привет")
    assert read(path) == [r"a\ud800b", "привет"]


def test_a_record_of_ours_that_is_wrong_is_a_line_and_no_error(
    make: Make, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    handler = make(path)
    wrong = {"msg": "%d %d", "args": ("marked-text",), "pathname": "hub.py"}
    handler.handle(logging.makeLogRecord({**wrong, "lineno": 7}))
    write(handler, "next")
    first, second = read(path)
    assert "hub.py:7" in first
    assert "marked-text" not in first
    assert second == "next"
    assert capfd.readouterr() == ("", "")


def test_a_file_past_its_size_becomes_number_1_and_so_on(
    make: Make, path: Path
) -> None:
    handler = make(path, max_bytes=10, backups=5)
    for number in range(4):
        write(handler, f"line number {number}")
    assert read(path) == ["line number 3"]
    for backup, number in ((1, 2), (2, 1), (3, 0)):
        assert read(path.with_name(f"some.log.{backup}")) == [f"line number {number}"]
    assert len(list(path.parent.iterdir())) == 4


def test_a_file_below_its_size_stays(make: Make, path: Path) -> None:
    handler = make(path, max_bytes=10, backups=5)
    write(handler, "a" * 8)  # nine bytes with the newline
    write(handler, "b")
    assert read(path) == ["a" * 8, "b"]
    write(handler, "c")
    assert read(path) == ["c"]


def test_without_a_size_a_file_grows(make: Make, path: Path) -> None:
    handler = make(path, max_bytes=0)
    for _ in range(50):
        write(handler, "a" * 1000)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("backups", [0, 1, 3])
def test_no_more_files_are_kept_than_asked_for(
    make: Make, path: Path, backups: int
) -> None:
    handler = make(path, max_bytes=5, backups=backups)
    for number in range(10):
        write(handler, f"line {number}")
    names = {file.name for file in path.parent.iterdir()}
    assert names == {"some.log"} | {f"some.log.{n}" for n in range(1, backups + 1)}
    assert read(path) == ["line 9"]
    if backups:
        assert read(path.with_name(f"some.log.{backups}")) == [f"line {9 - backups}"]


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be noon for the handler."""

    def localtime(seconds: float = NOON) -> time.struct_time:
        return time.localtime(seconds)

    clock = SimpleNamespace(localtime=localtime)
    monkeypatch.setattr("log_config.handlers.time", clock)


def test_a_file_of_yesterday_is_put_away(noon: None, make: Make, path: Path) -> None:
    write(make(path), "yesterday")
    os.utime(path, (YESTERDAY, YESTERDAY))
    write(make(path, at_midnight=True), "today")
    assert read(path) == ["today"]
    assert read(path.with_name("some.log.1")) == ["yesterday"]


def test_a_file_of_this_morning_stays(noon: None, make: Make, path: Path) -> None:
    write(make(path), "this morning")
    os.utime(path, (THIS_MORNING, THIS_MORNING))
    write(make(path, at_midnight=True), "noon")
    assert read(path) == ["this morning", "noon"]


def test_a_file_of_tomorrow_stays(noon: None, make: Make, path: Path) -> None:
    # A clock that was set back must not rotate with each line.
    write(make(path), "tomorrow")
    os.utime(path, (NOON + 86_400, NOON + 86_400))
    write(make(path, at_midnight=True), "today")
    assert read(path) == ["tomorrow", "today"]


def test_an_empty_file_of_yesterday_stays(noon: None, make: Make, path: Path) -> None:
    path.touch()
    os.utime(path, (YESTERDAY, YESTERDAY))
    write(make(path, at_midnight=True), "today")
    assert list(path.parent.iterdir()) == [path]


def test_without_midnight_a_file_of_yesterday_stays(
    noon: None, make: Make, path: Path
) -> None:
    handler = make(path)
    write(handler, "yesterday")
    os.utime(path, (YESTERDAY, YESTERDAY))
    write(handler, "today")
    assert read(path) == ["yesterday", "today"]


def test_a_file_that_others_removed_is_made_again(make: Make, path: Path) -> None:
    handler = make(path)
    write(handler, "first")
    path.unlink()
    write(handler, "second")
    assert read(path) == ["second"]


def test_a_file_that_others_moved_away_is_made_again(make: Make, path: Path) -> None:
    handler = make(path)
    write(handler, "first")
    moved = path.replace(path.with_name("moved.log"))
    write(handler, "second")
    assert (read(moved), read(path)) == (["first"], ["second"])


def test_a_file_that_others_rotated_is_followed(make: Make, path: Path) -> None:
    one, other = (make(path, max_bytes=5, backups=3) for _ in range(2))
    write(one, "first")
    write(other, "second")
    write(one, "third")
    files = [path.with_name("some.log.2"), path.with_name("some.log.1"), path]
    assert [read(file) for file in files] == [["first"], ["second"], ["third"]]


def descriptors() -> set[str]:
    return {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
            if os.path.lexists(f"/proc/self/fd/{fd}")}  # fmt: skip


def test_rotations_leave_no_file_open(make: Make, path: Path) -> None:
    handler = make(path, max_bytes=1, backups=2)
    for number in range(20):
        write(handler, str(number))
    ours = {name for name in descriptors() if name.startswith(str(path.parent))}
    assert ours == {str(path)}
    handler.close()
    assert not {name for name in descriptors() if name.startswith(str(path.parent))}


def test_closing_twice_closes_nobody_elses_file(make: Make, path: Path) -> None:
    handler = make(path)
    handler.close()
    with open(os.devnull, "rb") as other:
        handler.close()
        assert os.fstat(other.fileno())


def test_a_closed_handler_opens_its_file_again_and_touches_no_other(
    make: Make, path: Path
) -> None:
    handler = make(path)
    write(handler, "first")
    handler.close()
    other = path.with_name("other")
    with other.open("wb") as file:
        write(handler, "second")
        assert os.fstat(file.fileno())
    assert other.read_bytes() == b""
    assert read(path) == ["first", "second"]


def test_a_full_disk_is_said_once_counted_and_got_over(
    make: Make, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.symlink_to("/dev/full")
    handler = make(path)
    write(handler, "lost", "lost")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(path) in said
    assert "No space left on device" in said
    assert "messages go on" in said
    write(handler, "lost")
    write(handler, "lost")
    assert capsys.readouterr() == ("", "")
    path.unlink()
    write(handler, "again")
    assert read(path) == ["(4 lines could not be written here)", "again"]
    write(handler, "and on")
    assert read(path)[2:] == ["and on"]


def test_a_second_full_disk_is_said_again(
    make: Make,
    path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = 0
    clock = SimpleNamespace(monotonic=lambda: seconds)
    monkeypatch.setattr("log_config.outage.time", clock)
    handler = make(path)
    for _ in range(2):
        path.unlink()
        path.symlink_to("/dev/full")
        write(handler, "lost")
        assert capsys.readouterr().err.count("\n") == 1
        path.unlink()
        seconds += 60
        write(handler, "again")
        assert read(path) == ["(1 lines could not be written here)", "again"]


def test_a_disk_that_has_room_for_some_lines_only_is_said_once(
    make: Make, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = make(path)
    for round_ in range(3):
        path.unlink()
        path.symlink_to("/dev/full")
        write(handler, "lost")
        assert capsys.readouterr().err.count("\n") == (0 if round_ else 1)
        path.unlink()
        write(handler, "found room")
        assert read(path) == ["(1 lines could not be written here)", "found room"]


def test_a_full_disk_with_stderr_on_it_stops_nobody(
    make: Make, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.symlink_to("/dev/full")
    full = io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", full)
        write(make(path), "lost")
    with pytest.raises(OSError, match="No space left"):
        print("so it is", file=full)
    full.close()


def test_a_folder_that_is_gone_loses_lines_until_it_is_back(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "logs" / "some.log"
    path.parent.mkdir()
    handler = make(path)
    path.unlink()
    path.parent.rmdir()
    write(handler, "lost")
    assert "No such file or directory" in capsys.readouterr().err
    path.parent.mkdir()
    write(handler, "again")
    assert read(path) == ["(1 lines could not be written here)", "again"]


def test_a_file_that_cannot_be_put_away_is_not_left_locked(
    make: Make, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = make(path, max_bytes=5, backups=1)
    write(handler, "first line")
    in_the_way = path.with_name("some.log.1")
    in_the_way.mkdir()
    write(handler, "lost")
    assert "can't be written" in capsys.readouterr().err
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    in_the_way.rmdir()
    write(handler, "again")
    assert read(in_the_way) == ["first line"]
    assert read(path) == ["(1 lines could not be written here)", "again"]


def test_a_folder_that_is_not_there_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SharedFileHandler(str(tmp_path / "nowhere" / "some.log"))


def run(script: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


# A limit on the size of files does to one process what a full disk does to all.
AT_THE_LIMIT = """
import logging, resource, sys
from log_config.handlers import SharedFileHandler

handler = SharedFileHandler(sys.argv[1], max_bytes=0, at_midnight=False)

def write(line):
    handler.handle(logging.makeLogRecord({"msg": line}))
    handler.flush()

write("a" * 90)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
write("b" * 50)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
write("c")
"""


def test_a_line_that_fits_only_in_part_is_not_written_at_all(path: Path) -> None:
    said, _ = run(AT_THE_LIMIT, path).communicate(timeout=50)
    assert said.count("\n") == 1
    assert "can't be written" in said
    assert read(path) == ["a" * 90, "(1 lines could not be written here)", "c"]


WRITER = """
import logging, random, sys
from log_config.handlers import SharedFileHandler

path, name, lines = sys.argv[1:]
handler = SharedFileHandler(path, max_bytes=3000, backups=400)
chance = random.Random(name)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(lines)):
    filling = "x" * chance.randrange(60)
    handler.handle(logging.makeLogRecord({"msg": f"{name} {number} {filling}."}))
    if chance.random() < 0.3:
        handler.flush()
handler.close()
"""


def test_several_processes_write_one_file_without_a_lost_or_torn_line(
    path: Path,
) -> None:
    names, lines = "abcd", 500
    writers = [run(WRITER, path, name, lines) for name in names]
    try:
        for writer in writers:
            assert writer.stdout
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin
            writer.stdin.write("go\n")
            writer.stdin.flush()
        said = [writer.communicate(timeout=50)[0] for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    assert said == [""] * len(names)
    files = list(path.parent.iterdir())
    assert len(files) > 20
    numbers = sorted(int(file.suffix[1:]) for file in files if file != path)
    assert numbers == list(range(1, len(files)))
    # From the oldest file to the newest each writer counts up.
    files.sort(key=lambda file: 0 if file == path else -int(file.suffix[1:]))
    seen: dict[str, list[int]] = {name: [] for name in names}
    for file in files:
        for line in read(file):
            whole = re.fullmatch(r"([abcd]) (\d+) x*\.", line)
            assert whole, line
            seen[whole[1]].append(int(whole[2]))
    assert seen == {name: list(range(lines)) for name in names}
