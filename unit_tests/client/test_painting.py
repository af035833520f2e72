import re

import pytest

from client.line import Line, Tone
from client.painting import Painting

PLAIN = Painting(colours=False)
OWN = Line(Tone.OWN, "see you", "23:15 you → bob:", key=1, mark="✓✓ read")


def test_a_row_of_ours_ends_with_its_mark() -> None:
    assert PLAIN.laid_out(OWN, 80) == "23:15 you → bob: see you ✓✓ read"
    assert Painting(colours=True).laid_out(OWN, 80) == (
        "\x1b[1m23:15 you → bob: \x1b[0msee you\x1b[2m ✓✓ read\x1b[0m"
    )


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_no_row_is_wider_than_the_window(columns: int) -> None:
    line = OWN._replace(text="a text of words 👋 " * 20)
    rows = PLAIN.laid_out(line, columns).split("\n")
    assert max(map(len, rows)) <= columns
    assert rows[-1].endswith("read")
    assert PLAIN.fits(line, columns)


def test_an_address_that_is_wider_does_not_fit() -> None:
    line = OWN._replace(text="https://example.org/" + "x" * 80)
    assert not PLAIN.fits(line, 80)
    assert PLAIN.fits(line, 200)


def test_a_name_has_a_colour_and_ours_is_marked() -> None:
    line = Line(Tone.DATA, "Alice, look", "12:00 #bob bob:", who="bob", me="alice")
    shown = Painting(colours=True).laid_out(line, 80)
    assert re.fullmatch(
        r"\x1b\[1m12:00 #bob \x1b\[0m\x1b\[1m\x1b\[\d+mbob\x1b\[0m\x1b\[1m: \x1b\[0m"
        r"\x1b\[7mAlice\x1b\[0m, look",
        shown,
    )
    assert PLAIN.laid_out(line, 80) == "12:00 #bob bob: Alice, look"
