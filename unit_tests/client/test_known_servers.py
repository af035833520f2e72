import threading
from pathlib import Path

import pytest

from client.known_servers import KnownServers, Pin
from common.fingerprints import fingerprint_of, shown
from errors import SettingsError

FIRST, SECOND = fingerprint_of(b"first"), fingerprint_of(b"second")


@pytest.fixture
def known(tmp_path: Path) -> KnownServers:
    return KnownServers(tmp_path / "new" / "known_servers")


def test_a_server_is_known_once_it_is_pinned(known: KnownServers) -> None:
    assert known.find("host:7777") is None
    pin = known.pin("host:7777", FIRST)
    assert pin.fingerprint == FIRST
    assert known.find("HOST:7777") == pin
    assert known.find("host:8888") is None
    line = known.path.read_text().splitlines()[pin.line - 1]
    assert line == f"host:7777 {shown(FIRST)}"


def test_only_its_owner_reads_the_file(known: KnownServers) -> None:
    known.pin("host:7777", FIRST)
    assert {file.stat().st_mode & 0o777 for file in known.path.parent.iterdir()} == {
        0o600
    }
    assert known.path.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_known_stays_unless_it_is_to_be_replaced(known: KnownServers) -> None:
    known.pin("other:1", FIRST)
    pin = known.pin("host:7777", FIRST)
    assert known.pin("host:7777", SECOND) == pin
    assert known.pin("host:7777", SECOND, replace=True) == Pin(SECOND, pin.line)
    assert known.find("host:7777") == Pin(SECOND, pin.line)
    assert known.find("other:1") is not None


def test_what_a_person_has_written_stays(known: KnownServers) -> None:
    known.path.parent.mkdir()
    known.path.write_text(f"# mine\n\n[::1]:1   {shown(FIRST)} the cellar\n")
    assert known.find("[::1]:1") == Pin(FIRST, 3)
    known.pin("host:7777", SECOND)
    assert known.path.read_text() == (
        f"# mine\n\n[::1]:1   {shown(FIRST)} the cellar\nhost:7777 {shown(SECOND)}\n"
    )


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    KnownServers(tmp_path / "link").pin("host:7777", FIRST)
    assert (tmp_path / "link").is_symlink()
    assert FIRST in (tmp_path / "real").read_text()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"host:7777 nothing\n", "line 1 .* is wrong"),
        (b"host:7777\n", "line 1 .* is wrong"),
        (b"\xff\n", "it is no text"),
    ],
)
def test_a_file_that_can_not_be_read_trusts_nobody(
    known: KnownServers, content: bytes, problem: str
) -> None:
    known.path.parent.mkdir()
    known.path.write_bytes(content)
    with pytest.raises(SettingsError, match=problem) as caught:
        known.find("host:7777")
    assert str(known.path) in str(caught.value)
    with pytest.raises(SettingsError):
        known.pin("host:7777", FIRST)
    assert known.path.read_bytes() == content


def test_a_folder_in_its_place_is_a_sentence(known: KnownServers) -> None:
    known.path.mkdir(parents=True)
    with pytest.raises(SettingsError, match="can't be read: Is a directory"):
        known.find("host:7777")


def test_clients_that_write_at_once_lose_nothing(known: KnownServers) -> None:
    threads = [
        threading.Thread(target=KnownServers(known.path).pin, args=(f"h:{n}", FIRST))
        for n in range(1, 25)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(known.find(f"h:{n}") for n in range(1, 25))
    assert len(list(known.path.parent.iterdir())) == 2
