import asyncio
from pathlib import Path

from prompt_toolkit.history import History

from client.input_history import open_history


def entries(history: History) -> list[str]:
    async def load() -> list[str]:
        return [one async for one in history.load()]

    return asyncio.run(load())


def test_what_was_typed_is_there_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "state" / "history"
    open_history(file).append_string("привет")
    assert entries(open_history(file)) == ["привет"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_history_that_cannot_be_kept_lasts_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = open_history(tmp_path / "file" / "history")
    history.append_string("hi")
    assert history.get_strings() == ["hi"]


def test_a_disk_that_fills_up_ends_no_conversation(tmp_path: Path) -> None:
    history = open_history(tmp_path / "history")
    (tmp_path / "history").unlink()
    (tmp_path / "history").mkdir()
    history.append_string("hi")
    assert history.get_strings() == ["hi"]


def test_a_long_history_loses_its_older_half(tmp_path: Path) -> None:
    file = tmp_path / "history"
    entry = "\n# 2026-01-01 00:00:00\n+{}\n"
    file.write_text("".join(entry.format(str(n) * 20) for n in range(16_000)))
    kept = entries(open_history(file))
    assert file.stat().st_size <= 512 * 1024
    assert kept[0] == "15999" * 20
    assert all(len(one) in (80, 100) for one in kept)
