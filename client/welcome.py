"""What a welcome settles: which messages arrived before the last connection broke.

The server says the last number of this device that it settled and which of those it
refused; every other one up to there is stored (docs/protocol.md, "Devices").
"""

from __future__ import annotations

from client.answers import failure
from client.encoding import encode_pending
from client.events import Event, Kind, MessageSent, Welcomed
from client.memory import Memory
from client.outbox import Outbox, Pending
from common.messages import Answer, Join, SessionInfo
from common.names import ALL
from decorators import log
from errors import RequestError

__all__ = ["may_yet_come", "settle"]

# Others come back to a restarted server within seconds of us, and a message that
# waited for it must not fail because it was faster than its addressee.
_COMING_BACK_SECONDS = 10.0
_NOBODY_THERE = frozenset({404, 410})


@log
def settle(
    info: SessionInfo, memory: Memory, outbox: Outbox, now: float
) -> list[Event]:
    """Return Welcomed and what became of the messages that were on the wire.

    What is left in `outbox` is to be sent again, in its order.
    """
    restarted = memory.learn(info)
    refused = set(info.refused)
    events = [
        failure(one, "it was refused before the connection broke", 409)
        if one.wire_id in refused
        else MessageSent(one.number, one.target, one.text)
        for one in outbox.settle(info.device_seq)
    ]
    events += _drop_unfit(memory, outbox, info.name)
    if restarted:
        for one in outbox.waiting():
            one.retry_until = now + _COMING_BACK_SECONDS
    if outbox.is_forgotten(info.device_seq) or restarted:
        _rejoin(memory, outbox, now)
    waiting = outbox.unacknowledged
    welcomed = Welcomed(
        info.name,
        info.guest,
        restarted,
        waiting,
        info.keeps_history,
        info.fingerprint or "",
    )
    return [welcomed, *events]


@log
def may_yet_come(pending: Pending, answer: Answer, now: float) -> bool:
    """Tell whether a message found nobody because its addressee is not back yet."""
    if pending.kind is not Kind.MESSAGE or answer.response not in _NOBODY_THERE:
        return False
    # The upper bound is for a clock that was set back.
    return 0 < pending.retry_until - now <= _COMING_BACK_SECONDS


@log
def _drop_unfit(memory: Memory, outbox: Outbox, name: str) -> list[Event]:
    """Fail what waits and is past the limits, which may be known only now."""
    unfit = []
    events = []
    for one in outbox.waiting():
        try:
            memory.check_size(one.text, encode_pending(one, name))
        except RequestError as error:
            unfit.append(one)
            events.append(failure(one, str(error), error.code))
    outbox.take_out(unfit)
    return events


@log
def _rejoin(memory: Memory, outbox: Outbox, now: float) -> None:
    """Enter our rooms again, at a server that has forgotten us."""
    outbox.add_first(
        Pending(0, Kind.JOIN, room, "", now, request=Join(room=room))
        for room in memory.rooms()
        if room != ALL
    )
