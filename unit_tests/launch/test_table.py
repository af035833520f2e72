import os
import re
import socket

from common.names import Name
from launch.table import ProcessTable, _uptime


def test_a_row_says_what_is_asked_of_it() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0],
    ):
        head, row = ProcessTable().lines({os.getpid(): Name("me")})
    words = "PID NAME UPTIME CPU MEMORY THREADS CONNECTIONS"
    assert head.split() == words.split()
    pattern = rf" *{os.getpid()}  me +\d+:\d\d:\d\d +\d+\.\d% +\d+\.\d MiB +\d+ +(\d+)"
    found = re.fullmatch(pattern, row)
    assert found, row
    # Both ends are ours; other tests of this process may have some, too.
    assert int(found[1]) >= 2


def test_who_has_just_ended_has_a_row_that_says_so() -> None:
    gone = 2**22 + 1
    _, row = ProcessTable().lines({gone: Name("bob")})
    assert row.split() == [str(gone), "bob", "ended", "-", "-", "-", "-"]


def test_columns_are_aligned() -> None:
    lines = ProcessTable().lines({os.getpid(): Name("a"), 2**22 + 1: Name("someone")})
    assert len({len(line) for line in lines}) == 1


def test_uptime_in_hours_minutes_and_seconds() -> None:
    assert _uptime(3 * 3600 + 62.9) == "3:01:02"
    assert _uptime(-0.1) == "0:00:00"
