import logging
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from errors import ExitCode, StartError, StoreFailed
from server.store import checking, files
from server.store.files import Files, create_private, default_folder
from server.store.sqlite import SqliteStore
from unit_tests.helpers import PATIENCE, ROOT, clean_environment
from unit_tests.server.store.stores import World, opened, reading


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o277])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_nobody_else_may_read_the_files(folder: Path, umask: int) -> None:
    with opened(folder) as store, reading(store):
        World(store).account("alice")
        assert mode(folder) == 0o700
        found = {path.name: mode(path) for path in folder.iterdir()}
        names = {"messenger.db", "messenger.db-wal", "messenger.db-shm"}
        assert {found[name] for name in (*names, "messenger.lock")} == {0o600}
        # The search index is being made; in between it may be shut to its owner, too.
        assert not any(one & 0o077 for one in found.values())


def test_files_that_others_could_read_are_hidden_again(folder: Path) -> None:
    with opened(folder):
        pass
    (folder / "messenger.db").chmod(0o644)
    with opened(folder):
        assert mode(folder / "messenger.db") == 0o600


def test_a_folder_that_is_there_stays_as_its_owner_wants_it(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o750)
    with opened(folder):
        assert mode(folder) == 0o750


def test_folders_above_are_made(tmp_path: Path) -> None:
    with opened(tmp_path / "a" / "b" / "c"):
        assert mode(tmp_path / "a" / "b" / "c") == 0o700


def test_a_name_with_signs_that_mean_something_in_an_address_is_a_name(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a?b#c%20d&mode=memory é"
    with opened(folder) as store, reading(store):
        assert (folder / "messenger.db-wal").exists()


def test_a_private_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    create_private(path)
    assert mode(path) == 0o600
    path.write_bytes(b"content")
    create_private(path)
    assert path.read_bytes() == b"content"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StartError, match="name another with --data-dir") as caught:
        SqliteStore(tmp_path / "data")
    assert caught.value.exit_code == ExitCode.REFUSED


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StartError) as caught:
        SqliteStore(tmp_path / "data")
    assert caught.value.exit_code == ExitCode.NOT_ALLOWED
    tmp_path.chmod(0o700)


def test_a_second_server_is_refused(folder: Path) -> None:
    with opened(folder) as store:
        with pytest.raises(StartError, match="another server is using") as caught:
            SqliteStore(folder)
        assert caught.value.exit_code == ExitCode.REFUSED
        World(store).account("alice")
    with opened(folder) as store:
        assert len(store.load().accounts) == 1


def test_a_database_that_another_program_holds_is_refused(folder: Path) -> None:
    with opened(folder):
        pass
    other = sqlite3.connect(folder / "messenger.db", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StartError, match="is in use by another program"):
        SqliteStore(folder)
    other.close()
    with opened(folder):
        pass


def test_a_damaged_database_is_refused(folder: Path) -> None:
    with opened(folder) as store:
        World(store).account("alice")
    path = folder / "messenger.db"
    path.write_bytes(path.read_bytes()[:4096])
    with pytest.raises(StartError, match="restore a backup"):
        SqliteStore(folder)


OPENER = """
import sys
from pathlib import Path
from errors import StartError
from server.store.sqlite import SqliteStore

try:
    SqliteStore(Path(sys.argv[1])).close()
except StartError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def open_elsewhere(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", OPENER, str(folder)],
        env=clean_environment(PYTHONPATH=os.fspath(ROOT)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_second_server_in_another_process_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    link = tmp_path / "elsewhere"
    with opened(folder):
        link.mkdir()
        (link / "messenger.db").symlink_to(folder / "messenger.db")
        for name in (folder, link):
            second = open_elsewhere(name)
            assert second.returncode == 1, second.stderr
            assert "another server is using" in second.stdout
            assert f", pid {os.getpid()}): stop it" in second.stdout
    assert open_elsewhere(folder).returncode == 0
    assert open_elsewhere(link).returncode == 0


def test_a_program_that_was_started_meanwhile_does_not_keep_the_lock(
    folder: Path,
) -> None:
    with opened(folder):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with opened(folder):
            assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def remove(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """Put a copy in the place of a file, as an editor or a restore does."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


@pytest.mark.parametrize("change", [remove, replace])
@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_nothing_is_acknowledged_once_a_file_was_removed_or_replaced(
    world: World, folder: Path, change: Callable[[Path], None], end: str
) -> None:
    alice = world.account("alice")
    line = world.line(alice, alice)
    world.say(line, alice, "one")
    change(folder / f"messenger.db{end}")
    with pytest.raises(StoreFailed, match="removed or replaced") as caught:
        world.say(line, alice, "two")
    assert caught.value.exit_code == ExitCode.IO_ERROR
    assert world.store.last_id == 1
    with pytest.raises(StoreFailed):
        world.say(line, alice, "three")
    with pytest.raises(StoreFailed):
        world.store.find_line(alice, alice)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 3)


