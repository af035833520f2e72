# ruff: noqa: RUF001 - letters that look like others are what this module is about
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.folding import CONVERSATION_MARK
from common.search_words import kept_words
from server.store import words as module
from server.store.words import choose, create_words, fold_chosen, insert_chosen

ODD = (
    "aЁёйß\u0301\u0306\x00\u00ad\u200d\ufe0f№ﬁ—«😀🏽🇩漢が한ไ日c+# ]^-'\"*"
    + CONVERSATION_MARK
)
TEXTS = st.text(st.sampled_from(ODD)) | st.text()


class Words:
    """A database with messages in the columns that matter, and an index of them."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.execute("ATTACH ':memory:' AS store")
        self.connection.execute(
            "CREATE TABLE store.messages(id INTEGER PRIMARY KEY, conversation, text)"
        )
        self.connection.execute(
            "CREATE TEMP TABLE chosen(id INTEGER PRIMARY KEY, conversation, text)"
        )
        create_words(self.connection, "kept")
        self.connection.execute(
            "CREATE VIRTUAL TABLE seen USING fts5vocab(kept, instance)"
        )

    def of(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the words of each text, sorted, as they are found in an index."""
        self.fill(texts)
        fold_chosen(self.connection)
        insert_chosen(self.connection, "kept")
        return self.seen()

    def folded_by_us(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the words of each text when Python folds all of it."""
        self.fill(texts)
        folded = [
            (number, f"{CONVERSATION_MARK}17 {kept_words(text)}")
            for number, text in enumerate(self.texts)
        ]
        with self.at_once():
            self.connection.executemany(
                "INSERT INTO kept(rowid, words) VALUES (?, ?)", folded
            )
        return self.seen()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Make one transaction of many statements: each by itself takes 50 us."""
        self.connection.execute("BEGIN")
        yield
        self.connection.execute("COMMIT")

    def fill(self, texts: Iterable[str]) -> None:
        self.texts = list(texts)
        self.connection.execute("INSERT INTO kept(kept) VALUES ('delete-all')")
        self.connection.execute("DELETE FROM store.messages")
        with self.at_once():
            self.connection.executemany(
                "INSERT INTO store.messages VALUES (?, 17, ?)", enumerate(self.texts)
            )
        choose(self.connection, "1", {})

    def seen(self) -> list[list[str]]:
        found: list[list[str]] = [[] for _ in self.texts]
        for term, number in self.connection.execute("SELECT term, doc FROM seen"):
            found[number].append(term)
        return [sorted(one) for one in found]

    def unusual(self, texts: Iterable[str]) -> list[str]:
        """Return those texts that Python folds."""
        self.fill(texts)
        (rows,) = self.connection.execute(module._UNUSUAL).fetchone()
        return [text for _, text in msgspec.json.decode(rows)]


def composing() -> set[str]:
    """Return the codes of what can follow a letter and change it."""
    forms = {unicodedata.decomposition(chr(one)) for one in range(sys.maxunicode)}
    parts = [one.split() for one in forms if not one.startswith("<")]
    return {one[1] for one in parts if len(one) == 2}


@contextmanager
def opened() -> Iterator[Words]:
    words = Words()
    with closing(words.connection):
        yield words


def test_the_index_folds_each_usual_character_as_we_do() -> None:
    assigned = [
        one
        for one in map(chr, range(1, sys.maxunicode + 1))
        if unicodedata.category(one) not in ("Cn", "Cs")
    ]
    with opened() as words:
        unusual = set(words.unusual(assigned))
        usual = [one for one in assigned if one not in unusual]
        inside = [f"x{one}y {one}" for one in usual]
        assert len(usual) > 12_000
        assert words.of(inside) == words.folded_by_us(inside)
    # So none of them changes its neighbours either.
    assert not any(unicodedata.combining(one) for one in usual)
    assert not composing() & {f"{ord(one):04X}" for one in usual}


@given(st.lists(TEXTS, max_size=20))
def test_the_index_folds_each_text_as_we_do(texts: list[str]) -> None:
    with opened() as words:
        assert words.of(texts) == words.folded_by_us(texts)


def test_what_people_mostly_write_does_not_pass_through_python() -> None:
    usual = [
        'hello, world: [it\'s] "fine" ~ {1} ^ 2 - 3 \\ 4 * 5 & $2, 100% @bob',
        "Съешь ещё этих «мягких» французских булок — да выпей чаю…",
        "Ïñtërnâtiônàl ÉÇŒ Łódź Đặng",
        "Їжак ґанок ў",
        "한국어, 「인용」",
        "שלום مرحبا",
        "",
    ]
    unusual = ["漢字", "かな", "ไทย", "C++", "#tea", "да 😀", "→"]
    unusual += ["straße", "e\u0301", "ﬁ", "Ａ", "Αθήνα", "a\x00b", "ж\x00b"]
    with opened() as words:
        assert words.unusual([*usual, *unusual]) == unusual


def test_a_row_has_its_words_and_its_conversation() -> None:
    here = f"{CONVERSATION_MARK}17"
    with opened() as words:
        assert words.of(["Ёж и ЁЖ", f"{CONVERSATION_MARK}99 no", "a\x00b", ""]) == [
            sorted(["еж", "и", here]),
            sorted(["99", "no", here]),
            sorted(["a", "b", here]),
            [here],
        ]


def test_python_folds_in_pieces_and_waits_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[Any] = []
    with opened() as words:
        words.fill(["ß" * 3000] * 7)
        fold_chosen(words.connection, waits.append)
        assert len(waits) == 3
        assert all(seconds > 0 for seconds in waits)
        waits.clear()
        words.fill(["ё" * 3000] * 7)
        fold_chosen(words.connection, waits.append)
        assert not waits
