"""What `bench/signing.py` measures, in short: who is answered how, not how fast."""

from collections.abc import Iterator

import pytest

from bench.servers import Server, ours
from bench.signing import compare, crowd, guess_all_ways


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with ours("signing") as server:
        yield server


def test_of_many_guesses_few_reach_the_hash_whichever_way(server: Server) -> None:
    reached = guess_all_ways(server, count=60, seconds=0.0)
    # As many as are free, and the first pauses are longer than this test takes.
    assert len(reached) == 3
    assert all(5 <= number <= 10 for number in reached.values()), reached


def test_known_and_unknown_names_are_both_compared(server: Server) -> None:
    times = compare(server, 4)  # fails where one of them is answered otherwise
    assert min(times) > 0


@pytest.mark.parametrize("protocol", ["jim", "jims"])
def test_all_who_sign_in_at_once_are_let_in(server: Server, protocol: str) -> None:
    waits = crowd(server._replace(protocol=protocol), 10, protocol)
    assert waits.signed_in == 10
    assert waits.longest > 0
