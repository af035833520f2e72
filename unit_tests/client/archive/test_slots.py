from pathlib import Path

import pytest

from client.archive import is_kept, open_archive
from client.archive.slots import SLOTS, claim_slot
from client.events import Kind
from client.outbox import Pending
from unit_tests.client.archives import SERVER, changes, opened


def test_a_device_is_found_again_with_its_number(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        first.keep(changes(last_number=12))
    with opened(tmp_path, "Alice") as again:
        assert (again.kept.device, again.kept.last_number) == (first.kept.device, 12)


def test_every_name_and_server_has_a_device_of_its_own(tmp_path: Path) -> None:
    archives = [
        open_archive(tmp_path, server, name, tell=print)
        for server in (SERVER, "localhost:7778")
        for name in ("alice", "Даша", "x" * 25, "../../etc/passwd", "bad \udcff")
    ]
    assert len({one.kept.device for one in archives}) == len(archives)
    for one in archives:
        one.release()


def test_a_second_process_takes_another_slot(tmp_path: Path) -> None:
    with opened(tmp_path) as first, opened(tmp_path) as second:
        assert (first.slot, second.slot) == (0, 1)
        assert first.kept.device != second.kept.device
        second.keep(changes())
    assert is_kept(tmp_path, SERVER, "alice", 1)
    with opened(tmp_path, first_slot=1) as later:
        assert later.kept.device == second.kept.device


def test_when_all_slots_are_taken_a_device_lasts_as_long_as_its_process(
    tmp_path: Path,
) -> None:
    slots = [claim_slot(tmp_path, SERVER, "alice", number) for number in range(SLOTS)]
    with opened(tmp_path) as archive:
        assert archive.kept.device
        archive.keep(changes())
    for slot in slots:
        assert slot is not None
        slot.release()
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_was_never_kept_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_removed_is_none(tmp_path: Path) -> None:
    """Who waited for it would else share the slot with the next one who makes it."""
    first = claim_slot(tmp_path, SERVER, "alice", 0)
    assert first is not None
    first.path.with_suffix(".lock").unlink()
    second = claim_slot(tmp_path, SERVER, "alice", 0)
    assert second is not None
    assert claim_slot(tmp_path, SERVER, "alice", 0) is None
    first.release()
    second.release()


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "devices"
    with opened(folder) as archive:
        archive.keep(changes())
        modes = {one.suffix: one.stat().st_mode & 0o777 for one in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert modes == dict.fromkeys([".db", ".lock", ".db-wal"], 0o600)


def test_an_accounts_slot_where_messages_wait_comes_first(tmp_path: Path) -> None:
    waiting = {1: Pending(1, Kind.MESSAGE, "bob", "hi", 0.0)}
    with opened(tmp_path), opened(tmp_path), opened(tmp_path) as third:
        third.keep(changes(outbox=dict(waiting), guest=False))
    with opened(tmp_path) as archive:
        assert archive.slot == 2


def test_a_guests_slot_where_messages_wait_comes_in_its_turn(tmp_path: Path) -> None:
    """The name is bound to the device that had it last, which is the first one's."""
    waiting = {1: Pending(1, Kind.MESSAGE, "bob", "hi", 0.0)}
    with opened(tmp_path), opened(tmp_path) as second:
        second.keep(changes(outbox=dict(waiting)))
    with opened(tmp_path) as archive:
        assert archive.slot == 0


def old_file(folder: Path) -> Path:
    """Return where a device was kept before there were archives."""
    slot = claim_slot(folder, SERVER, "alice", 0)
    assert slot is not None
    slot.release()
    return slot.path.with_suffix(".json")


def test_a_device_from_before_there_were_archives_is_taken_over(tmp_path: Path) -> None:
    old = old_file(tmp_path)
    old.write_text('{"id":"device-0","number":7,"server":"x","name":"alice"}')
    assert is_kept(tmp_path, SERVER, "alice", 0)
    for _ in range(2):
        with opened(tmp_path) as archive:
            assert (archive.kept.device, archive.kept.last_number) == ("device-0", 7)
            archive.keep(changes(last_number=7))
        assert not old.exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"id":""}', b'{"id":"x","number":-1}', b"\xff", b"[]"]
)
def test_a_broken_old_file_is_a_new_device(tmp_path: Path, content: bytes) -> None:
    old_file(tmp_path).write_bytes(content)
    with opened(tmp_path) as archive:
        assert len(archive.kept.device) == 32
        assert archive.kept.last_number == 0
