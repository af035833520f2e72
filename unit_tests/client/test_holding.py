from client.holding import Holding
from client.line import Line, Tone


def test_lines_wait_while_they_are_held_and_keep_their_order() -> None:
    shown: list[str] = []
    lines = [Line(Tone.DATA, word) for word in ("a", "b", "c")]

    def show(line: Line) -> None:
        if not holding.takes(line):
            shown.append(line.text)

    holding = Holding(show)
    show(lines[0])
    with holding.held():
        show(lines[1])
        show(lines[2])
        assert shown == ["a"]
    assert shown == ["a", "b", "c"]