def overwrite(path: Path) -> None:
    """Write something else over it, as long as it was, as a careless dd does."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"\xa5" * size)


def overwrite_with_older(path: Path) -> None:
    """Copy an older state over it, as `cp backup.db messenger.db` does."""
    path.write_bytes(path.with_name("older").read_bytes())


def let_time_pass(path: Path) -> None:
    """Return once a change of the file has another time: they come in some ms."""
    probe = path.parent.with_name("probe")
    written = path.stat().st_mtime_ns
    while True:
        probe.write_bytes(b"")
        if probe.stat().st_mtime_ns != written:
            return


CHANGES = (
    (cut, ""),
    (cut, "-wal"),
    (overwrite, ""),
    (overwrite, "-wal"),
    (overwrite_with_older, ""),
)


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize(("change", "end"), CHANGES)
def test_nothing_is_acknowledged_once_a_file_was_overwritten_or_cut(
    folder: Path, change: Callable[[Path], None], end: str, checkpoint: bool
) -> None:
    """Unless all that is in it stands in the other file, too: then it does no harm."""
    refusal = pytest.raises(StoreFailed, match=r"overwritten or cut|not known")
    with opened(folder) as store:
        store._index.close()  # what reads keeps the log from going in
        world = World(store)
        alice = world.account("alice")
        line = world.line(alice, alice)
        shutil.copy(folder / "messenger.db", folder / "older")
        for _ in range(4):
            world.say(line, alice, *["x" * 400] * 100)
            if checkpoint:
                store.tidy_aside()
        let_time_pass(folder / "messenger.db")
        change(folder / f"messenger.db{end}")
        if checkpoint == (end == ""):
            for _ in range(2):
                with refusal as caught:
                    world.say(line, alice, "lost")
                assert caught.value.exit_code == ExitCode.IO_ERROR
            return
        for _ in range(3):
            world.say(line, alice, *["x" * 400] * 100)
            store.tidy_aside()
    with opened(folder) as store, reading(store) as reader:
        assert len(reader.history(line, None, None, 1000)[0]) == 700
        assert checking.check(folder) == []


def test_another_program_that_does_no_harm_is_told_of_once(
    world: World, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alice = world.account("alice")
    line = world.line(alice, alice)
    with closing(sqlite3.connect(folder / "messenger.db")) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        with caplog.at_level(logging.WARNING, "server"):
            for text in ("one", "two"):
                world.say(line, alice, text)
    (record,) = caplog.records
    assert "another program has written to" in record.getMessage()


def test_a_file_system_with_late_times_is_found_out(
    world: World, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alice = world.account("alice")
    line = world.line(alice, alice)
    with caplog.at_level(logging.WARNING, "server"):
        for moment in range(10):
            os.utime(folder / "messenger.db", (moment, moment))
            world.say(line, alice, f"{moment}")
    assert len(caplog.records) == 3


def test_our_own_writing_is_never_taken_for_another_s(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.store._index.close()
    alice = world.account("alice")
    line = world.line(alice, alice)
    pruner = world.store.open_pruner()
    with caplog.at_level(logging.WARNING, "server"):
        for _ in range(30):
            world.say(line, alice, *["x" * 400] * 100)
            pruner.delete(line, 60, 1e12, 0)
            pruner.tidy()
            pruner.give_back(50, 0)
    assert caplog.records == []


def test_a_removed_folder_ends_the_server(world: World, folder: Path) -> None:
    while folder.exists():
        # The index may be making its file just now.
        shutil.rmtree(folder, ignore_errors=True)
    with pytest.raises(StoreFailed, match="removed or replaced"):
        world.account("alice")


def test_a_folder_that_was_moved_and_put_back_is_the_same(
    world: World, folder: Path
) -> None:
    aside = folder.with_name("aside")
    folder.rename(aside)
    aside.rename(folder)
    world.account("alice")


def test_a_checkout_keeps_its_data_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server" / "store").mkdir(parents=True)
    monkeypatch.setattr(files, "_HERE", tmp_path / "server" / "store")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert default_folder() == tmp_path / "share" / "messenger"
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "logs").mkdir()
    assert default_folder() == tmp_path / "data"
    assert not (tmp_path / "data").exists()


def test_the_files_of_one_store_stand_side_by_side(folder: Path) -> None:
    found = Files(folder)
    paths = (found.database, found.log, found.shared, found.index)
    assert [path.name for path in paths] == [
        "messenger.db",
        "messenger.db-wal",
        "messenger.db-shm",
        "search.db",
    ]
    assert {path.parent for path in paths} == {folder}
    found.release()
