import os
from pathlib import Path

from client.archive.names import known_names
from unit_tests.client.archives import changes, kept_message, opened


def kept(folder: Path, name: str, *whom: tuple[str, str]) -> None:
    """Keep messages as (sender, to) in the archive of `name`."""
    messages = [
        kept_message(number, sender=sender, to=to)
        for number, (sender, to) in enumerate(whom, 1)
    ]
    with opened(folder, name) as archive:
        archive.keep(changes(*messages))


def test_names_come_from_all_archives_the_latest_first(tmp_path: Path) -> None:
    kept(tmp_path, "alice", ("bob", "alice"), ("carol", "#tea"))
    for path in tmp_path.glob("*.db"):
        os.utime(path, (1, 1))
    kept(tmp_path, "oven", ("Bob", "alice"), ("dan", "#all"))
    assert known_names(tmp_path) == ["#all", "Bob", "#tea"]


def test_what_could_not_be_typed_is_left_out(tmp_path: Path) -> None:
    kept(tmp_path, "alice", ("a\u202eb", "alice"), ("two words", "alice"))
    assert known_names(tmp_path) == []


def test_what_a_shell_would_act_on_is_left_out(tmp_path: Path) -> None:
    hostile = ("$(reboot)", "`reboot`", "a;b", "$HOME", "-n", "#$(reboot)", "*")
    kept(tmp_path, "alice", *((name, "alice") for name in hostile if name[0] != "#"))
    kept(tmp_path, "oven", ("bob", "#$(reboot)"))
    assert known_names(tmp_path) == ["-n"]


def test_an_archive_in_use_and_one_that_is_none_are_no_error(tmp_path: Path) -> None:
    kept(tmp_path, "alice", ("bob", "alice"))
    (tmp_path / "broken.db").write_bytes(b"no database")
    with opened(tmp_path, "alice"):
        assert known_names(tmp_path) == ["bob"]


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert known_names(tmp_path / "nowhere") == []
