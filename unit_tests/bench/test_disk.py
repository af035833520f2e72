"""The disk that loses power keeps what was synced, and may lose all else."""

import random
from pathlib import Path

import pytest

from bench.disk import Disk
from bench.record import NotFollowed, Record
from bench.syscalls import read_calls
from unit_tests.bench.test_syscalls import hexed

CREATE = "O_RDWR|O_CREAT"


class Told:
    """Lines of strace about a folder, as one thread would write them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []

    def _add(self, line: str) -> None:
        self.lines.append(f"7 {line}")

    def open(self, name: str) -> None:
        path = hexed(f"{self.folder}/{name}")
        self._add(f'openat(AT_FDCWD<>, "{path}", {CREATE}, 0600) = 4<{path}>')

    def write(self, name: str, data: str, offset: int) -> None:
        fd = f"4<{hexed(f'{self.folder}/{name}')}>"
        size = len(data)
        self._add(f'pwrite64({fd}, "{hexed(data)}", {size}, {offset}) = {size}')

    def cut(self, name: str, length: int) -> None:
        self._add(f"ftruncate(4<{hexed(f'{self.folder}/{name}')}>, {length}) = 0")

    def sync(self, name: str = "") -> None:
        path = f"{self.folder}/{name}".rstrip("/")
        self._add(f"fdatasync(4<{hexed(path)}>) = 0")

    def unlink(self, name: str) -> None:
        self._add(f'unlink("{hexed(f"{self.folder}/{name}")}") = 0')

    def rename(self, old: str, new: str) -> None:
        one, other = (hexed(f"{self.folder}/{name}") for name in (old, new))
        self._add(f'rename("{one}", "{other}") = 0')

    def record(self) -> Record:
        record = Record(self.folder)
        record.add(read_calls(self.lines))
        return record

    def images(self) -> list[dict[str, bytes]]:
        """Return what two hundred power cuts at the end leave."""
        disk = Disk(record := self.record())
        disk.advance(record.end)
        dice = random.Random(1)
        return [disk.image(dice).files for _ in range(200)]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


@pytest.fixture
def with_file(told: Told) -> Told:
    """A file `f` of two sectors that is on the disk."""
    told.open("f")
    told.write("f", "a" * 8192, 0)
    told.sync("f")
    told.sync()
    return told


def test_what_was_synced_is_there_in_every_image(with_file: Told) -> None:
    assert with_file.images() == [{"f": b"a" * 8192}] * 200


def test_what_was_not_synced_is_there_lost_and_torn(with_file: Told) -> None:
    with_file.write("f", "b" * 8192, 0)
    contents = {image["f"] for image in with_file.images()}
    assert {b"a" * 8192, b"b" * 8192} <= contents
    assert b"a" * 4096 + b"b" * 4096 in contents
    assert b"b" * 4096 + b"a" * 4096 in contents
    assert any(content.count(b"b") % 4096 for content in contents)


def test_a_sector_is_never_torn_in_itself(with_file: Told) -> None:
    with_file.write("f", "b" * 4096, 0)
    for image in with_file.images():
        for start in range(0, 8192, 512):
            assert len(set(image["f"][start : start + 512])) == 1


def test_a_later_write_may_survive_an_earlier_one(with_file: Told) -> None:
    with_file.write("f", "b" * 4096, 0)
    with_file.write("f", "c" * 4096, 4096)
    assert b"a" * 4096 + b"c" * 4096 in {image["f"] for image in with_file.images()}


def test_a_sector_holds_the_writes_to_it_in_their_order(with_file: Told) -> None:
    with_file.write("f", "b" * 100, 0)
    with_file.write("f", "c" * 100, 100)
    starts = {image["f"][:200] for image in with_file.images()}
    assert starts == {
        b"a" * 200,
        b"b" * 100 + b"a" * 100,
        b"b" * 100 + b"c" * 100,
    }


def test_a_file_has_one_of_its_lengths_and_noise_where_nothing_was_written_out(
    with_file: Told,
) -> None:
    with_file.write("f", "b" * 4096, 8192)
    contents = {image["f"] for image in with_file.images()}
    assert {len(content) for content in contents} == {8192, 12288}
    tails = {content[8192:] for content in contents} - {b""}
    assert {b"b" * 4096, bytes(4096)} < tails


def test_a_truncation_may_be_lost(with_file: Told) -> None:
    with_file.cut("f", 10)
    lengths = {len(image["f"]) for image in with_file.images()}
    assert lengths == {10, 8192}


def test_a_name_is_certain_only_when_its_folder_was_synced(told: Told) -> None:
    told.open("f")
    told.write("f", "a", 0)
    told.sync("f")
    images = told.images()
    assert {} in images
    assert {"f": b"a"} in images


def test_a_removed_file_may_come_back(with_file: Told) -> None:
    with_file.unlink("f")
    images = with_file.images()
    assert {} in images
    assert {"f": b"a" * 8192} in images
    with_file.sync()
    assert with_file.images() == [{}] * 200


def test_a_renamed_file_has_one_of_its_names(with_file: Told) -> None:
    with_file.rename("f", "g")
    assert {tuple(image) for image in with_file.images()} == {("f",), ("g",)}


def test_a_sync_covers_only_what_had_ended_when_it_began(with_file: Told) -> None:
    with_file.write("f", "b" * 4096, 0)
    write = with_file.lines.pop()
    with_file.sync("f")
    sync = with_file.lines.pop()
    with_file.lines += [
        sync.replace("7 ", "8 ", 1).replace(") = 0", " <unfinished ...>"),
        write,
        "8 <... fdatasync resumed>) = 0",
    ]
    assert b"a" * 8192 in {image["f"] for image in with_file.images()}


def test_a_cut_before_the_sync_has_come_back_loses(with_file: Told) -> None:
    with_file.write("f", "b" * 8192, 0)
    with_file.sync("f")
    record = with_file.record()
    disk = Disk(record)
    disk.advance(record.end - 1)
    contents = {disk.image(random.Random(seed)).files["f"] for seed in range(50)}
    assert b"a" * 8192 in contents
    disk.advance(record.end)
    assert disk.image(random.Random(1)).files["f"] == b"b" * 8192


@pytest.mark.parametrize(
    "call",
    [
        'write(4<{path}>, "\\x61", 1) = 1',
        "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 4<{path}>, 0) = 0x7f00",
        "sendfile(4<{path}>, 5, NULL, 10) = 10",
        "fallocate(4<{path}>, FALLOC_FL_PUNCH_HOLE, 0, 10) = 0",
        'link("{path}", "{path}\\x61") = 0',
        'truncate("{path}", 1) = 0',
        'rename("{path}\\x61", "{path}") = 0',
    ],
)
def test_a_change_that_can_not_be_followed_is_not_overlooked(
    with_file: Told, call: str
) -> None:
    path = hexed(f"{with_file.folder}/f")
    with_file.lines.append("7 " + call.format(path=path))
    with pytest.raises(NotFollowed):
        with_file.record()


def test_shared_memory_is_made_anew_and_left_out(told: Told) -> None:
    told.open("m-shm")
    told.write("m-shm", "x", 0)
    told.sync()
    assert told.images() == [{}] * 200
