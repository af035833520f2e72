import asyncio
import os
import threading
from pathlib import Path

import pytest

from client.credentials import (
    TokenFile,
    check_password,
    read_password_file,
    run_password_command,
)
from common.names import Secret
from errors import ExitCode, ProgramError, SettingsError, TimedOut

SERVER = "localhost:7777"
PASSWORD = Secret("correct horse ёлка")


def written(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "password"
    file.write_bytes(content)
    file.chmod(mode)
    return file


MARK = "\ufeff".encode()


@pytest.mark.parametrize("begin", [b"", MARK])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_holds_a_password_with_or_without_a_mark_and_a_newline(
    tmp_path: Path, begin: bytes, end: bytes
) -> None:
    found = read_password_file(written(tmp_path, begin + PASSWORD.encode() + end))
    assert (found.password, found.warning) == (PASSWORD, "")


@pytest.mark.parametrize("begin", [b"", MARK])
@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_a_mark_and_a_newline_change_nothing_at_the_limit(
    tmp_path: Path, begin: bytes, end: bytes
) -> None:
    longest = begin + b"x" * 256 + end
    assert read_password_file(written(tmp_path, longest)).password == "x" * 256
    with pytest.raises(SettingsError, match="longer than 256 bytes"):
        read_password_file(written(tmp_path, begin + b"x" * 257 + end))


def test_only_the_last_newline_of_a_file_is_not_the_passwords(tmp_path: Path) -> None:
    assert read_password_file(written(tmp_path, b" a\nb \n\n")).password == " a\nb \n"


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path, PASSWORD.encode(), mode)
    found = read_password_file(file)
    assert found.password == PASSWORD
    assert found.warning == (
        f"others can read the password file {file}: chmod 600 mends it"
    )


def test_a_pipe_is_a_file_too(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o666)
    writer = threading.Thread(target=pipe.write_bytes, args=(PASSWORD.encode(),))
    writer.start()
    assert read_password_file(pipe) == (PASSWORD, "")
    writer.join()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the password is empty"),
        (b"\n", "the password is empty"),
        (b"hunter2" * 40, "longer than 256 bytes"),
        (b"hunter2\xff", "is not UTF-8 text"),
    ],
)
def test_a_file_without_a_usable_password_is_refused_without_a_quote(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    file = written(tmp_path, content)
    with pytest.raises(SettingsError, match=problem) as refused:
        read_password_file(file)
    assert str(file) in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_password_of_256_bytes_is_taken(tmp_path: Path) -> None:
    assert read_password_file(written(tmp_path, b"x" * 256 + b"\r\n")).password


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read: No such file") as refused:
        read_password_file(tmp_path / "none")
    assert refused.value.exit_code == ExitCode.SETTINGS


@pytest.mark.parametrize(
    ("command", "password"),
    [
        ("echo 'two words'", "two words"),
        ("printf 'no newline'", "no newline"),
        ("printf '\\357\\273\\277marked\\n'", "marked"),
        ("printf 'first\\r\\nuser: alice\\n'", "first"),
        ("echo first; yes | head -c 300000", "first"),
        ("cat; echo 'no input'", "no input"),
        ("echo noise >&2; echo quiet", "quiet"),
    ],
)
def test_a_command_prints_a_password(command: str, password: str) -> None:
    assert asyncio.run(run_password_command(Secret(command))) == password


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("echo hunter2; exit 3", "ended with exit code 3"),
        ("echo hunter2 >&2; exit 3", "ended with exit code 3"),
        ("echo hunter2; kill -9 $$", "ended of signal 9"),
        ("no-such-command-hunter2", "ended with exit code 127"),
        ("true", "the password is empty"),
        ("printf 'hunter2\\377'", "is not UTF-8"),
        ("printf '%0300d' 0", "longer than 256 bytes"),
    ],
)
def test_a_command_that_gives_none_is_refused_without_a_quote(
    command: str, problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ProgramError, match=problem) as refused:
        asyncio.run(run_password_command(Secret(command)))
    out, err = capfd.readouterr()
    assert "hunter2" not in str(refused.value) + out + err


def test_a_command_that_does_not_end_is_ended() -> None:
    with pytest.raises(TimedOut, match=r"has not ended after 0\.1 s"):
        asyncio.run(run_password_command(Secret("exec sleep 60"), 0.1))


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("x", ""),
        ("x" * 256, ""),
        ("", "the password is empty"),
        ("я" * 129, "the password is longer than 256 bytes"),
        ("\udcff" * 257, "the password is longer than 256 bytes"),
    ],
)
def test_what_no_server_takes_is_known_before(password: str, problem: str) -> None:
    assert check_password(Secret(password)) == problem


def test_a_token_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    assert TokenFile(folder, SERVER, "alice").write(Secret("one")) == ""
    assert TokenFile(folder, SERVER, "Alice").read() == "one"
    (file,) = folder.iterdir()
    modes = folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777
    assert modes == (0o700, 0o600)


def test_every_name_and_server_has_a_token_of_its_own(tmp_path: Path) -> None:
    TokenFile(tmp_path, SERVER, "alice").write(Secret("one"))
    for server, name in (
        (SERVER, "bob"),
        ("localhost:7778", "alice"),
        (SERVER, "../x"),
        (SERVER, "bad \udcff"),
    ):
        assert TokenFile(tmp_path, server, name).read() is None


def test_a_new_token_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    token = TokenFile(tmp_path, SERVER, "alice")
    token.write(Secret("one"))
    token.write(Secret("two"))
    assert token.read() == "two"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_token_is_forgotten_unless_another_process_has_a_new_one(
    tmp_path: Path,
) -> None:
    token = TokenFile(tmp_path, SERVER, "alice")
    token.write(Secret("new"))
    token.forget(Secret("old"))
    assert token.read() == "new"
    token.forget(Secret("new"))
    assert token.read() is None
    token.forget()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"token":""}', b"\xff"])
def test_a_broken_file_holds_no_token(tmp_path: Path, content: bytes) -> None:
    token = TokenFile(tmp_path, SERVER, "alice")
    token.write(Secret("one"))
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert token.read() is None


def test_a_token_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    problem = TokenFile(blocked / "tokens", SERVER, "alice").write(Secret("s3cret"))
    assert "will ask for the password again" in problem
    assert "s3cret" not in problem
