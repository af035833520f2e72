import os
from pathlib import Path

import pytest

from client.device import claim_device, is_kept

SERVER = "localhost:7777"


def test_a_kept_device_is_found_again_with_its_number(tmp_path: Path) -> None:
    first = claim_device(tmp_path, SERVER, "alice")
    first.keep(12, SERVER, "alice")
    first.release()
    again = claim_device(tmp_path, SERVER, "Alice")
    assert (again.id, again.number) == (first.id, 12)
    again.release()


def test_every_name_and_server_has_a_device_of_its_own(tmp_path: Path) -> None:
    devices = [
        claim_device(tmp_path, server, name)
        for server in (SERVER, "localhost:7778")
        for name in ("alice", "Даша", "x" * 25, "../../etc/passwd", "bad \udcff")
    ]
    assert len({one.id for one in devices}) == len(devices)
    for one in devices:
        one.release()


def test_a_second_process_takes_another_slot(tmp_path: Path) -> None:
    first = claim_device(tmp_path, SERVER, "alice")
    second = claim_device(tmp_path, SERVER, "alice")
    assert (first.slot, second.slot) == (0, 1)
    assert first.id != second.id
    second.keep(1, SERVER, "alice")
    first.release()
    second.release()
    assert is_kept(tmp_path, SERVER, "alice", 1)
    later = claim_device(tmp_path, SERVER, "alice", 1)
    assert later.id == second.id
    later.release()


def test_a_device_that_was_never_kept_leaves_nothing(tmp_path: Path) -> None:
    claim_device(tmp_path, SERVER, "alice").release()
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "devices"
    device = claim_device(folder, SERVER, "alice")
    device.keep(1, SERVER, "alice")
    device.release()
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"id":""}', b'{"id":"x","number":-1}', b"\xff", b"[]"]
)
def test_a_broken_file_becomes_a_new_device(tmp_path: Path, content: bytes) -> None:
    device = claim_device(tmp_path, SERVER, "alice")
    device.keep(5, SERVER, "alice")
    device.release()
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    again = claim_device(tmp_path, SERVER, "alice")
    assert again.id not in ("", device.id)
    assert again.number == 0
    again.release()


def test_a_folder_that_cannot_be_written_gives_a_device_of_this_run(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    device = claim_device(blocked / "devices", SERVER, "alice")
    assert device.id
    assert os.fspath(blocked) in device.problem
    device.keep(1, SERVER, "alice")
    device.release()
