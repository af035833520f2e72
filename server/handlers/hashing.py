"""Hashing a password, on a worker: the session waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from decorators import log
from server.events import Event
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["hash_on_worker"]


@log
def hash_on_worker(
    hub: Hub,
    session: Session,
    event: Event,
    work: Callable[[], Any],
    then: Callable[[Any], None],
    judge: Callable[[Any], None] | None = None,
) -> None:
    """Have a worker do what hashes; the rest is as `Hub.work` says."""
    hashing = hub.crew.hashing
    hub.work(
        session,
        event,
        lambda finish: hashing.submit(lambda _: work(), finish),
        then,
        judge,
    )
