"""Find out who a server is, before anything that is kept for it is looked for.

Nothing is sent: TLS shows the certificate. Who has met the server before knows what it
has to show, and needs no knocking.
"""

from __future__ import annotations

import asyncio
import contextlib

from client.meeting import meet
from client.screen import Leave, Screen
from client.tls import Trust
from client.way import Way, hang_up, open_way
from common.client_settings import ClientSettings
from common.safe_text import visible
from decorators import log
from errors import ProgramError

__all__ = ["knock"]

# A server of this machine that speaks TLS answers at once; another may be silent.
_LOOK_SECONDS = 2.0


@log
async def knock(
    trust: Trust, settings: ClientSettings, screen: Screen
) -> Way | Leave | None:
    """Return a way to a server that is known now, or how somebody leaves who is asked.

    None where there was nothing to find out. Raises ProgramError as `open_way` does,
    and Distrusted where the answer is no.
    """
    if trust.may_be_plain and not trust.is_settled:
        await _look_closer(trust, settings)
        return None
    while not trust.is_settled:
        way = await _open_visibly(trust, settings, screen)
        if not way.stranger:
            return way
        await hang_up(way.writer)
        left = await meet(trust, screen, way.stranger)
        if left:
            return left
    return None


@log
async def _look_closer(trust: Trust, settings: ClientSettings) -> None:
    """Find out whether a stranger on this machine is a server that is known already.

    It may have moved to another port, or is known by its address in the network. If
    not, or if it has no TLS, it is met as others of this machine are.
    """
    if not trust.pins.are_any:
        return
    seconds = min(settings.timeout_seconds, _LOOK_SECONDS)
    with contextlib.suppress(ProgramError):
        address, port = settings.address, settings.port
        way = await open_way(trust, address, port, seconds, always_tls=True)
        await hang_up(way.writer)
        if way.stranger:
            trust.recognize(way.stranger)


@log
async def _open_visibly(trust: Trust, settings: ClientSettings, screen: Screen) -> Way:
    wheel = asyncio.create_task(
        screen.wait_visibly(f"connecting to {visible(trust.where)}")
    )
    try:
        seconds = settings.timeout_seconds
        return await open_way(trust, settings.address, settings.port, seconds)
    finally:
        wheel.cancel()
        await asyncio.gather(wheel, return_exceptions=True)
