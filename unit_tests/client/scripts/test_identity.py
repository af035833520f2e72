import asyncio
import json
from pathlib import Path

import pytest

from client.credentials import TokenFile
from client.scripts.identity import Identity, find_identity, make_account
from client.scripts.token_place import Account, TokenPlace
from client.tls import Trust
from common.names import Name, Secret
from common.script_settings import ScriptSettings
from errors import ExitCode, ProgramError, SettingsError

OVEN = Account(Name("oven"), Secret("jim_1"))


def place(folder: Path, **given: str) -> tuple[ScriptSettings, TokenPlace]:
    settings = ScriptSettings(**given)  # type: ignore[arg-type]
    own = TokenFile(folder / "tokens", "localhost:7777", settings.username)
    return settings, TokenPlace(settings, own)


def found(folder: Path, **given: str) -> Identity:
    return find_identity(*place(folder, **given))


@pytest.mark.parametrize(
    ("content", "identity"),
    [
        ("jim_1\n", Identity(Name("asked"), Secret("jim_1"))),
        (
            '{"nickname": "oven", "account_hash": "jim_1"}\n',
            Identity(Name("oven"), Secret("jim_1")),
        ),
        ("", Identity(Name("asked"), None)),
    ],
)
def test_a_token_file_holds_a_token_or_the_line_of_a_minechat_server(
    tmp_path: Path, content: str, identity: Identity
) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    file.chmod(0o600)
    assert found(tmp_path, token_file=str(file), username="asked") == identity


def test_a_token_alone_needs_no_name(tmp_path: Path) -> None:
    assert found(tmp_path, token="jim_1") == Identity(Name(""), Secret("jim_1"))


def test_a_file_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert found(tmp_path, token_file=str(tmp_path / "t")).token is None


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 5_000])
def test_a_file_that_holds_something_else_is_an_error_that_quotes_nothing(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        found(tmp_path, token_file=str(file))
    assert "xx" not in str(caught.value)
    with pytest.raises(SettingsError, match="directory"):
        found(tmp_path, token_file=str(tmp_path))


def test_a_file_that_others_can_read_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    file.write_text("jim_1")
    file.chmod(0o644)
    found(tmp_path, token_file=str(file))
    assert "chmod 600" in capsys.readouterr().err


@pytest.mark.parametrize("named", [True, False])
def test_a_token_is_kept_for_the_next_time_and_for_nobody_else(
    tmp_path: Path, named: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"username": "oven"} | (
        {"token_file": str(tmp_path / "t")} if named else {}
    )
    place(tmp_path, **given)[1].write(OVEN)
    assert found(tmp_path, **given) == Identity(Name("oven"), Secret("jim_1"))
    said = capsys.readouterr().err
    assert str(tmp_path / ("t" if named else "tokens")) in said
    assert "jim_1" not in said
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert [one.stat().st_mode & 0o777 for one in files] == [0o600]


def test_the_named_file_is_what_a_minechat_client_reads(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.write_text("something longer than what takes its place" * 9)
    place(tmp_path, token_file=str(file))[1].write(OVEN)
    assert json.loads(file.read_text()) == {
        "nickname": "oven",
        "account_hash": "jim_1",
    }


def test_without_a_name_no_account_is_made(tmp_path: Path) -> None:
    settings, tokens = place(tmp_path)
    with pytest.raises(ProgramError, match="who are you") as caught:
        asyncio.run(make_account(settings, Trust(settings.for_client()), tokens))
    assert caught.value.exit_code == ExitCode.USAGE
