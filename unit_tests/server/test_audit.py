"""The audit log as the hub keeps it: chained, summed, and waiting for the disk."""

import errno
import os
import re
from pathlib import Path

import pytest

from server.audit import Audit
from server.audit_file import AuditEntry, Head, entries_of
from server.audit_verify import Verdict, verify
from server.store.memory import MemoryStore

WALL = 1_700_000_000.0


class Ledger(MemoryStore):
    """A store that keeps nothing but the head of the audit log."""

    def __init__(self) -> None:
        super().__init__()
        self.head = Head(0, "")

    def note_audit(self, number: int, digest: str) -> None:
        self.head = Head(number, digest)


class Desk:
    """An audit log in a folder, and the store that knows of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "audit.log"
        self.store = Ledger()
        self.audit = Audit(folder)

    def write(self, wall: float = WALL) -> None:
        self.audit.write(self.store, wall)

    def entries(self) -> list[AuditEntry]:
        return [entry for _, entry in entries_of(self.path) if entry is not None]

    def hows(self) -> list[str]:
        return [entry.how for entry in self.entries()]

    def problems(self) -> list[str]:
        return self.verdict().problems

    def verdict(self) -> Verdict:
        return verify(self.path, lambda: self.store.head)

    def restarted(self) -> None:
        self.audit = Audit(self.folder, self.store.head)


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_entries_are_numbered_and_hold_the_hash_of_the_one_before(desk: Desk) -> None:
    desk.audit.note("role", who="alice", whom="bob", how="moderator")
    desk.audit.note("sign-in", who="alice", where="192.0.2.7", how="account")
    desk.write()
    first, second = desk.entries()
    assert (first.number, first.time, first.previous) == (1, WALL, "")
    assert (first.what, first.who, first.whom, first.how) == (
        ("role", "alice", "bob", "moderator")
    )
    assert (second.number, second.previous) == (2, first.hash)
    assert desk.store.head == (2, second.hash)
    assert desk.problems() == []


def test_nothing_is_written_before_the_end_of_the_turn(desk: Desk) -> None:
    desk.audit.note("role", who="alice")
    assert not desk.path.exists()


def test_only_the_owner_of_the_folder_may_read_it(desk: Desk) -> None:
    umask = os.umask(0)
    try:
        desk.audit.note("role")
        desk.write()
    finally:
        os.umask(umask)
    assert desk.path.stat().st_mode & 0o777 == 0o600


def test_a_restart_goes_on_behind_the_last_entry(desk: Desk) -> None:
    desk.audit.note("role", how="one")
    desk.write()
    desk.restarted()
    desk.audit.note("role", how="two")
    desk.write()
    assert [entry.number for entry in desk.entries()] == [1, 2]
    assert desk.problems() == []


def test_after_a_crash_the_file_may_be_ahead_of_the_store(desk: Desk) -> None:
    desk.audit.note("role", how="one")
    desk.write()
    known = desk.store.head
    desk.audit.note("role", how="two")
    desk.write()
    desk.store.head = known  # the commit never came
    (problem,) = desk.problems()
    assert problem.startswith("entry 2 is not known to the database: ")
    desk.restarted()
    desk.audit.note("role", how="three")
    desk.write()
    said = (
        "the database knew 1 entries, the file had 2: a crash, or somebody put the "
        "others there"
    )
    assert desk.hows() == ["one", "two", said, "three"]
    assert desk.verdict() == ([], [f"entry 3: {said}"], 1, 4)


@pytest.mark.parametrize("whole", [0, 1])
def test_half_an_entry_that_a_crash_has_left_is_cut_off(desk: Desk, whole: int) -> None:
    for _ in range(whole):
        desk.audit.note("role", how="one")
        desk.write()
    with desk.path.open("ab") as file:
        file.write(b'{"number":2,"ti')
    desk.restarted()
    desk.audit.note("role", how="two")
    desk.write()
    assert desk.hows() == ["one", "two"][1 - whole :]
    assert desk.problems() == []


def test_half_an_entry_that_the_store_knows_of_stays_to_be_found(desk: Desk) -> None:
    desk.audit.note("role", how="one")
    desk.audit.note("role", how="two")
    desk.write()
    data = desk.path.read_bytes()
    desk.path.write_bytes(data[:-10])
    desk.restarted()
    desk.audit.note("role", how="three")
    desk.write()
    assert [entry.number for entry in desk.entries()] == [1, 3]
    assert desk.problems() == [
        "line 2 is no entry: it was changed",
        "entry 2 is missing before line 3",
    ]


def test_a_flood_from_one_address_is_summed(desk: Desk) -> None:
    desk.audit.end_minute(WALL)
    for _ in range(490):
        desk.audit.note("refused", where="192.0.2.7", how="wrong name or password")
    desk.audit.note("refused", where="192.0.2.8", how="wrong name or password")
    desk.audit.end_minute(WALL + 59)
    desk.write()
    assert len(desk.entries()) == 11
    desk.audit.end_minute(WALL + 60)
    desk.write()
    assert desk.entries()[-1].how == "and 480 more"
    assert desk.entries()[-1].where == "192.0.2.7"
    desk.audit.note("refused", where="192.0.2.7", how="wrong name or password")
    desk.write()
    assert len(desk.entries()) == 13, "a new minute has begun"


def test_guests_are_counted_by_their_address_and_accounts_by_name(desk: Desk) -> None:
    for number in range(30):
        desk.audit.note("sign-in", who=f"g{number}", where="192.0.2.7", how="guest")
    desk.audit.note("sign-in", who="alice", where="192.0.2.7", how="account")
    desk.write()
    assert len(desk.entries()) == 11
    assert desk.entries()[-1].who == "alice", "nobody hides behind a flood"


def test_a_flood_from_many_addresses_is_summed(desk: Desk) -> None:
    for number in range(5000):
        desk.audit.note("refused", where=f"2001:db8::{number:x}", how="no")
    desk.audit.note("sign-in", who="alice", where="192.0.2.7", how="password")
    desk.audit.close(desk.store, WALL)
    assert len(desk.entries()) < 250
    last = desk.entries()[-1]
    assert (last.where, last.how) == ("other addresses", "and 4890 more")
    assert "alice" in [entry.who for entry in desk.entries()]


def test_a_flood_of_few_from_each_of_many_addresses_is_summed(desk: Desk) -> None:
    for number in range(9000):
        where = f"192.0.2.{number % 90}"
        desk.audit.note("refused", who=f"account{number}", where=where)
    desk.audit.close(desk.store, WALL)
    assert len(desk.entries()) == 200 + 90
    sums = [entry.how for entry in desk.entries()[200:]]
    assert sum(int(how.split()[1]) for how in sums) == 9000 - 200


def test_all_who_come_back_at_once_are_entered(desk: Desk) -> None:
    for number in range(500):
        who, where = f"account{number}", f"192.0.2.{number % 250}"
        desk.audit.note("sign-in", who=who, where=where, how="token")
    desk.audit.close(desk.store, WALL)
    assert len(desk.entries()) == 500


def test_what_is_only_counted_is_written_at_the_end(desk: Desk) -> None:
    for _ in range(12):
        desk.audit.note("refused", where="192.0.2.7")
    desk.audit.close(desk.store, WALL)
    assert desk.hows()[-1] == "and 2 more"


def test_a_clock_that_goes_back_begins_a_new_minute(desk: Desk) -> None:
    desk.audit.end_minute(WALL)
    for _ in range(12):
        desk.audit.note("refused", where="192.0.2.7")
    desk.audit.end_minute(WALL - 7200)
    desk.write()
    assert desk.hows()[-1] == "and 2 more"


def test_entries_wait_while_the_file_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(tmp_path / "data")  # which is not there
    for how in ("one", "two"):
        desk.audit.note("role", how=how)
        desk.write()
    assert "can't be written" in desk.audit.trouble
    assert len(caplog.records) == 1, "it is said once"
    assert desk.store.head == (0, "")
    desk.folder.mkdir()
    desk.write(WALL + 100)
    assert desk.audit.trouble == ""
    assert [(entry.how, entry.time) for entry in desk.entries()] == [
        ("one", WALL),
        ("two", WALL),
    ]
    assert desk.problems() == []


def test_what_is_too_much_to_wait_is_counted(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    for _ in range(10_003):
        desk.audit.note("role")
    desk.write()
    desk.folder.mkdir()
    desk.write()
    last = desk.entries()[-1]
    assert (last.what, last.how) == ("lost", "3 entries could not be written")
    assert desk.problems() == []


def test_a_disk_that_takes_half_of_it_gets_nothing_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.audit.note("role", how="one")
    desk.write()
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, data: write(file, data[:20]))
        desk.audit.note("role", how="two")
        desk.write()
    assert desk.hows() == ["one"]
    assert desk.path.read_bytes().endswith(b"\n")
    assert "the disk is full" in desk.audit.trouble
    desk.write()
    assert desk.hows() == ["one", "two"]
    assert desk.problems() == []


def test_a_file_that_is_moved_away_is_begun_anew_and_that_is_found(desk: Desk) -> None:
    desk.audit.note("role", how="one")
    desk.write()
    desk.path.rename(desk.folder / "audit.old")
    desk.audit.note("role", how="two")
    desk.write()
    assert desk.hows() == ["two"]
    assert desk.problems() == ["entry 1 is missing before line 1"]


def keeping(desk: Desk, days: float) -> None:
    desk.audit = Audit(desk.folder, desk.store.head, keep_days=days)


def pass_day(desk: Desk, wall: float, *notes: str) -> None:
    """Let a day end as the hub does: turns, each final before the next second."""
    for note in notes:
        desk.audit.note("role", how=note)
    for second in range(3):
        desk.audit.let_go(wall + second)
        desk.write(wall + second)


def test_what_is_too_old_goes_and_what_is_left_can_be_verified(desk: Desk) -> None:
    keeping(desk, 3)
    for day in range(1, 31):
        pass_day(desk, WALL + day * 86400, f"day {day}")
        assert desk.problems() == [], day
        kept = [how for how in desk.hows() if how.startswith("day ")]
        # At least so many days as are asked for, at most twice as many.
        assert kept[-1] == f"day {day}"
        assert min(day, 4) <= len(kept) <= 8
        if day % 7 == 0:
            keeping(desk, 3)  # a restart
    (remark,) = desk.verdict().remarks
    assert re.fullmatch(r"entries 1 to \d+ are removed, as entry \d+ .* says", remark)
    assert sorted(os.listdir(desk.folder)) == ["audit.log", "audit.log.1"]
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in desk.folder.iterdir())


def test_a_crash_at_any_step_of_the_cut_leaves_a_log_that_is_well(desk: Desk) -> None:
    keeping(desk, 1)
    for day in range(1, 5):
        pass_day(desk, WALL + day * 86400, f"day {day}")
    for step in range(12):
        wall = WALL + (5 + step) * 86400
        desk.audit.note("role", how=f"step {step}")
        desk.write(wall)
        desk.audit.let_go(wall)
        desk.write(wall)
        assert desk.problems() == []
        keeping(desk, 1)
        if step % 2:
            desk.audit.let_go(wall + 1)
            assert desk.problems() == []
            keeping(desk, 1)


def test_kept_for_ever_nothing_goes(desk: Desk) -> None:
    for year in range(1, 4):
        pass_day(desk, WALL + year * 366 * 86400, "a")
    assert len(desk.entries()) == 3
    assert os.listdir(desk.folder) == ["audit.log"]


def test_while_the_disk_is_full_nothing_goes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping(desk, 1)
    pass_day(desk, WALL, "one")
    with monkeypatch.context() as patched:
        patched.setattr("server.audit.append", full)
        desk.audit.note("role", how="two")
        desk.write()
        pass_day(desk, WALL + 99 * 86400, "three")
    assert os.listdir(desk.folder) == ["audit.log"]
    desk.write(WALL + 100 * 86400)
    assert desk.hows() == ["one", "two", "three"]
    assert desk.problems() == []


def test_without_a_folder_nothing_is_kept() -> None:
    audit, store = Audit(), Ledger()
    audit.note("role")
    audit.write(store, WALL)
    audit.close(store, WALL)
    assert store.head == (0, "")
    assert audit.waiting == []


def test_half_a_character_and_a_long_name_do_no_harm(desk: Desk) -> None:
    desk.audit.note("refused", how="\ud800" + "x" * 5000)
    desk.write()
    assert desk.hows() == ["?" + "x" * 199]
    assert desk.problems() == []
