from client.line import Line, Tone
from client.live_rows import LiveRows


def row(key: int, mark: str = "", *, new: bool = False) -> Line:
    return Line(Tone.OWN, f"text {key}", key=key, mark=mark, new=new)


def test_a_row_can_be_changed_until_something_else_is_printed() -> None:
    live = LiveRows()
    assert live.takes(row(1, new=True))
    assert live.takes(row(1, "✓"))
    assert live.rows == [row(1, "✓")]
    assert live.take_all() == [row(1, "✓")]
    assert not live.takes(row(1, "✓✓"))
    assert live.rows == []


def test_the_oldest_of_too_many_are_printed() -> None:
    live = LiveRows()
    for number in range(1, 8):
        live.takes(row(number, new=True))
    assert [one.key for one in live.take_oldest()] == [1, 2]
    assert [one.key for one in live.rows] == [3, 4, 5, 6, 7]
