"""Contain the log handlers of others: what they raise is said, and ends nobody.

Why not `logging.raiseExceptions`: it is about the errors that a handler itself has
caught, and chooses between a traceback on stderr and nothing at all.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

from log_config.outage import Outage

__all__ = ["contain"]


def contain(handler: logging.Handler) -> None:
    """Let `handler` fail without anybody noticing but stderr, once per outage.

    Ours need no help: they take what they are given.
    """
    if type(handler).__module__.startswith("log_config."):
        return
    outage = Outage()
    name = type(handler).__name__

    def fail(error: BaseException | None) -> None:
        dropped = "its lines are dropped until it works"
        outage.say(f"the log handler {name} failed", error, dropped)

    def contained(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            try:
                return method(*args)
            except Exception as error:  # noqa: BLE001 - code of others, anywhere in ours
                fail(error)
                return False

        return call

    # On the object: its class may be used elsewhere, where its errors should be seen.
    own = vars(handler)
    own["handle"] = contained(handler.handle)
    own["flush"] = contained(handler.flush)
    own["close"] = contained(handler.close)
    own["handleError"] = lambda record: fail(sys.exc_info()[1])
