"""The life of a connection: every legal move, and that no other one moves."""

import itertools
import socket

import pytest

from common.limits import Limits
from common.names import Label
from errors import IllegalTransition
from server.connection import Connection
from server.dialects.opening import Opening
from server.states import Life, Move, moved

LEGAL = {
    (Life.SIGNING_IN, Move.SIGN_IN): Life.SIGNED_IN,
    (Life.SIGNING_IN, Move.PART): Life.PARTING,
    (Life.SIGNING_IN, Move.CLOSE): Life.CLOSED,
    (Life.SIGNED_IN, Move.PART): Life.PARTING,
    (Life.SIGNED_IN, Move.CLOSE): Life.CLOSED,
    (Life.PARTING, Move.LINGER): Life.LINGERING,
    (Life.PARTING, Move.CLOSE): Life.CLOSED,
    (Life.LINGERING, Move.CLOSE): Life.CLOSED,
}
ILLEGAL = [pair for pair in itertools.product(Life, Move) if pair not in LEGAL]


@pytest.mark.parametrize(("state", "move"), LEGAL)
def test_a_legal_move_leads_where_the_table_says(state: Life, move: Move) -> None:
    assert moved(state, move) is LEGAL[state, move]


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_an_illegal_move_raises_and_changes_nothing(state: Life, move: Move) -> None:
    with socket.socket() as sock:
        connection = Connection(
            sock, Label("x"), Label("1 (x)"), Opening(Limits()), None, 0.0
        )
        connection.life = state
        with pytest.raises(IllegalTransition) as caught:
            connection.move(move)
        assert connection.life is state
    assert state.name in str(caught.value)
    assert move.name in str(caught.value)


def test_a_closed_connection_never_moves_again() -> None:
    assert {move for state, move in ILLEGAL if state is Life.CLOSED} == set(Move)
