"""The life of a connection, as a table of moves."""

import enum

from decorators import log
from errors import IllegalTransition

__all__ = ["OPEN", "Life", "Move", "moved"]


class Life(enum.Enum):
    """Where a connection is in its life."""

    SIGNING_IN = enum.auto()  # nobody has said who it is
    SIGNED_IN = enum.auto()
    PARTING = enum.auto()  # the goodbye is on its way, nothing is read for the hub
    LINGERING = enum.auto()  # all is written; the peer is to close first
    CLOSED = enum.auto()


#: The states in which a peer is listened to. A tuple: its members are found by
#: identity, which is quicker than the hash of an enum, and asked at each read.
OPEN = (Life.SIGNING_IN, Life.SIGNED_IN)


class Move(enum.Enum):
    """What can happen to a connection."""

    SIGN_IN = enum.auto()
    PART = enum.auto()
    LINGER = enum.auto()
    CLOSE = enum.auto()


_TABLE = {
    (Life.SIGNING_IN, Move.SIGN_IN): Life.SIGNED_IN,
    (Life.SIGNING_IN, Move.PART): Life.PARTING,
    (Life.SIGNED_IN, Move.PART): Life.PARTING,
    (Life.PARTING, Move.LINGER): Life.LINGERING,
    (Life.SIGNING_IN, Move.CLOSE): Life.CLOSED,
    (Life.SIGNED_IN, Move.CLOSE): Life.CLOSED,
    (Life.PARTING, Move.CLOSE): Life.CLOSED,
    (Life.LINGERING, Move.CLOSE): Life.CLOSED,
}


@log
def moved(state: Life, move: Move) -> Life:
    """Return the state after `move`; raise IllegalTransition if there is none."""
    try:
        return _TABLE[state, move]
    except KeyError:
        raise IllegalTransition(state, move) from None
