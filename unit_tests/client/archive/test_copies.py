import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from client import machine
from client.events import Kind
from client.machine import machine_id
from client.outbox import Pending
from unit_tests.client.archives import changes, kept_message, opened


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the file that says which machine this is; `move` changes it."""
    file = tmp_path / "machine-id"
    monkeypatch.setattr(machine, "_FILES", [file])
    move(file, "1")
    yield file
    machine_id.cache_clear()


def move(file: Path, digit: str) -> None:
    file.write_text(digit * 32)
    machine_id.cache_clear()


def test_a_copy_on_another_machine_is_a_device_of_its_own(
    machines: Path, tmp_path: Path
) -> None:
    waiting = Pending(1, Kind.MESSAGE, "bob", "see you", 5.5, 0)
    with opened(tmp_path / "here") as archive:
        archive.keep(changes(kept_message(1), since=1, outbox={1: waiting}))
        device = archive.kept.device
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    move(machines, "2")
    told: list[str] = []
    with opened(tmp_path / "there", told=told) as copy:
        kept = copy.kept
        assert (kept.store, kept.since, kept.waiting) == ("store-1", 1, [])
        assert [one.text for one in copy.history("bob").messages] == ["hi"]
        copy.keep(changes(kept_message(2), since=2))
        assert kept.device != device
    assert ["copied from another machine" in one for one in told] == [True, False]
    assert "@bob see you" in told[1]
    with opened(tmp_path / "there") as again:
        assert again.kept.device == kept.device
    # A folder that two machines share is one device, and so is the first one.
    for digit in ("2", "1"):
        move(machines, digit)
        with opened(tmp_path / "here") as original:
            assert original.kept.device == device
            assert [one.text for one in original.kept.waiting] == ["see you"]


def test_an_archive_from_before_machines_were_noted_is_brought_up_to_date(
    machines: Path, tmp_path: Path
) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(kept_message(1), since=1))
        device = archive.kept.device
    (path,) = tmp_path.glob("*.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE device DROP COLUMN origin")
        database.execute("PRAGMA user_version = 1")
    for origin in ("", f"{machine_id()} {path.stat().st_ino}"):
        with opened(tmp_path) as archive:
            assert (archive.kept.device, archive.kept.origin) == (device, origin)
            archive.keep(changes(kept_message(2), since=2))
