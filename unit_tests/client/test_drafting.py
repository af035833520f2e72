import pytest

from client.drafting import Draft, Drafting
from errors import NotAllowed, RequestError, TooLong


class Letters:
    """Takes texts, and refuses long ones."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def say(self, to: str, text: str) -> None:
        if len(text) > 10:
            raise TooLong("the text", 10)
        self.sent.append((to, text))


def test_what_was_written_is_sent_with_all_its_lines() -> None:
    letters = Letters()
    drafting = Drafting(letters.say, watched=True)
    drafting.begin("bob")
    assert drafting.wanted == Draft("bob", "")
    drafting.finish("a\n\nb")
    assert letters.sent == [("bob", "a\n\nb")]
    assert drafting.wanted is None


def test_an_empty_text_is_not_sent() -> None:
    letters = Letters()
    drafting = Drafting(letters.say, watched=True)
    drafting.begin("bob")
    with pytest.raises(NotAllowed, match="nothing sent: the text is empty"):
        drafting.finish(" \n")
    assert letters.sent == []


def test_a_text_that_was_refused_comes_back() -> None:
    drafting = Drafting(Letters().say, watched=True)
    drafting.begin("bob")
    with pytest.raises(RequestError, match="edit bob brings your text back"):
        drafting.finish("x" * 11)
    drafting.begin("anna")
    assert drafting.wanted == Draft("anna", "")
    drafting.begin("bob")
    assert drafting.wanted == Draft("bob", "x" * 11)
    drafting.finish("short")
    drafting.begin("bob")
    assert drafting.wanted == Draft("bob", "")


@pytest.mark.parametrize(("to", "watched"), [("", True), ("bob", False)])
def test_without_an_addressee_or_a_terminal_nothing_is_wanted(
    to: str, watched: bool
) -> None:
    drafting = Drafting(Letters().say, watched=watched)
    with pytest.raises(NotAllowed):
        drafting.begin(to)
    assert drafting.wanted is None
