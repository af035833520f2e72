"""Lines of strace become calls; what can't be read whole is refused."""

import math

import pytest

from bench.syscalls import Unreadable, path_of, read_calls


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


WAL = f"4<{hexed('/d/m.db-wal')}>"


def test_a_call_has_its_bytes_its_numbers_and_its_result() -> None:
    (call,) = read_calls([f'7 pwrite64({WAL}, "{hexed("a, b")}", 4, 32) = 4'], 10)
    assert (call.thread, call.name, call.result) == (7, "pwrite64", 4)
    assert call.strings == (b"a, b",)
    assert call.arguments[1:] == ('""', "4", "32")
    assert path_of(call.arguments[0]) == "/d/m.db-wal"
    assert call.started == call.ended == 10


def test_a_call_torn_by_another_thread_is_joined() -> None:
    lines = [
        f"7 fdatasync({WAL} <unfinished ...>",
        f'8 sendto(5<{hexed("socket:[12]")}>, "{hexed("x")}", 1, 0, NULL, 0) = 1',
        "7 <... fdatasync resumed>)      = 0",
    ]
    send, sync = read_calls(lines)
    assert (send.name, send.started, send.ended) == ("sendto", 1, 1)
    assert (sync.name, sync.started, sync.ended, sync.result) == ("fdatasync", 0, 2, 0)


def test_what_comes_back_only_on_resuming_is_part_of_the_call() -> None:
    lines = [
        f'7 openat(AT_FDCWD<{hexed("/")}>, "{hexed("/d/new")}", <unfinished ...>',
        "8 +++ exited with 0 +++",
        f"7 <... openat resumed>O_RDWR|O_CREAT, 0600) = 9<{hexed('/d/new')}>",
    ]
    (call,) = read_calls(lines)
    assert call.strings == (b"/d/new",)
    assert call.arguments[2:] == ("O_RDWR|O_CREAT", "0600")
    assert call.result == 9


def test_the_last_argument_of_a_torn_call_is_whole() -> None:
    lines = [
        f'7 openat(AT_FDCWD<>, "{hexed("/d/m")}", O_RDWR|O_TRUNC <unfinished ...>',
        "7 <... openat resumed>) = 9",
    ]
    (call,) = read_calls(lines)
    assert call.arguments[-1] == "O_RDWR|O_TRUNC"


@pytest.mark.parametrize(
    ("end", "started", "ended"), [("= ?", 0, 1), ("", 0, math.inf)]
)  # fmt: skip
def test_a_call_that_never_came_back_has_no_result(
    end: str, started: int, ended: float
) -> None:
    lines = [f'7 write({WAL}, "{hexed("x")}", 1 <unfinished ...>']
    lines += [f"7 <... write resumed>) {end}"] if end else []
    (call,) = read_calls([*lines, "7 +++ killed by SIGKILL +++"])
    assert (call.result, call.started, call.ended) == (None, started, ended)


def test_all_pieces_of_a_vector_are_kept() -> None:
    pieces = ", ".join(f'{{iov_base="{hexed(t)}", iov_len=1}}' for t in "ab")
    (call,) = read_calls([f"7 writev({WAL}, [{pieces}], 2) = 2"])
    assert b"".join(call.strings) == b"ab"


def test_an_injected_error_is_told() -> None:
    line = f"7 fdatasync({WAL}) = -1 EIO (Input/output error) (INJECTED)"
    (call,) = read_calls([line])
    assert call.result == -1
    assert call.note == "EIO (Input/output error) (INJECTED)"


def test_signals_and_exits_are_no_calls() -> None:
    lines = ["7 --- SIGTERM {si_signo=SIGTERM} ---", "7 +++ exited with 0 +++"]
    assert not list(read_calls(lines))


@pytest.mark.parametrize(
    "line",
    [
        f'7 write({WAL}, "{hexed("x")}"..., 500) = 500',
        "7 <... write resumed>) = 1",
        "7 write(4, ",
        "nothing of the kind",
    ],
)
def test_a_line_that_is_not_whole_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        list(read_calls([line]))


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        (f"4<{hexed('/d/м.db')}>", "/d/м.db"),
        ("4</d/plain>", "/d/plain"),
        (f"4<{hexed('/d/m')}>(deleted)", "/d/m(deleted)"),
        ("4", ""),
    ],
)
def test_the_path_behind_a_descriptor_is_read(argument: str, path: str) -> None:
    assert path_of(argument) == path
