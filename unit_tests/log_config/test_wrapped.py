"""Sentences are broken at words, and commands never."""

import io
import sys

import pytest

from log_config.wrapped import wrapped


@pytest.mark.parametrize("columns", [0, 40, 80, 200])
def test_a_sentence_is_broken_at_its_words_and_a_command_never(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("log_config.wrapped._width_of", lambda stream: columns)
    sentence = " ".join(["some", "words", "--and-a-flag"] * 20)
    command = f"  python {'x' * 100} -n alice"
    *words, typed = wrapped([sentence, command], sys.stderr)
    assert typed == command
    assert " ".join(words) == sentence
    assert max(map(len, words)) <= (columns or len(sentence))


def test_what_is_no_terminal_gets_the_rows_as_they_are() -> None:
    sentence = "word " * 100
    assert wrapped([sentence], io.StringIO()) == [sentence]
