import logging
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.server_settings import ServerSettings
from server.retention import Retention
from server.store.sqlite import SqliteStore
from unit_tests.helpers import PATIENCE, ROOT, clean_environment, run_server
from unit_tests.server.store.stores import World, opened

DAY = 86400.0
START = 1_700_000_000.0


class Clock:
    """Every look at it takes a millisecond."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class House:
    """alice and bob, a room, a line and notes; a retention that a test steps."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.world = World(store)
        self.alice, self.bob = map(self.world.account, ("alice", "bob"))
        self.room = self.world.room("#tea", self.alice, self.bob)
        self.line = self.world.line(self.alice, self.bob)
        self.wall = START
        self.now = 0.0

    def say(self, conversation: int, *texts: str, sender: int | None = None) -> None:
        """Say something at `wall`."""
        first = self.store.last_id + 1
        who = self.alice if sender is None else sender
        batch = [self.world.delivery(conversation, who, texts, first)]
        self.store.commit(batch, (), self.wall)

    def fill(self, rows: int) -> None:
        """Have so many messages in the room, at `wall`."""
        self.store.commit((), (), self.wall)
        self.store._connection.execute(
            "WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row"
            " WHERE n < ?) INSERT INTO messages(id, conversation, sender, sender_name,"
            " device, time, text) SELECT n, ?, ?, 'alice', 0, ?, 'message ' || n"
            " FROM row",
            (rows, self.room, self.alice, self.wall),
        )
        self.store.last_id = rows

    def retention(self, **settings: Any) -> Retention:
        return Retention(
            ServerSettings(**settings), self.store.open_pruner(), self.now, Clock()
        )

    def step(self, retention: Retention) -> int:
        """Step when it is due; return how many messages that deleted."""
        before = self.count()
        self.now = retention.due_at
        retention.step(self.now, self.wall)
        return before - self.count()

    def round(self, retention: Retention) -> list[int]:
        """Step until there is nothing more to do for a while; return as `step`."""
        steps = [self.step(retention)]
        while retention.due_at - self.now < 60:
            steps.append(self.step(retention))
        return steps

    def count(self) -> int:
        """Return how many messages there are."""
        statement = "SELECT count(*) FROM messages"
        return int(self.store._connection.execute(statement).fetchone()[0])

    def texts(self, conversation: int | None = None) -> list[str]:
        rows = self.store.look(
            lambda connection: connection.execute(
                "SELECT text FROM messages WHERE :of IS NULL OR conversation = :of"
                " ORDER BY id",
                {"of": conversation},
            ).fetchall()
        )
        return [text for (text,) in rows]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path / "data") as store:
        yield House(store)


def test_everything_is_kept_unless_somebody_says_otherwise(house: House) -> None:
    house.say(house.room, "old")
    house.wall += 1000 * DAY
    house.say(house.line, "new")
    retention = house.retention()
    assert house.round(retention) == [0]
    assert house.texts() == ["old", "new"]


def test_a_server_that_keeps_nothing_has_nothing_to_do() -> None:
    retention = Retention(ServerSettings(keep_days=1.0), None)
    assert retention.due_at == math.inf
    retention.step(0.0, START)


def test_rooms_and_direct_messages_have_limits_of_their_own(house: House) -> None:
    for day in range(10):
        house.say(house.room, f"room {day}")
        house.say(house.line, f"line {day}")
        house.wall += DAY
    house.round(house.retention(keep_days=3.5, keep_direct_days=8.5))
    assert house.texts(house.room) == ["room 7", "room 8", "room 9"]
    assert house.texts(house.line) == [f"line {day}" for day in range(2, 10)]


def test_what_becomes_old_is_deleted_in_the_next_round(house: House) -> None:
    house.say(house.room, "one")
    house.wall += DAY / 2
    house.say(house.room, "two")
    house.say(house.line, "kept")
    retention = house.retention(keep_days=1.0)
    house.round(retention)
    assert house.texts(house.room) == ["one", "two"]
    house.wall += DAY / 2 + 1
    house.round(retention)
    assert house.texts(house.room) == ["two"]
    house.wall += DAY
    house.round(retention)
    assert house.texts() == ["kept"]


def test_the_newest_bytes_are_kept(house: House) -> None:
    for n in range(10):
        house.say(house.room, f"{n}" * 100)
        house.say(house.line, f"{n}" * 100)
    retention = house.retention(keep_mbytes=0.000301, keep_direct_mbytes=0.000299)
    house.round(retention)
    assert [text[0] for text in house.texts(house.room)] == ["7", "8", "9"]
    assert [text[0] for text in house.texts(house.line)] == ["8", "9"]
    for letter in "abc":
        house.say(house.room, letter * 50, letter * 50)
    house.round(retention)
    assert [text[0] for text in house.texts(house.room)] == [*"aabbcc"]


def test_age_and_size_hold_together(house: House) -> None:
    for n in range(6):
        house.say(house.room, f"{n}" * 100)
        house.wall += DAY
    house.round(house.retention(keep_days=4.5, keep_mbytes=0.0003))
    assert [text[0] for text in house.texts(house.room)] == ["3", "4", "5"]
    house.wall += 1.5 * DAY
    house.say(house.line, "last")
    house.round(house.retention(keep_days=3.5, keep_mbytes=0.0003))
    assert [text[0] for text in house.texts(house.room)] == ["4", "5"]


