"""What a worker does for a session, which waits for it meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from decorators import log
from errors import OutOfService, RequestError, StoreFailed
from server.events import Event
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["OUR_MISTAKE", "work"]

OUR_MISTAKE = "the server made a mistake and closes this connection"

_logger = logging.getLogger("server.hub")


@log
def work(
    hub: Hub,
    session: Session,
    event: Event,
    start: Callable[[Callable[[Any], None]], None],
    then: Callable[[Any], None],
    judge: Callable[[Any], None] | None = None,
) -> None:
    """Have a worker do something, as `Hub.work` says."""
    session.busy = True

    def finish(result: Any) -> None:
        session.busy = False
        if judge is not None:
            judge(result)
        try:
            if isinstance(result, Exception):
                raise result
            if not session.ended:
                then(result)
        except RequestError as error:
            if not session.ended:
                hub.refuse(session, event, error)
        except StoreFailed:
            raise
        except Exception:  # noqa: BLE001 - surprise must stay in this session
            _contain(hub, session)
        _go_on(hub, session)

    def begin() -> None:
        try:
            start(finish)
        except RequestError as error:
            finish(error)

    hub.jobs.append(begin)


@log
def _go_on(hub: Hub, session: Session) -> None:
    """Handle what a session has said while a worker held it up."""
    waiting, session.waiting = session.waiting, ()
    try:
        hub.handle(session, waiting, hub.now)
    except StoreFailed:
        raise
    except Exception:  # noqa: BLE001 - surprise must stay in this session
        _contain(hub, session)
    if not session.busy:
        hub.freed.append(session)


@log
def _contain(hub: Hub, session: Session) -> None:
    """Keep a fault of ours to the session that met it."""
    _logger.exception("a fault of ours, %s", session.log_label)
    if not session.ended:
        hub.end(session, OutOfService(OUR_MISTAKE))
