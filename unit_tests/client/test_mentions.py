# ruff: noqa: RUF001 - letters of many scripts, some like ours
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


@pytest.mark.parametrize(
    ("name", "text", "is_said"),
    [
        ("bob", "x" * 200 + " BOB", True),  # names are shorter, texts are not
        ("Даша", "и ещё " * 50 + "ДАША!", True),
        ("Zoë", "where is zoe?", True),
        ("O’Brien", "ask o'brien", True),
        ("علی\u200cرضا", "سلام علیرضا", True),
        ("小明", "小明你好", True),
        ("小明", "我和小明去", True),
        ("bob", "你好bob，去", True),
        ("bob", "见bobby", False),
        ("ไทย", "ประเทศไทย", True),
    ],
)
def test_a_name_is_found_in_texts_of_any_length_and_script(
    name: str, text: str, is_said: bool
) -> None:
    assert mentions(text, name) is is_said
