"""What root does in the folder of a service that runs as somebody else."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from errors import ExitCode, StartError
from server.store.sqlite import SqliteStore
from unit_tests.helpers import run_server
from unit_tests.server.admin.conftest import Owner

SERVICE = 65534

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can work in somebody else's folder"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give the service's folder; pytest's own would keep it out."""
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, SERVICE, SERVICE)
        yield Path(name)


@pytest.fixture
def root(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Owner]:
    yield Owner(folder, capsys, tmp_path)
    strangers = {one.name for one in folder.iterdir() if one.stat().st_uid != SERVICE}
    assert not strangers
    with as_service(), closing(SqliteStore(folder)) as store:
        store.load()


@contextmanager
def as_service() -> Iterator[None]:
    os.setegid(SERVICE)
    os.seteuid(SERVICE)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_a_database_that_root_makes_is_the_service_s(root: Owner) -> None:
    root.does("invite", "--role", "owner")
    root.adds("alice")
    assert (root.folder / "tls.key").exists()


def test_a_restored_database_is_the_service_s(root: Owner) -> None:
    root.adds("alice")
    root.does("backup", root.folder / "monday.db")
    root.does("export", root.folder / "all.jsonl")
    said = root.does("restore", root.folder / "monday.db", "--json")
    assert Path(said.document["former"]).exists()
    assert root.does("user", "list", "--json").rows[0]["account_name"] == "alice"


def test_a_server_that_root_has_started_by_hand_leaves_the_service_s_files(
    root: Owner, folder: Path
) -> None:
    logs = folder / "logs"
    with run_server("--data-dir", str(folder), "--log-dir", str(logs)):
        found = {one.name: one.stat().st_uid for one in folder.iterdir()}
        assert set(found) > {"messenger.db", "messenger.db-wal", "owner-invitation"}
        del found["admin.sock"]  # only who runs the server may talk to it
        assert set(found.values()) == {SERVICE}
    assert {one.stat().st_uid for one in logs.iterdir()} == {SERVICE}


@pytest.mark.parametrize("name", ["messenger.lock", "messenger.db"])
def test_a_file_of_root_s_that_is_there_is_named_with_its_cure(
    folder: Path, name: str
) -> None:
    with as_service(), closing(SqliteStore(folder)):
        pass
    os.chown(folder / name, 0, 0)
    with as_service(), pytest.raises(StartError) as caught:
        SqliteStore(folder)
    assert caught.value.exit_code == ExitCode.NOT_ALLOWED
    assert str(caught.value).startswith(f"{folder / name} can't be used (")
    assert str(caught.value).endswith(f"chown --reference={folder} {folder / name}")
