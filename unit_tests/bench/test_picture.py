"""The README's picture shows what the client shows today."""

import re
import shutil
from xml.etree import ElementTree

import pytest

from bench.picture import PICTURE, draw, shown_today

_SPACE = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[str]:
    """Return the rows of a picture, in which no time of day differs."""
    found = ElementTree.fromstring(picture).iter(f"{_SPACE}text")
    return [re.sub(r"\b\d\d:\d\d\b", "12:34", "".join(one.itertext())) for one in found]


@pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed on this machine"
)
def test_the_picture_is_what_two_terminals_show_today() -> None:
    today = texts(draw(shown_today()))
    assert texts(PICTURE.read_text("utf-8")) == today, (
        "the client shows something else now: python -m bench.picture draws it anew"
    )


def test_what_a_terminal_shows_is_drawn_as_text_and_never_as_mark_up() -> None:
    rows = ["$ <b>&amp;", "\x1b[0;1m12:34 bob: \x1b[0mhi\x1b[2m", "", "dim"]
    assert texts(draw({"alice": rows})) == [
        "alice",
        "$ <b>&amp;",
        "12:34 bob: hi",
        "dim",
    ]
    lines = draw({"alice": rows}).splitlines()
    assert lines[-4].count("<tspan") == 2
    assert "#8b95a4" in lines[-3]
