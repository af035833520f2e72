"""What is said when a log takes no lines: once on stderr, where there is no log."""

import contextlib
import os
import sys
import time

__all__ = ["Outage"]

# An outage is over when nothing has failed for so long: on a full disk a small batch
# may still find room between two that don't.
_CALM_SECONDS = 60.0


class Outage:
    """Says what is wrong with a log once, until it has been well for a minute."""

    def __init__(self) -> None:
        self._said = False
        self._failed_at = 0.0

    def say(self, what: str, error: BaseException | None, then: str) -> None:
        """Note a failure; say it where that was not said, and what becomes of lines."""
        self._failed_at = time.monotonic()
        if self._said:
            return
        self._said = True
        reason = type(error).__name__
        if isinstance(error, OSError):
            reason = os.strerror(error.errno) if error.errno else str(error)
        # stderr may be a file on the same full disk, or closed.
        with contextlib.suppress(OSError, ValueError):
            print(  # noqa: T201 - there is no log to tell it to
                f"{what} ({reason}); messages go on, {then}", file=sys.stderr
            )

    def maybe_end(self) -> None:
        """Take note that lines were written."""
        if self._said:
            self._said = time.monotonic() - self._failed_at < _CALM_SECONDS
