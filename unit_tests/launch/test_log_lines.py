from pathlib import Path

from launch.log_lines import last_lines

TEXT = "2026-01-31 12:00:00.123 {level} [{pid}] server: {what}\n"


def write(path: Path, *rows: tuple[str, int, str]) -> Path:
    path.write_text(
        "".join(TEXT.format(level=a, pid=b, what=c) for a, b, c in rows), "utf-8"
    )
    return path


def test_the_last_lines_of_a_process_without_the_calls(tmp_path: Path) -> None:
    rows = [("INFO", 7, f"line {n}") for n in range(4)]
    rows += [("DEBUG", 7, "a call"), ("INFO", 8, "another process")]
    file = write(tmp_path / "server.log", *rows)
    lines = last_lines(file, 7, most=2)
    assert [line.rpartition(": ")[2] for line in lines] == ["line 2", "line 3"]


def test_calls_are_better_than_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "server.log", ("DEBUG", 7, "a call"))
    assert len(last_lines(file, 7)) == 1


def test_lines_in_json_are_known_too(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    file.write_text(
        '{"time": "t", "level": "INFO", "process": 7, "message": "up"}\n'
        '{"time": "t", "level": "DEBUG", "process": 7, "function": "f"}\n'
        '{"time": "t", "level": "INFO", "process": 77, "message": "other"}\n'
    )
    lines = last_lines(file, 7)
    assert len(lines) == 1
    assert "up" in lines[0]


def test_only_the_end_of_a_large_log_is_read(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    start = TEXT.format(level="INFO", pid=7, what="long ago")
    file.write_text(start + "x" * 1_000_000 + "\n" + start.replace("long ago", "now"))
    assert [line[-3:] for line in last_lines(file, 7)] == ["now"]


def test_what_acts_on_a_terminal_is_shown(tmp_path: Path) -> None:
    file = write(tmp_path / "server.log", ("INFO", 7, "red \x1b[31m"))
    assert last_lines(file, 7)[0].endswith(r"red \x1b[31m")


def test_a_log_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none.log", 7) == []
