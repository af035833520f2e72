from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.store.reader import SqliteReader
from unit_tests.server.store.stores import World, opened


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, int, int]]:
    """Return a world with alice and a room, for many examples."""
    folder: Path = tmp_path_factory.mktemp("batches")
    with opened(folder) as store:
        world = World(store)
        alice = world.guest("alice", "d")
        yield world, alice, world.room("#tea", alice)


@given(st.lists(st.text(), min_size=1, max_size=150))
@example(["", "\0", "a\0b", "\0" * 3])
@example(["\ufffe\uffff\U0010ffff", "😀", "e\u0301", "\u202e"])
@example(["x" * 100_000] * 70)
@example(["'; --", '{"a": [1]}', "?1", "%s"])
def test_every_text_comes_back_as_it_was(
    talk: tuple[World, int, int], texts: list[str]
) -> None:
    world, alice, room = talk
    after = world.store.last_id
    ids = world.say(room, alice, *texts)
    reader: SqliteReader = world.store.open_reader()
    try:
        rows, more = reader.history(room, None, after, len(texts))
    finally:
        reader.close()
    assert not more
    assert [(row.id, row.text) for row in rows] == list(zip(ids, texts, strict=True))


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 127, 128, 129, 1000])
def test_a_batch_of_any_length_is_whole(
    talk: tuple[World, int, int], count: int
) -> None:
    world, alice, room = talk
    after = world.store.last_id
    world.say(room, alice, *map(str, range(count)))
    found = world.store._connection.execute(
        "SELECT text FROM messages WHERE id > ? ORDER BY id", (after,)
    )
    assert [text for (text,) in found] == [*map(str, range(count))]


def test_numbers_as_large_as_the_protocol_allows_are_kept(
    talk: tuple[World, int, int],
) -> None:
    world, alice, room = talk
    largest = 2**53 - 1
    one = world.delivery(room, alice, ["x"], largest)
    one.device, one.numbers = 7, [largest]
    world.store.commit([one], (), 1e10)
    assert world.store.last_id == largest
    found = world.store._connection.execute(
        "SELECT number, time, refers_to, replaces FROM messages WHERE id = ?",
        (largest,),
    )
    assert found.fetchall() == [(largest, 1e10, None, None)]
    world.store._connection.execute("DELETE FROM messages WHERE id = ?", (largest,))
    world.store.last_id = 10**6
