import itertools

import pytest

from client.state import TRANSITIONS, Move, State, next_state
from errors import IllegalTransition

ILLEGAL = [pair for pair in itertools.product(State, Move) if pair not in TRANSITIONS]


@pytest.mark.parametrize(("state", "move"), TRANSITIONS)
def test_a_move_of_the_table_leads_where_it_says(state: State, move: Move) -> None:
    assert next_state(state, move) is TRANSITIONS[state, move]


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_a_move_outside_the_table_raises(state: State, move: Move) -> None:
    with pytest.raises(IllegalTransition) as caught:
        next_state(state, move)
    assert (caught.value.state, caught.value.move) == (state, move)


def test_every_state_can_be_reached() -> None:
    reached = {State.SIGNED_OUT}
    for _ in State:
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
    assert reached == set(State)


def test_nothing_leads_out_of_the_end() -> None:
    after = {to for (state, _), to in TRANSITIONS.items() if state is State.ENDED}
    assert after == {State.ENDED}
