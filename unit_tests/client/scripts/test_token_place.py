import asyncio
from pathlib import Path

import pytest

from client.credentials import TokenFile
from client.scripts.identity import make_account
from client.scripts.token_place import TokenPlace
from client.tls import Trust
from common.names import Name
from common.script_settings import ScriptSettings
from errors import ExitCode, SettingsError, TimedOut


def token_place(folder: Path, *, named: Path | None) -> TokenPlace:
    settings = ScriptSettings(token_file=str(named or ""))
    return TokenPlace(settings, TokenFile(folder, "localhost:7777", "oven"))


@pytest.mark.parametrize("named", [True, False])
def test_no_account_is_made_whose_token_could_not_be_kept(
    tmp_path: Path, named: bool
) -> None:
    (tmp_path / "file").touch()
    nowhere = tmp_path / "file" / "t"
    place = token_place(nowhere, named=nowhere if named else None)
    settings = ScriptSettings(username=Name("oven"))
    with pytest.raises(SettingsError, match="can't be written") as caught:
        # Nobody is there, and nobody is asked.
        asyncio.run(make_account(settings, Trust(settings.for_client()), place))
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert named or "--token-file" in str(caught.value)


@pytest.mark.parametrize("named", [True, False])
def test_one_of_us_makes_an_account_at_a_time(tmp_path: Path, named: bool) -> None:
    file = tmp_path / "t" if named else None
    first, second = (token_place(tmp_path, named=file) for _ in range(2))

    async def meet() -> None:
        await first.reserve(1)
        with pytest.raises(TimedOut, match="another program of yours"):
            await second.reserve(0.01)
        waiting = asyncio.create_task(second.reserve(30))
        first.release()
        await waiting
        second.release()

    asyncio.run(meet())
    assert [path.name for path in tmp_path.iterdir()] == (["t"] if named else [])
