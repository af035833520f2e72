"""Files and folders that are one user's alone, made by whoever and under any umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from log_config.private_files import make_private_folder, open_private

SOMEBODY = 65534
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
NEW_OR_NOT = os.O_WRONLY | os.O_CREAT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o277])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Return a folder of somebody else's."""
    folder = tmp_path / "theirs"
    folder.mkdir(0o700)
    os.chown(folder, SOMEBODY, SOMEBODY)
    return folder


def made(path: Path, flags: int = NEW) -> Path:
    os.close(open_private(path, flags))
    return path


def test_all_folders_that_are_made_are_ours_alone(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "one" / "two" / "three"
    assert make_private_folder(folder)
    assert not make_private_folder(folder)
    for one in (folder, *folder.parents[:2]):
        assert stat.S_IMODE(one.stat().st_mode) == 0o700


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert not make_private_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    (tmp_path / "link").symlink_to(tmp_path)
    assert not make_private_folder(tmp_path / "link")


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError):
            make_private_folder(path)


@as_root
@pytest.mark.parametrize("flags", [NEW, NEW_OR_NOT])
def test_what_root_makes_belongs_to_whom_the_folder_does(
    theirs: Path, flags: int
) -> None:
    make_private_folder(theirs / "one" / "two")
    new = [made(theirs / "file", flags), made(theirs / "one" / "two" / "file", flags)]
    for path in [*new, theirs / "one", theirs / "one" / "two"]:
        found = path.stat()
        assert (found.st_uid, found.st_gid) == (SOMEBODY, SOMEBODY)


@as_root
def test_what_is_there_and_a_third_one_s_stays_so(theirs: Path) -> None:
    (theirs / "file").touch()
    os.chown(theirs / "file", 1, 1)
    assert made(theirs / "file", NEW_OR_NOT).stat().st_uid == 1


@as_root
@pytest.mark.parametrize("kind", [os.symlink, os.link])
def test_nobody_gets_a_file_of_root_s_by_a_link(
    tmp_path: Path, theirs: Path, kind: object
) -> None:
    (tmp_path / "secret").touch()
    assert callable(kind)
    kind(tmp_path / "secret", theirs / "file")
    assert made(theirs / "file", NEW_OR_NOT).stat().st_uid == 0
    assert (tmp_path / "secret").stat().st_uid == 0