@pytest.mark.parametrize("general", [0.0, 5.0])
def test_a_room_may_have_a_limit_of_its_own(house: House, general: float) -> None:
    other = house.world.room("#other", house.alice)
    for day in range(10):
        house.say(house.room, f"room {day}")
        house.say(other, f"other {day}")
        house.wall += DAY
    house.store.set_room_keep(house.room, 2.5, None)
    house.store.commit((), (), house.wall)
    house.round(house.retention(keep_days=general))
    assert house.texts(house.room) == ["room 8", "room 9"]
    assert len(house.texts(other)) == (general or 10)


def test_a_room_may_be_kept_for_ever(house: House) -> None:
    house.say(house.room, "old")
    house.wall += 100 * DAY
    house.say(house.line, "new")
    house.store.set_room_keep(house.room, 0.0, 0)
    house.store.commit((), (), house.wall)
    house.round(house.retention(keep_days=1.0, keep_mbytes=0.000001))
    assert house.texts() == ["old", "new"]


def test_a_room_may_have_a_size_of_its_own(house: House) -> None:
    house.say(house.room, *"abcdef")
    house.say(house.line, "last")
    house.store.set_room_keep(house.room, None, 2)
    house.store.commit((), (), house.wall)
    house.round(house.retention())
    assert house.texts(house.room) == ["e", "f"]


def test_a_round_that_deletes_is_told_in_one_line(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.fill(1_000)
    house.say(house.line, "old")
    house.wall += 2 * DAY
    house.say(house.line, "new")
    retention = house.retention(keep_days=1.0, keep_direct_days=1.0)
    with caplog.at_level(logging.INFO, "server"):
        for _ in range(2):
            house.round(retention)
    assert [one.getMessage() for one in caplog.records] == [
        "deleted 1001 messages of 2 conversations: older, or more, than is kept"
    ]


def test_a_message_from_the_future_hides_no_old_ones(house: House) -> None:
    house.wall += 400 * DAY
    house.say(house.room, "from the future")
    house.wall -= 400 * DAY
    house.say(house.room, "old")
    house.wall += 2 * DAY
    house.say(house.room, "new")
    house.wall += DAY / 2
    house.say(house.line, "last")
    house.round(house.retention(keep_days=1.0))
    assert house.texts() == ["new", "last"]


def test_rooms_that_have_ended_are_not_forgotten(house: House) -> None:
    house.say(house.room, "old")
    house.store.end_room(house.room)
    house.wall += 2 * DAY
    house.say(house.line, "new")
    house.round(house.retention(keep_days=1.0))
    assert house.texts() == ["new"]


def test_nothing_is_done_while_something_waits_to_be_written(house: House) -> None:
    house.say(house.room, "old")
    house.wall += 2 * DAY
    house.say(house.line, "new")
    retention = house.retention(keep_days=1.0)
    house.store.note_seen(house.alice, house.wall)
    retention.step(0.0, house.wall)
    assert (house.texts(), retention.due_at) == (["old", "new"], 1.0)
    house.store.commit((), (), house.wall)
    house.round(retention)
    assert house.texts() == ["new"]


def test_however_much_is_old_a_step_deletes_little_and_then_rests(
    house: House,
) -> None:
    house.fill(100_000)
    house.wall += 2 * DAY
    house.say(house.line, "new")
    retention = house.retention(keep_days=1.0)
    deleted: list[int] = []
    while sum(deleted) < 5_000:
        deleted.append(house.step(retention))
        assert retention.due_at >= house.now + 0.02
    # The clock makes a step of three pieces; a piece deletes at most 256.
    assert max(deleted) <= 3 * 256


def test_the_space_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / "messenger.db"
    with opened(tmp_path / "data") as store:
        house = House(store)
        for _ in range(10):
            house.say(house.room, *["x" * 1000] * 500)
        house.wall += 2 * DAY
        house.say(house.line, "new")
        store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size
        assert max(house.round(house.retention(keep_days=1.0))) <= 3 * 256
    assert before > 5_000_000
    assert path.stat().st_size < 1_500_000


def test_a_server_deletes_nothing_by_a_clock_that_nothing_explains(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice", None)
        world.say(world.line(alice, alice), alice, "of 1970", "the last")
    flags = ("--data-dir", str(folder), "--keep-direct-days", "1", "--tls", "off")

    def types(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, ROOT / "my_server.py", *words, "--data-dir", folder],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=clean_environment(),
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout

    with run_server(*flags) as server, server.signed_in("alice", device="d1") as peer:
        code, out = types("check")
        assert code == 1
        assert "days ahead of what the time that has passed explains" in out
        assert types("clock", "--trust")[0] == 0
        texts: list[str] = []
        while texts != ["the last"]:
            peer.send({"action": "history", "time": 0, "with": "alice", "id": 7})
            answer = peer.wait_for(lambda said: "data_list" in said)
            texts = [row["message"] for row in answer["data_list"]]
        assert types("check")[0] == 0


def test_a_server_deletes_what_is_old_while_it_runs(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice", None)
        world.say(world.line(alice, alice), alice, *["of 1970"] * 10, "the last")
        store.note_clock(time.time())
        world.commit()
    flags = ("--data-dir", str(folder), "--keep-direct-days", "1", "--tls", "off")
    with run_server(*flags) as server, server.signed_in("alice", device="d1") as peer:
        texts: list[str] = []
        while texts != ["the last"]:
            peer.send({"action": "history", "time": 0, "with": "alice", "id": 7})
            answer = peer.wait_for(lambda said: "data_list" in said)
            texts = [row["message"] for row in answer["data_list"]]
