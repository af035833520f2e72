"""What a run came to, as rows of a table."""

from collections.abc import Iterable
from typing import NamedTuple

from bench.judge import Breach, Record

__all__ = ["PATIENCE_SECONDS", "Outcome", "Stuck", "figures_of"]

#: The longest wait for what must happen.
PATIENCE_SECONDS = 60.0


class Stuck(Exception):
    """What must happen has not happened in time."""

    def __init__(self, what: str) -> None:
        super().__init__(f"in {PATIENCE_SECONDS:g} s this has not come: {what}")


class Outcome(NamedTuple):
    """Figures under their names, what was broken, and what else went wrong."""

    figures: dict[str, str]
    breaches: list[Breach]
    troubles: list[str]


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
