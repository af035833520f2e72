import pytest

from client.mentions import mark_mentions, mentions


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("bob", "[bob]"),
        ("hi Bob, and BOB!", "hi [Bob], and [BOB]!"),
        ("@bob: look", "@[bob]: look"),
        ("bob-2 bobby kebob bob.smith", "bob-2 bobby kebob bob.smith"),
        ("ask bob.", "ask [bob]."),
        ("nobody", "nobody"),
    ],
)
def test_our_name_is_found_as_a_word(text: str, marked: str) -> None:
    assert mark_mentions(text, "bob", lambda name: f"[{name}]") == marked
    assert mentions(text, "bob") is ("[" in marked)
