"""The list of conversations: a short form, of what is looked at and not of the time."""

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import conversations
from bench.conversations import Figures, judge, measure
from server.store import questions
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World, opened


def test_both_pages_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "_ROUNDS", 2)
    figures = measure(tmp_path / "data", 2_000)
    assert figures.rows == [50, 200]
    assert len(figures.milliseconds) == 2


def test_a_slow_page_breaks_the_promise() -> None:
    kept, broken = judge(Figures([19.9, 20.1], [50, 200]))
    assert (kept.kept, broken.kept) == (True, False)


@pytest.mark.parametrize("blocks", [False, True])
def test_what_is_unread_is_counted_in_the_index(tmp_path: Path, blocks: bool) -> None:
    with opened(tmp_path / "data") as store:
        given = {"me": 1, "before": 9, "limit": 5}
        statement = questions.CONVERSATIONS[blocks]
        plan = store._connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
        steps = [step for *_, step in plan if step.startswith("SEARCH one ")]
    index = "COVERING INDEX messages_by_conversation (conversation=? AND id>?)"
    assert steps == [f"SEARCH one USING {index}"] * 2


def work(store: SqliteStore, identity: int) -> int:
    """Return how many steps of SQLite a page takes."""
    count = itertools.count()
    with closing(store.open_reader()) as reader:
        connection: sqlite3.Connection = reader._connection
        connection.set_progress_handler(lambda: next(count) and None, 10)
        reader.conversations(identity, None, 50)
        connection.set_progress_handler(None, 10)
    return next(count)


@pytest.mark.parametrize("speakers", ["others", "oneself", "somebody blocked"])
def test_a_page_costs_the_same_however_much_was_said_by_whom(
    tmp_path: Path, speakers: str
) -> None:
    with opened(tmp_path / "data") as store:
        world = World(store)
        alice, bob, carol = map(world.account, ("alice", "bob", "carol"))
        room = world.room("#tea", alice, bob, carol)
        world.say(room, bob, "hello")
        if speakers == "somebody blocked":
            store.add_block(alice, carol, store.last_id)
        who = {"others": bob, "oneself": alice, "somebody blocked": bob}[speakers]
        steps = []
        for times in (2, 20):
            for _ in range(times):
                world.say(room, who, *["x"] * 1000)
            steps.append(work(store, alice))
        few, many = steps
    assert many < few * 1.2
