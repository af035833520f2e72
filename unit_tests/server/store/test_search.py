import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.names import Name
from errors import BadRequest
from server.store import finding, index_file
from server.store.base import Found, MessageRow
from server.store.sqlite import SqliteStore
from unit_tests.server.store.library import Library
from unit_tests.server.store.stores import opened

WORDS = ["чай", "час", "ч", "tea", "team", "t", "ещё", "№5", "ﬁne", "мир"]


@pytest.fixture
def library(store: SqliteStore, folder: Path, tmp_path: Path) -> Library:
    return Library(store, folder, tmp_path / "words.db")


@pytest.fixture(params=["indexed", "half indexed", "not indexed"])
def how(request: pytest.FixtureRequest) -> str:
    how: str = request.param
    return how


def say(library: Library, how: str, *texts: str) -> list[int]:
    """Say this; all, some or nothing of it gets into the index."""
    half = len(texts) // 2 if how == "half indexed" else 0
    ids = library.say(*texts[:half]) if half else []
    if half:
        library.take_all()
    ids += library.say(*texts[half:])
    if how == "indexed":
        library.take_all()
    return ids


@pytest.mark.parametrize(
    "query",
    [
        "ёлка",
        "ЕЛКА",
        "елка",
        "Ёл",
        "е",
        "пушистая ёлка",
        "ёлка ёлка",
        "ё, пуш!",
        "№1 ёлка",
    ],
)
def test_words_are_found_without_regard_to_case_and_yo(
    library: Library, how: str, query: str
) -> None:
    ids = say(library, how, "Пушистая ЁЛКА № 1", "палка", "no1: пушистая елка", "пух")
    found = [ids[0], ids[2]] if "№" not in query else [ids[2]]
    assert library.find(query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("上海", [0]),
        ("上海开会", [0]),
        ("海", [0]),
        ("会", [0]),  # the last character of a sentence
        ("我们 会", [0]),
        ("海上", []),
        ("天気", [1]),
        ("予報", [1]),
        ("天気が", []),
        ("ไทย", [2]),
        ("ประเทศ", [2]),
        ("မြန်မာ", [3]),
        ("서울", [4]),
        ("C++", [5, 7]),
        ("c+", [5, 7]),
        ("C#", [6]),
        ("c", [5, 6, 7, 8]),
        ("11", [7]),
        ("#tea", [8]),
        ("tea", [8, 9]),
        ("👍", [10, 11]),
        ("👍🏽", [10, 11]),
        ("👍👍", [10, 11]),
        ("👩", [12]),
        ("🇩🇪", [13]),
        ("🇪🇫", []),
        ("❤️", [14]),
        ("手机", [15]),
        ("iphone", [15]),
    ],
)
def test_scripts_without_spaces_signs_and_pictures_are_found(
    library: Library, how: str, query: str, found: list[int]
) -> None:
    ids = say(
        library,
        how,
        "我们明天去上海开会",
        "今日の天気予報",
        "ประเทศไทย",
        "ကျွန်တော် မြန်မာစာ ဖတ်တယ်",
        "서울에서 만나요",
        "I know C++, too",
        "(C#)",
        "built with C++11",
        "meet in #tea at c",
        "no tea",
        "ok👍",
        "👍🏽👍🏽!",
        "👩‍👩‍👧",
        "🇩🇪🇫🇷",
        "❤",
        "新しいiPhone手机",
    )
    assert library.find(query) == [ids[one] for one in found]


def test_all_words_are_required_each_as_a_beginning(library: Library, how: str) -> None:
    ids = say(
        library, how, "green tea", "tea, greens", "green", "steamy green", "teagreen"
    )
    assert library.find("tea green") == ids[:2]
    assert library.find("t g") == ids[:2]
    assert library.find("een") == []


def test_a_found_message_is_told_with_everything(library: Library, how: str) -> None:
    library.world.say(library.line, library.carol, "чай")
    say(library, how, "чай", "кофе")
    alice, bob, carol, tea = map(Name, ("alice", "bob", "carol", "#tea"))
    one = library
    assert library.search("чай", library.bob) == Found(
        [
            MessageRow(1, one.line, one.carol, carol, bob, 0, None, 1000.0, "чай"),
            MessageRow(2, one.room, one.alice, alice, tea, 0, None, 1000.0, "чай"),
        ],
        more=False,
        lag=0,
    )


def test_nobody_finds_what_others_said_among_themselves(
    library: Library, how: str
) -> None:
    (secret,) = library.world.say(library.line, library.bob, "secret tea")
    (public,) = say(library, how, "public tea")
    assert library.find("tea", library.alice) == [public]
    assert library.find("tea", library.carol) == [secret]
    assert library.find("tea", library.bob) == [secret, public]
    assert library.find("tea", library.alice, library.line) == []
    assert library.find("tea", library.bob, library.line) == [secret]
    assert library.find("tea", library.bob, library.room) == [public]
    assert library.find("tea", 999) == []


def test_who_left_a_room_finds_nothing_of_it(library: Library, how: str) -> None:
    (told,) = say(library, how, "public tea")
    library.store.leave(library.room, library.alice)
    library.world.commit()
    assert library.find("tea", library.alice) == []
    assert library.find("tea", library.bob) == [told]


