"""The threads that hash and those that look up."""

import threading

import pytest

from errors import NotAllowed
from server.crew import make_crew
from server.store.base import Reader
from server.store.memory import MemoryStore
from unit_tests.helpers import PATIENCE
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import World, occupied


def test_no_thread_is_started_before_it_is_needed(world: KeptWorld) -> None:
    before = threading.active_count()
    world.guest("alice").sends("#all", "x")
    assert threading.active_count() == before
    world.account("bob")
    assert threading.active_count() == before + 1


def test_two_passwords_are_hashed_at_once_and_no_more(world: KeptWorld) -> None:
    begun: list[int] = []

    def note(_: object) -> None:
        begun.append(1)

    with occupied(world.crew.hashing, 2):
        world.crew.hashing.submit(note, lambda _: None)
        assert begun == []
    world.let_workers_finish()
    assert begun == [1]


def test_each_thread_that_looks_up_has_one_reader_of_its_own(
    world: KeptWorld,
) -> None:
    readers: list[Reader] = []
    threads: set[int] = set()

    def look(reader: Reader) -> None:
        assert reader.missed(1, 0, 0, 1) == []
        readers.append(reader)
        threads.add(threading.get_ident())

    for _ in range(3):
        world.crew.reading.submit(look, lambda _: None)
    world.let_workers_finish()
    assert len({id(reader) for reader in readers}) == len(threads) == 1
    assert readers[0] is not world.hub.reader
    assert threading.get_ident() not in threads


def test_where_nothing_is_kept_there_is_nothing_to_read() -> None:
    world = World()
    told: list[object] = []
    world.crew.reading.submit(lambda reader: reader, told.append)
    world.let_workers_finish()
    (error,) = told
    assert isinstance(error, NotAllowed)
    with pytest.raises(AssertionError):
        world.hub.reader  # noqa: B018 - it is the looking that fails


def test_closing_ends_all_threads() -> None:
    before = set(threading.enumerate())
    crew = make_crew(MemoryStore())
    with occupied(crew.hashing, 2):
        pass
    ours = set(threading.enumerate()) - before
    assert len(ours) == 2
    crew.close()
    for thread in ours:
        thread.join(PATIENCE)
        assert not thread.is_alive()
