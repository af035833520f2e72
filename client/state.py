"""The states of a client's session, and the table of every legal move."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from decorators import log
from errors import IllegalTransition

__all__ = ["TRANSITIONS", "Move", "State", "next_state"]


class State(enum.Enum):
    """Where a session stands with its server."""

    SIGNED_OUT = "not known to the server; what is sent waits"
    SIGNING_IN = "the presence is sent, the answer has not come"
    SIGNED_IN = "welcomed"
    ENDED = "over for good: no reconnecting"


class Move(enum.Enum):
    """What can happen to a session."""

    SIGN_IN = "a presence is sent on a new connection"
    BE_WELCOMED = "the server took the presence"
    BE_REFUSED = "the server refused the presence"
    REQUEST = "the user asks for something"
    LOSE = "the connection is gone"
    QUIT = "the user leaves"
    BE_REPLACED = "the same device signed in on another connection"
    BE_SIGNED_OUT = "this device was signed out, or its account is gone"
    BREAK = "what came is not the protocol"


TRANSITIONS: Final[Mapping[tuple[State, Move], State]] = {
    (State.SIGNED_OUT, Move.SIGN_IN): State.SIGNING_IN,
    (State.SIGNED_OUT, Move.REQUEST): State.SIGNED_OUT,
    (State.SIGNED_OUT, Move.LOSE): State.SIGNED_OUT,
    (State.SIGNED_OUT, Move.QUIT): State.ENDED,
    (State.SIGNING_IN, Move.BE_WELCOMED): State.SIGNED_IN,
    (State.SIGNING_IN, Move.BE_REFUSED): State.SIGNED_OUT,
    (State.SIGNING_IN, Move.REQUEST): State.SIGNING_IN,
    (State.SIGNING_IN, Move.LOSE): State.SIGNED_OUT,
    (State.SIGNING_IN, Move.QUIT): State.ENDED,
    (State.SIGNING_IN, Move.BE_REPLACED): State.ENDED,
    (State.SIGNING_IN, Move.BREAK): State.ENDED,
    (State.SIGNED_IN, Move.REQUEST): State.SIGNED_IN,
    (State.SIGNED_IN, Move.LOSE): State.SIGNED_OUT,
    (State.SIGNED_IN, Move.QUIT): State.ENDED,
    (State.SIGNED_IN, Move.BE_REPLACED): State.ENDED,
    (State.SIGNED_IN, Move.BE_SIGNED_OUT): State.ENDED,
    (State.SIGNED_IN, Move.BREAK): State.ENDED,
    # The end of the connection after a quit is nothing new.
    (State.ENDED, Move.LOSE): State.ENDED,
}


@log
def next_state(state: State, move: Move) -> State:
    """Return the state after `move`; raise IllegalTransition if there is none."""
    after = TRANSITIONS.get((state, move))
    if after is None:
        raise IllegalTransition(state, move)
    return after
