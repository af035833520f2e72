"""What must come as 1, 2, 3 is looked at one by one."""

import pytest

from bench.flood import Sequence


@pytest.mark.parametrize(
    ("numbers", "faults"),
    [
        ([], []),
        ([1, 2, 3], []),
        ([1, 3], ["3 came before others, behind 1"]),
        ([1, 2, 2, 3], ["2 came again or late, behind 2"]),
        (
            [1, 3, 2, 3],
            ["3 came before others, behind 1", "2 came again or late, behind 3"],
        ),
        ([2], ["2 came before others, behind 0"]),
    ],
)
def test_a_gap_a_double_and_a_swap_are_seen(
    numbers: list[int], faults: list[str]
) -> None:
    sequence = Sequence()
    for number in numbers:
        sequence.take(number)
    assert sequence.faults == faults
    assert sequence.last == (numbers[-1] if numbers else 0)


def test_a_flood_of_faults_is_told_in_part() -> None:
    sequence = Sequence()
    for _ in range(1000):
        sequence.take(1)
    assert len(sequence.faults) == 10
