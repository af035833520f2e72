"""Our server with another clock, or a disk that is full, as a file of switches says.

`python -m bench.tampered SWITCHES FLAG...` runs `my_server.py` with the flags. Its wall
clock (`time.time`, the only one it has) is shifted, and its database may be forbidden
to grow, from one moment to the next while it runs. It may also forget what it commits,
which our judges must find. Nothing else of it is touched.
"""

import mmap
import sqlite3
import struct
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["Switches"]

_FORM = struct.Struct("<d??")


class Switches:
    """A file that the bench writes and the server sees at once.

    `shift` is added to the clock, in seconds; where the database is `full` no page can
    be added to it; a server that `forgets` undoes what it should commit.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_FORM.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _FORM.size)

    @property
    def shift(self) -> float:
        """Return the seconds that the clock is ahead."""
        return float(self._state[0])

    @property
    def full(self) -> bool:
        """Tell whether the database may not grow."""
        return bool(self._state[1])

    @property
    def forgets(self) -> bool:
        """Tell whether commits are undone."""
        return bool(self._state[2])

    @property
    def _state(self) -> tuple[float, bool, bool]:
        return _FORM.unpack_from(self._memory)

    def turn(
        self,
        *,
        shift: float | None = None,
        full: bool | None = None,
        forgets: bool | None = None,
    ) -> None:
        """Change what is given."""
        new = shift, full, forgets
        pairs = zip(self._state, new, strict=True)
        state = (old if one is None else one for old, one in pairs)
        _FORM.pack_into(self._memory, 0, *state)


def _shift_clock(switches: Switches) -> None:
    true_time = time.time
    time.time = lambda: true_time() + switches.shift


def _tamper_with_disk(switches: Switches) -> None:
    class Tampered(sqlite3.Connection):
        """A connection that looks at the switches before each statement."""

        _was_full = False

        def execute(self, *args: Any) -> sqlite3.Cursor:
            if switches.forgets and args == ("COMMIT",):
                args = ("ROLLBACK",)
            if switches.full is not self._was_full:
                self._was_full = switches.full
                # Less than there are now means: no more than there are now.
                most = 1 if switches.full else 2**31
                super().execute(f"PRAGMA max_page_count = {most}")
            return super().execute(*args)

    true_connect = sqlite3.connect

    def connect(*args: Any, **named: Any) -> sqlite3.Connection:
        return true_connect(*args, factory=Tampered, **named)

    sqlite3.connect = connect  # type: ignore[assignment]


def main(arguments: list[str]) -> int:
    """Run the server; return its exit code."""
    switches = Switches(Path(arguments[0]))
    _shift_clock(switches)
    _tamper_with_disk(switches)
    import my_server

    sys.argv[0] = "my_server.py"
    return my_server.main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