def test_a_word_that_names_a_conversation_finds_nothing(
    library: Library, how: str
) -> None:
    say(library, how, "tea")
    with pytest.raises(BadRequest):
        library.find("\ue000")
    assert library.find(f"\ue000{library.room}") == []
    assert library.find(str(library.room)) == []


HOSTILE = [
    'tea"', "'tea'", "te*", "tea OR", "tea AND tea", "NOT tea", "tea NEAR tea",
    "NEAR(tea)", "(tea", "tea)", "words:tea", "words : tea", "{words}: tea", "- tea",
    "^tea", "tea + tea", "tea\x00", "\x00tea", "t\x00ea", "%tea%", "tea; DROP TABLE x",
    "tea -- ", "/*tea*/", "\\tea", "?tea", ":tea", "\ue000tea", "tea\ufffd",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_a_query_is_nothing_but_words(library: Library, how: str, query: str) -> None:
    ids = say(
        library, how, query, f"x {query} y", "or and not near drop table words x ea t"
    )
    found = library.find(query)
    assert found[:2] == ids[:2]


@pytest.mark.parametrize(
    "query",
    [
        "tea " * 4096,
        "a" * 16384,
        " ".join(map(str, range(3000))),
        '"' * 16383 + "a",
        "ё" * 8192,
        "\u0301" * 8000 + "a",
        " ".join("абвгдежзийклмнопрстуфхцчшщъыьэюя" * 250),
    ],
)
def test_a_query_of_16_kib_is_nothing_but_words(
    library: Library, how: str, query: str
) -> None:
    ids = say(library, how, query, query.upper(), "tea", "чай")
    assert set(library.find(query)) >= set(ids[:2])
    assert ids[3] not in library.find(query)


@pytest.mark.parametrize(
    "query", ["", " ", "\n", '"', "***", "+ #", "—", "\x00", "\u0301", "(\"')"]
)
def test_a_query_without_a_word_is_refused(library: Library, query: str) -> None:
    with pytest.raises(BadRequest, match="a word of letters or digits, or a picture"):
        library.search(query)
    with pytest.raises(BadRequest):
        library.search(query, who=999)


def test_pages_join_without_a_gap(library: Library, how: str) -> None:
    texts = ["чай" if n % 3 else "кофе" for n in range(100)]
    ids = say(library, how, *texts)
    wanted = [one for one, text in zip(ids, texts, strict=True) if text == "чай"]
    found: list[int] = []
    before, more = None, True
    while more:
        page = library.search("чай", before=before, limit=7)
        assert [row.id for row in page.rows] == sorted(row.id for row in page.rows)
        assert page.lag == 0
        found[:0] = [row.id for row in page.rows]
        before, more = found[0], page.more
        assert len(page.rows) == 7 or not more
    assert found == wanted
    assert library.search("чай", before=wanted[0]) == Found([], more=False, lag=0)


def test_nothing_is_found_in_an_empty_database(library: Library) -> None:
    assert library.search("чай") == Found([], more=False, lag=0)
    library.take_all()
    assert library.search("чай", before=5) == Found([], more=False, lag=0)


def test_a_search_goes_through_all_parts_of_the_index(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "PART", 10)
    monkeypatch.setattr(finding, "PART", 10)
    ids = library.say(*["чай", "кофе"] * 30)
    library.take_all()
    assert library.find("чай") == ids[::2]
    page = library.search("чай", before=ids[41], limit=12)
    assert [row.id for row in page.rows] == ids[18:41:2]
    assert page.more


# --------------------------------------------------- words that others use a lot


@pytest.mark.parametrize("many", [1, 9, 300])
def test_a_word_that_is_common_elsewhere_is_found(
    library: Library, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(finding, "_FIRST_CANDIDATES", 5)
    for n in range(many):
        library.world.room(f"#{n}", library.alice)
    library.world.commit()
    mine = library.say("чай", "час")
    library.world.say(library.line, library.bob, *["чай"] * 600)
    mine += library.say("чай")
    library.world.say(library.line, library.bob, *["чай"] * 20)
    library.take_all()
    assert library.find("чай") == [mine[0], mine[2]]
    assert library.find("ча") == mine
    page = library.search("чай", limit=1)
    assert [row.id for row in page.rows] == [mine[2]]
    assert page.more


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Yield one library for many examples: a new one takes longer than a search."""
    folder = tmp_path_factory.mktemp("shelf")
    with opened(folder / "data", "normal") as store:
        yield Library(store, folder / "data", folder / "words.db")


@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=8), max_size=30),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    st.integers(0, 30),
    st.integers(1, 5),
)
def test_what_is_found_is_what_a_plain_look_at_all_texts_finds(
    shelf: Library,
    texts: list[list[str]],
    words: list[str],
    indexed: int,
    limit: int,
) -> None:
    same = {"ещё": "еще", "№5": "no5", "ﬁne": "fine"}
    plain = [[same.get(word, word) for word in text] for text in texts]
    asked = [same.get(word, word) for word in words]
    # In a room of their own: what was said in other examples is not theirs to find.
    reader = shelf.world.guest(f"reader{shelf.store.new_number()}")
    shelf.room = shelf.world.room(f"#room{reader}", reader, shelf.alice)
    shelf.world.commit()
    said = [" ".join(text) for text in texts]
    ids = shelf.say(*said[:indexed]) if said[:indexed] else []
    shelf.take_all()
    if said[indexed:]:
        ids += shelf.say(*said[indexed:])
    wanted = [
        number
        for number, text in zip(ids, plain, strict=True)
        if all(any(one.startswith(word) for one in text) for word in asked)
    ]
    found = shelf.search(" ".join(words), reader, limit=limit)
    assert [row.id for row in found.rows] == wanted[-limit:]
    assert found.more == (len(wanted) > limit)


# ------------------------------------------------------- what is not indexed yet


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look through 100 messages without an index instead of 10,000, 30 at a time."""
    monkeypatch.setattr(finding, "_MOST_UNINDEXED", 100)
    monkeypatch.setattr(finding, "_CHUNK_ROWS", 30)
    yield


@pytest.mark.usefixtures("few")
def test_the_newest_messages_without_an_index_are_looked_through(
    library: Library,
) -> None:
    old = library.say("чай old")
    library.take_all()
    ids = library.say(*["чай"] * 150)
    found = library.search("чай", limit=1000)
    assert [row.id for row in found.rows] == old + ids[50:]
    assert (found.more, found.lag) == (False, 50)
    assert library.search("нет").lag == 50
    library.take_all()
    found = library.search("чай", limit=1000)
    assert [row.id for row in found.rows] == old + ids
    assert found.lag == 0


@pytest.mark.usefixtures("few")
def test_the_next_page_looks_through_older_ones(library: Library) -> None:
    ids = library.say(*["чай"] * 250)
    page = library.search("чай", limit=40)
    assert [row.id for row in page.rows] == ids[210:]
    assert (page.more, page.lag) == (True, 150)
    page = library.search("чай", before=ids[120], limit=1000)
    assert [row.id for row in page.rows] == ids[20:120]
    assert (page.more, page.lag) == (False, 20)
    assert library.search("чай", before=ids[100], limit=1000).lag == 0


@pytest.mark.usefixtures("few")
def test_messages_of_others_do_not_stand_in_the_way(library: Library) -> None:
    mine = library.say("чай")
    library.world.say(library.line, library.bob, *["чай"] * 80)
    assert library.find("чай") == mine
    library.world.say(library.line, library.bob, *["чай"] * 80)
    assert library.search("чай") == Found([], more=False, lag=61)


def test_no_more_characters_are_looked_through_than_a_second_allows(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_MOST_CHARACTERS", 1000)
    monkeypatch.setattr(finding, "_CHUNK_ROWS", 3)
    ids = library.say(*["чай" + " " * 97] * 25)
    found = library.search("чай", limit=1000)
    assert [row.id for row in found.rows] == ids[-12:]
    assert found.lag == 13


def test_ids_that_were_never_stored_are_no_lag(library: Library) -> None:
    batch = [library.world.delivery(library.room, library.alice, ["чай"], 50_000)]
    library.store.commit(batch, (), 1.0)
    assert library.search("чай").lag == 0


# ------------------------------------------------------------ an index that fails


def test_an_index_of_another_store_is_not_asked(
    library: Library, tmp_path: Path
) -> None:
    with opened(tmp_path / "other") as store:
        other = Library(store, tmp_path / "other", library.index)
        other.say(*["кофе"] * 10)
        other.take_all()
    ids = library.say("чай", "чай")
    assert library.find("чай") == ids
    assert library.find("кофе") == []


@pytest.mark.parametrize("content", [b"", b"x", b"not a database" * 1000])
def test_a_damaged_index_is_passed_over_and_removed(
    library: Library, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "server.store")
    ids = library.say("чай", "кофе")
    library.index.write_bytes(content)
    assert library.find("чай") == ids[:1]
    if len(content) > 512:  # else it is a new one to SQLite
        assert "search index can't be read" in caplog.text
        assert not library.index.exists()
    library.take_all()
    assert library.find("чай") == ids[:1]


def test_a_part_that_is_gone_is_damage(library: Library) -> None:
    ids = library.say("чай")
    library.take_all()
    with closing(sqlite3.connect(library.index)) as connection:
        connection.execute("DROP TABLE words_0")
    assert library.find("чай") == ids
    assert not library.index.exists()


def test_damage_inside_a_part_is_passed_over(library: Library) -> None:
    ids = library.say(*["чай"] * 20)
    library.take_all()
    with closing(sqlite3.connect(library.index)) as connection:
        connection.execute("UPDATE words_0_data SET block = x'00' WHERE id > 10")
        connection.commit()
    assert library.find("чай") == ids
    assert not library.index.exists()


def test_an_index_in_use_by_another_program_is_passed_over(library: Library) -> None:
    ids = library.say("чай")
    library.take_all()
    with closing(sqlite3.connect(library.index)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        assert library.find("чай") == ids
    assert library.index.exists()
