"""What a search finds of a text: its words, pairs of characters, signs, pictures."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.search_words import (
    begins_word,
    kept_words,
    sought_words,
)

TEXTS = st.text(st.sampled_from("aБ+#上海天ไทย👍🏽🇩🇪 .é")) | st.text()


def finds(query: str, text: str) -> bool:
    kept = kept_words(text)
    return all(begins_word(word, kept) for word in sought_words(query))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World", ["hello", "world"]),
        ("我们", ["我们"]),
        ("上海开会", ["上海", "海开", "开会"]),
        ("海", ["海"]),
        ("c+d", ["c", "d"]),
        ("+ # ++", []),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
    ],
)
def test_a_query_is_these_words(text: str, words: list[str]) -> None:
    assert sought_words(text) == words


@given(TEXTS)
@example("#a+")
@example("##नमस्ते")
def test_a_text_is_found_by_itself(text: str) -> None:
    assert finds(text, text)


@given(TEXTS.filter(lambda text: not set(text) & set("+#")), TEXTS, TEXTS)
def test_a_text_is_found_among_others(text: str, one: str, other: str) -> None:
    assert finds(text, f"{one} {text} {other}")


@given(st.text(st.sampled_from("我们明天去上海ไทย"), min_size=2), st.data())
def test_any_part_of_a_run_without_spaces_is_found(
    run: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    assert finds(run[start:end], f"a {run}.")


def test_what_is_kept_is_not_much_longer_than_the_text() -> None:
    for text in ("#a." * 5000, "#a" * 5000, "a+" * 5000, "上" * 5000, "👍" * 5000):
        assert len(kept_words(text)) < 10 * len(text)
