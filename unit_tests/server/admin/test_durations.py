"""Times as people type them."""

import pytest

from server.admin.durations import seconds_of, spoken


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("2H", 7200), ("1.5d", 129_600),
     (" 1w ", 604_800)],
)  # fmt: skip
def test_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0h", "-1h", "1y", "h", "1e9", "nan", "٣h"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="30m, 2h, 3d or 1w"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7200, "2 h"), (90, "90 s"), (1800, "30 min"), (86400, "1 d"), (0.5, "0.5 s")],
)
def test_a_time_is_said_in_its_largest_unit(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
