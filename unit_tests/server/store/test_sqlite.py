import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from common.names import Name, RoomName, Secret
from errors import StoreFailed
from server.events import Delivery
from server.store.base import (
    AccountRow,
    GuestRow,
    MemberRow,
    Reader,
    RoomRow,
    Store,
)
from server.store.sqlite import SqliteStore
from server.store.versions import STEPS
from unit_tests.helpers import ROOT, clean_environment
from unit_tests.server.store.stores import Device, World, opened


def test_it_is_a_store_that_keeps_history(store: SqliteStore) -> None:
    as_asked_for: Store = store
    assert as_asked_for.keeps_history
    assert as_asked_for.last_id == 0


def test_a_commit_moves_the_last_id_and_dates_the_deliveries(world: World) -> None:
    line = world.line(world.guest("alice"), 1)
    batch = [world.delivery(line, 1, ["a", "b"], 1), world.delivery(line, 1, ["c"], 3)]
    world.store.commit(batch, (), 1234.5)
    assert world.store.last_id == 3
    assert [one.time for one in batch] == [1234.5, 1234.5]


def test_everything_is_there_after_a_restart(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice")
        bob = world.guest("bob", "d" * 64)
        room = world.room("#Tea", alice, bob, owner=alice)
        line = world.line(bob, alice)
        ids = world.say(line, bob, "hello", "again")
        world.store.keep_guest(bob, 1900.0)
        world.commit()
        store_id, number = store.store_id, store.new_number()
    with opened(folder) as store:
        contents = store.load()
        assert contents.accounts == [AccountRow(alice, Name("alice"), False)]
        assert contents.guests == [GuestRow(bob, Name("bob"), 1900.0)]
        assert contents.rooms == [RoomRow(room, RoomName("#Tea"), alice)]
        assert contents.members == [MemberRow(room, alice, 0), MemberRow(room, bob, 0)]
        assert (store.store_id, store.last_id) == (store_id, ids[-1])
        assert store.new_number() == number  # nobody was given it
        assert store.find_line(alice, bob) == line


def test_two_stores_have_different_ids(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        assert one.store_id != two.store_id


def test_numbers_that_a_turn_without_messages_gave_out_are_kept(folder: Path) -> None:
    with opened(folder) as store:
        World(store).guest("alice")
        store.commit((), (), 1.0)
    with opened(folder) as store:
        assert store.new_number() == 2


def test_ids_go_on_when_all_messages_are_gone(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.guest("alice", "d")
        world.say(world.room("#tea"), alice, "one", "two")
        store._connection.execute("DELETE FROM messages")
    with opened(folder) as store:
        assert store.last_id == 2


def test_guests_without_a_device_are_gone_after_a_restart(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.guest("alice", "d")
        bob = world.guest("bob")
        room = world.room("#tea", alice, bob)
        line = world.line(alice, bob)
        world.say(line, bob, "hello")
    with opened(folder) as store:
        contents = store.load()
        assert [one.identity for one in contents.guests] == [alice]
        assert contents.members == [MemberRow(room, alice, 0)]
        assert store.has_changes
        store.commit((), (), 1.0)
        assert store.find_former_line(alice, "bob") == line
    with opened(folder) as store:
        assert not (store.load(), store.has_changes)[1]


def test_a_membership_behind_messages_that_a_crash_took_begins_at_the_last_one(
    folder: Path,
) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice")
        room = world.room("#tea")
        world.say(room, alice, "one")
        # In one turn alice spoke, bob came in, and carol registered; then the crash.
        store.enter(room, alice, 2)
        world.account("carol")
    with opened(folder) as store:
        assert store.load().members == [MemberRow(room, alice, 1)]
        store.commit((), (), 1.0)
    with opened(folder) as store:
        assert store.load().members == [MemberRow(room, alice, 1)]
        assert not store.has_changes


def test_device_numbers_are_written_with_the_messages(world: World) -> None:
    alice = world.guest("alice")
    one, other = world.device(alice, "one"), world.device(alice, "other")
    devices = [Device(one, 7, [3, 5]), Device(other, 2)]
    world.store.commit((), devices, 1.0)
    rows = world.store.find_devices(alice)
    assert [(row.settled, row.refused) for row in rows] == [(7, [3, 5]), (2, [])]
    world.store.commit((), [Device(one, 2000)], 1.0)
    row = world.store.find_device(alice, "one")
    assert row is not None
    assert (row.device, row.settled, row.refused) == (one, 2000, [])


def test_a_lookup_sees_what_no_commit_has_written(world: World) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    assert world.store.find_line(alice, bob) is None
    line = world.line(alice, bob)
    assert world.store.find_line(bob, alice) == line
    device = world.device(alice, "digest")
    assert [row.device for row in world.store.find_devices(alice)] == [device]
    world.store.note_read(line, alice, 4)
    assert world.store.read_position(line, alice) == 4
    world.store.forget_device(device)
    assert world.store.find_device(alice, "digest") is None
    assert world.store.has_changes


def test_what_only_a_lookup_has_seen_is_written_by_the_commit(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.guest("alice", "d")
        assert store.find_devices(alice)
        world.guest("bob", "d")
        assert store.find_devices(alice)
        world.guest("carol", "d")
        world.commit()
        assert not store.has_changes
    with opened(folder) as store:
        names = [one.name for one in store.load().guests]
        assert names == ["alice", "bob", "carol"]


def test_lookups_write_each_thing_once_however_many_there_are(world: World) -> None:
    alice = world.guest("alice")
    for n in range(20):
        world.store.note_device(world.device(alice, f"digest-{n}"), 1.0)
    world.store.find_devices(alice)
    before = world.store._connection.total_changes
    world.store.find_devices(alice)
    assert world.store._connection.total_changes == before


def test_what_was_never_committed_is_not_there_after_a_restart(folder: Path) -> None:
    with opened(folder) as store:
        alice = World(store).guest("alice", "d")
        assert store.find_devices(alice)
    with opened(folder) as store:
        assert store.load().guests == []


def test_a_reader_sees_nothing_before_the_commit(world: World, reader: Reader) -> None:
    alice = world.guest("alice", "d")
    line = world.line(alice, alice)
    assert world.store.find_line(alice, alice) == line
    assert reader.conversations(alice, None, 10) == ([], False)
    world.say(line, alice, "a note")
    assert len(reader.conversations(alice, None, 10)[0]) == 1


def test_a_reader_may_be_opened_on_any_thread(world: World) -> None:
    alice = world.account("alice", "the hash")
    found: list[str | None] = []

    def read() -> None:
        reader = world.store.open_reader()
        found.append(reader.password(alice))
        reader.close()

    thread = Thread(target=read)
    thread.start()
    thread.join(30)
    assert found == ["the hash"]


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
def test_durability_decides_what_is_synced(
    folder: Path, durability: str, level: int
) -> None:
    with opened(folder, durability) as store:
        ask = store._connection.execute
        assert ask("PRAGMA synchronous").fetchone() == (level,)


def test_the_connection_is_as_the_design_says(store: SqliteStore) -> None:
    found = {
        name: store._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in (
            "journal_mode",
            "foreign_keys",
            "trusted_schema",
            "busy_timeout",
            "auto_vacuum",
            "user_version",
            "wal_autocheckpoint",
        )
    }
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 50,
        "auto_vacuum": 2,
        "user_version": len(STEPS),
        "wal_autocheckpoint": 0,
    }
    strict = "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND "
    tables = strict + "name NOT LIKE 'sqlite_%' AND strict = 0"
    assert store._connection.execute(tables).fetchone() == (0,)


def test_a_fault_of_our_own_writes_nothing_and_spoils_nothing(
    world: World, reader: Reader
) -> None:
    alice = world.guest("alice", "d")
    line = world.line(alice, alice)
    half = "\ud800"  # no dialect lets half a character through
    with pytest.raises(UnicodeEncodeError):
        world.say(line, alice, *["fine"] * 70, half)
    assert world.store.last_id == 0
    assert world.say(line, alice, "fine") == [1]
    assert len(reader.history(line, None, None, 100)[0]) == 1


def test_an_id_used_twice_ends_the_server(world: World) -> None:
    line = world.line(world.guest("alice"), 1)
    world.say(line, 1, "one")
    with pytest.raises(StoreFailed):
        world.store.commit([world.delivery(line, 1, ["two"], 1)], (), 1.0)
    with pytest.raises(StoreFailed):
        world.say(line, 1, "three")


WRITER = """
import sys
from pathlib import Path
from common.names import Name, Secret
from server.events import Delivery
from server.store.sqlite import SqliteStore

store = SqliteStore(Path(sys.argv[1]))
store.add_account(1, Name("alice"), Secret("hash"), was_guest=False)
store.add_line(2, 1, 1)
for first in range(1, 1_000_000, 3):
    batch = [Delivery(Name("alice"), Name("alice"), ["x"] * 3, first, 2, 1)]
    store.commit(batch, (), 1.0)
    print(store.last_id, flush=True)
"""


def test_what_was_committed_survives_a_kill(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)],
        cwd=ROOT,
        env=clean_environment(PYTHONPATH=os.fspath(ROOT)),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        said = [20 * 3, *map(int, process.stdout.read().split())]
    with opened(folder) as store:
        assert store.last_id >= said[-1]
        ids = store._connection.execute("SELECT id FROM messages ORDER BY id")
        assert [one for (one,) in ids] == [*range(1, store.last_id + 1)]
        check = store._connection.execute("PRAGMA integrity_check").fetchall()
        assert check == [("ok",)]


def test_a_burst_of_many_senders_is_stored_in_order(
    world: World, reader: Reader
) -> None:
    people = [world.guest(f"guest-{n}", "d") for n in range(5)]
    room = world.room("#tea", *people)
    batch: list[Delivery] = []
    first = 1
    for n in range(60):
        texts = [f"{n} {k}" for k in range(n % 5 + 1)]
        batch.append(world.delivery(room, people[n % 5], texts, first))
        batch[-1].numbers = [n * 10 + k for k in range(len(texts))] if n % 2 else None
        batch[-1].device = n
        first += len(texts)
    world.store.commit(batch, (), 12.0)
    rows, more = reader.history(room, None, 0, 1000)
    assert not more
    assert [
        (row.id, row.identity, row.device, row.number, row.text) for row in rows
    ] == [
        (one.first_id + k, one.identity, one.device, number, text)
        for one in batch
        for k, text in enumerate(one.texts)
        for number in [one.numbers[k] if one.numbers else None]
    ]


def test_secrets_are_accepted_as_they_are(world: World, reader: Reader) -> None:
    alice = world.account("alice", None)
    assert reader.password(alice) is None
    world.store.change_password(alice, Secret("a new hash"))
    assert reader.password(alice) == "a new hash"
    assert reader.password(99) is None
