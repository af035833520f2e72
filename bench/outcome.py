"""What a run came to, as rows of a table."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from bench.judge import Breach, Record

__all__ = ["PATIENCE_SECONDS", "Outcome", "Stuck", "faults_in", "figures_of"]

#: The longest wait for what must happen.
PATIENCE_SECONDS = 60.0
# How a program that ends says why, or Python for it.
_FAULT = re.compile(r"my_server\.py: |Traceback|\S*(Error|Warning)\b")


class Stuck(Exception):
    """What must happen has not happened in time."""

    def __init__(self, what: str) -> None:
        super().__init__(f"in {PATIENCE_SECONDS:g} s this has not come: {what}")


class Outcome(NamedTuple):
    """Figures under their names, what was broken, and what else went wrong."""

    figures: dict[str, str]
    breaches: list[Breach]
    troubles: list[str]


def faults_in(errors: str) -> list[str]:
    """Return the lines of a server's stderr that tell of a fault.

    The others say at a start who may join, and how.
    """
    return [line for line in errors.splitlines() if _FAULT.match(line)]


def figures_of(records: Iterable[Record]) -> dict[str, str]:
    """Return how much was said and received."""
    records = list(records)
    return {
        "devices": f"{len(records):,}",
        "sent": f"{sum(len(one.sent) for one in records):,}",
        "acknowledged": f"{sum(len(one.stored) for one in records):,}",
        "refused": f"{sum(len(one.refused) for one in records):,}",
        "received": f"{sum(len(one.received) for one in records):,}",
    }
