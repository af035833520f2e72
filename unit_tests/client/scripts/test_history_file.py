import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from client.scripts.history_file import HistoryFile
from client.scripts.history_state import Position
from errors import ExitCode, ProgramError

FIRST = ["[a] bob: one", "[a] bob: two"]
SECOND = ["[a] bob: three", "[b] bob: чаша", "[b] bob: five"]


@contextmanager
def opened(path: Path, *, keeps_state: bool = True) -> Iterator[HistoryFile]:
    history = HistoryFile(path, keeps_state=keeps_state)
    try:
        yield history
    finally:
        history.close()


@contextmanager
def killed(path: Path) -> Iterator[HistoryFile]:
    """Open a file for a process that is killed behind the block."""
    history = HistoryFile(path)
    yield history
    os.close(history._file)


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.txt"


def test_a_new_file_knows_nothing_and_only_its_owner_may_read_it(path: Path) -> None:
    with opened(path) as history:
        assert history.position == Position("", None)
        assert len(history.device) == 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_the_file_ends_is_known_the_next_time(path: Path) -> None:
    with opened(path) as history:
        device = history.device
        history.begin_anew("store-1")
        history.append(FIRST, 2)
    with opened(path) as history:
        assert (history.position, history.device) == (Position("store-1", 2), device)
        history.append(SECOND, 9)
    assert path.read_text() == text(*FIRST, *SECOND)
    state = path.with_name("messages.txt.state")
    assert state.stat().st_mode & 0o777 == 0o600


def test_a_kill_in_any_byte_of_a_write_loses_and_doubles_nothing(path: Path) -> None:
    whole, before = text(*FIRST, *SECOND).encode(), len(text(*FIRST).encode())
    state = path.with_name("messages.txt.state")
    with killed(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
        history.append(SECOND, 9)
    written = state.read_bytes()
    for length in range(before, len(whole) + 1):
        path.write_bytes(whole[:length])
        state.write_bytes(written)
        with killed(path) as history:
            last = history.position.last
            assert last == (9 if length == len(whole) else 2)
            history.append(SECOND if last == 2 else [], 9)
        assert path.read_bytes() == whole


def test_what_moves_on_without_a_line_is_kept_too(path: Path) -> None:
    with killed(path) as history:
        history.begin_anew("store-1")
        history.append([], 7)
    with opened(path) as history:
        assert history.position == Position("store-1", 7)


def test_another_id_space_begins_with_nothing_known(path: Path) -> None:
    with opened(path) as history:
        device = history.device
        history.begin_anew("store-1")
        history.append(FIRST, 2)
        history.begin_anew("store-1")
        assert history.position.last == 2
        history.begin_anew("store-2")
        assert history.position == Position("store-2", None)
        assert history.device == device


def test_a_file_that_was_taken_away_is_begun_anew_behind_what_was_in_it(
    path: Path,
) -> None:
    with opened(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
    path.unlink()
    with opened(path) as history:
        assert history.position.last == 2
        history.append(SECOND, 9)
    assert path.read_text() == text(*SECOND)


def test_a_file_that_is_renamed_meanwhile_gives_way_to_a_new_one(path: Path) -> None:
    rotated = path.with_name("messages.txt.1")
    with opened(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
        path.rename(rotated)
        history.append(SECOND, 9)
        assert path.read_text() == text(*SECOND)
        assert path.stat().st_mode & 0o777 == 0o600
    with opened(path) as history:
        assert history.position.last == 9
    assert rotated.read_text() == text(*FIRST)


@pytest.mark.parametrize("made", ["full", "old", "empty", "edited"])
@pytest.mark.parametrize("is_rest_appended", [True, False])
def test_what_takes_the_place_of_the_file_is_gone_on_in(
    path: Path, made: str, is_rest_appended: bool
) -> None:
    """As by cp and mv: an old copy gets what it lacks, something else stays."""
    other = path.with_name("other")
    with opened(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
        was = path.read_text()
        history.append(SECOND, 9)
        full = path.read_text()
        content = {"full": full, "old": was, "empty": "", "edited": "- a note"}[made]
        other.write_text(content)
        other.replace(path)
        if is_rest_appended:
            history.append(["last"], 10)
    if made in ("full", "old"):
        content = full
    elif content:
        content += "\n"
    content += "last\n" * is_rest_appended
    assert path.read_text() == content
    with opened(path) as history:
        assert history.position.last == (10 if is_rest_appended else 9)


def test_a_kill_behind_a_rotation_doubles_nothing(path: Path) -> None:
    with killed(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
        path.rename(path.with_name("messages.txt.1"))
        history.append(SECOND, 9)
    with opened(path) as history:
        assert history.position.last == 9


def test_another_readers_file_in_our_place_ends_it(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with opened(other), opened(path) as history:
        other.replace(path)
        with pytest.raises(ProgramError, match="another reader"):
            history.append(FIRST, 2)


def test_a_place_that_is_gone_meanwhile_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with opened(folder / "messages.txt") as history:
        history.append(FIRST, 2)
        folder.rename(tmp_path / "away")
        with pytest.raises(ProgramError, match="can't be written"):
            history.append(SECOND, 9)
        assert history.position.last == 2


def test_lines_of_others_stay_and_are_whole_lines(path: Path) -> None:
    path.write_text("a note")
    with opened(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
    with path.open("a") as file:
        file.write("another note")
    with opened(path) as history:
        assert history.position.last == 2
        history.append(SECOND, 9)
    assert path.read_text() == text("a note", *FIRST, "another note", *SECOND)


def test_two_readers_can_not_have_one_file(path: Path) -> None:
    with opened(path), pytest.raises(ProgramError, match="another reader"):
        HistoryFile(path)


def test_a_state_that_makes_no_sense_is_an_error_that_says_what_to_do(
    path: Path,
) -> None:
    path.with_name("messages.txt.state").write_text("{")
    with pytest.raises(ProgramError, match="remove it") as caught:
        HistoryFile(path)
    assert caught.value.exit_code == ExitCode.SETTINGS


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="No such file"):
        HistoryFile(tmp_path / "nowhere" / "messages.txt")


def test_a_full_disk_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 10:
            return real(file, data[:10])
        raise OSError(28, "No space left on device")

    with opened(path) as history:
        history.begin_anew("store-1")
        history.append(FIRST, 2)
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            with pytest.raises(ProgramError, match="No space left"):
                history.append(SECOND, 9)
        assert history.position.last == 2
        assert path.read_text() == text(*FIRST)
        history.append(SECOND, 9)
    assert path.read_text() == text(*FIRST, *SECOND)


def test_without_ids_there_is_no_state(path: Path) -> None:
    with opened(path, keeps_state=False) as history:
        history.append(FIRST)
    assert path.read_text() == text(*FIRST)
    assert not path.with_name("messages.txt.state").exists()


def test_what_is_no_file_takes_lines_and_has_no_state(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with opened(pipe) as history:
        history.append(FIRST, 2)
        assert os.read(history._file, 1000).decode() == text(*FIRST)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]
