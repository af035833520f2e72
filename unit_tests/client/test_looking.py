import pytest

from client.line import Seen
from client.looking import Looking

ROWS = 24


def seen(*ids: int) -> list[Seen]:
    return [Seen("bob", one) for one in ids]


@pytest.mark.parametrize(
    ("each", "behind", "on_screen"),
    [
        (1, 0, range(37, 61)),
        (3, 0, range(53, 61)),
        (1, 23, range(60, 61)),
        (1, 24, range(0)),
    ],
)
def test_only_what_is_on_the_screen_is_looked_at(
    each: int, behind: int, on_screen: range
) -> None:
    looking = Looking()
    for number in range(1, 61):
        looking.show(each, Seen("bob", number))
    looking.show(behind)
    assert looking.look(ROWS) == seen(*on_screen)
    # What has left the screen does not come back to it.
    assert looking.look(1_000) == []


def test_an_emptied_screen_shows_nothing() -> None:
    looking = Looking()
    looking.show(1, Seen("bob", 1))
    looking.clear()
    looking.show(1, Seen("bob", 2))
    assert looking.look(ROWS) == seen(2)
