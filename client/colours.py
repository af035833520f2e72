"""Give each name a colour."""

from __future__ import annotations

import zlib
from typing import Final

from common.names import Name, fold
from decorators import log

__all__ = ["NameColours"]

# Such as can be read on black and on white; red is for trouble.
_CODES: Final = (32, 34, 35, 36, 33, 92, 94, 95, 96)
# Past it the names that had none for longest are met anew.
_MOST_NAMES: Final = 1_000


class NameColours:
    """The colours of one screen's names.

    A name has the same one at each start, unless somebody who was met before has it
    and others are free: two who talk should not look alike.
    """

    @log
    def __init__(self) -> None:
        self._of_names: dict[str, str] = {}

    @log
    def of(self, name: Name | str) -> str:
        """Return the escape sequence that begins a name's colour."""
        key = fold(name)
        if key not in self._of_names:
            if len(self._of_names) >= _MOST_NAMES:
                del self._of_names[next(iter(self._of_names))]
            self._of_names[key] = self._choose(key)
        return self._of_names[key]

    @log
    def _choose(self, key: str) -> str:
        first = zlib.crc32(key.encode()) % len(_CODES)
        wanted = [f"\x1b[{code}m" for code in (*_CODES[first:], *_CODES[:first])]
        used = set(self._of_names.values())
        return next((one for one in wanted if one not in used), wanted[0])
