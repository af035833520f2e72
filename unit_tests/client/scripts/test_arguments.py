from pathlib import Path

import pytest

from client.scripts.arguments import (
    ReadArguments,
    SendArguments,
    read_arguments,
    send_arguments,
)
from client.scripts.wanted import Wanted


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(tmp_path / "bin" / "my_client.py")])
    monkeypatch.setattr("os.isatty", lambda _: True)
    for name in ("HOST", "PORT", "TOKEN", "TOKEN_FILE", "USERNAME", "LOG_DIR"):
        monkeypatch.delenv(f"JIM_{name}", raising=False)


def read(*words: str) -> ReadArguments:
    found = read_arguments("my_client.py", words)
    assert found is not None
    return found


def send(*words: str) -> SendArguments:
    found = send_arguments("my_client.py", words)
    assert found is not None
    return found


def test_reading_follows_everything_into_a_file_by_itself() -> None:
    given = read()
    assert (given.wanted, given.since, given.as_json, given.once) == (
        Wanted(),
        None,
        False,
        False,
    )
    assert given.settings.history == "messages.txt"


def test_a_room_may_lack_its_sign_and_0_is_a_place_to_begin() -> None:
    given = read("--room", "tea", "--from", "bob", "--since", "0", "--once", "--json")
    assert given.wanted == Wanted("#tea", "bob")
    assert (given.since, given.once, given.as_json) == (0, True, True)


def test_a_text_may_be_several_words() -> None:
    given = send("--to", "bob", "come", "at once")
    assert (given.text, given.to, given.wait, given.lines) == (
        "come at once",
        "bob",
        "stored",
        False,
    )


def test_a_dash_is_standard_input() -> None:
    assert send("-").text is None
    assert send("--lines").text is None


def test_without_a_text_a_pipe_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.isatty", lambda _: False)
    assert send().text is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "what is to be sent"),
        ((" ",), "empty"),
        (("--lines", "hi"), "standard input"),
        (("--wait", "delivered", "hi"), "--to NAME"),
        (("--wait", "delivered", "--to", "#tea", "hi"), "--to NAME"),
        (("--wait", "read", "hi"), "--to NAME"),
        (("--wait", "read", "--send-port", "1", "--to", "bob", "hi"), "MineChat"),
        (("--send-port", "1", "--to", "bob", "hi"), "MineChat"),
        (("--wait", "never", "hi"), "invalid choice"),
    ],
)
def test_what_can_not_be_meant_is_a_wrong_use(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        send(*words)
    assert end.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("--read-port", "1", "--once"),
        ("--read-port", "1", "--since", "0"),
        ("--read-port", "1", "--room", "tea"),
        ("--since", "-1"),
        ("--since", "x"),
        ("--since", "²"),
        ("--since", "1" * 16),
        ("--once", "--follow"),
    ],
)
def test_wrong_uses_of_read_are_exit_2(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as end:
        read(*words)
    assert end.value.code == 2


def test_a_token_on_the_command_line_works_and_is_warned_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert send("--token", "jim_1", "hi").settings.token == "jim_1"
    said = capsys.readouterr().err
    assert "list of processes" in said
    assert "jim_1" not in said


def test_of_a_token_and_its_file_the_stronger_place_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JIM_TOKEN", "jim_1")
    settings = send("--token-file", "f", "hi").settings
    assert (settings.token, settings.token_file) == ("", "f")
    monkeypatch.setenv("JIM_TOKEN_FILE", "f")
    settings = send("hi").settings
    assert (settings.token, settings.token_file) == ("jim_1", "")


def test_the_env_file_here_comes_before_the_one_beside_the_program(
    tmp_path: Path,
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / ".env").write_text("USERNAME=beside\n")
    assert send("hi").settings.username == "beside"
    (tmp_path / ".env").write_text("USERNAME=here\n")
    assert send("hi").settings.username == "here"


def test_the_settings_are_shown_without_the_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIM_TOKEN", "jim_1")
    assert send_arguments("my_client.py", ["--show-settings"]) is None
    shown = capsys.readouterr().out
    assert "jim_1" not in shown
    assert "environment JIM_TOKEN" in shown


def test_a_wrong_id_is_told_what_an_id_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read("--since", "x")
    assert "a message's id is a number" in capsys.readouterr().err
