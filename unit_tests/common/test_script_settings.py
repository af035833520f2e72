from typing import Any

import pytest

from common.client_settings import ClientSettings
from common.script_settings import ScriptSettings, as_found, as_scripts_spell
from common.settings import Sources, resolve
from errors import SettingsError


def filled(
    flags: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    dotenv: dict[str, str | None] | None = None,
    file_values: object = None,
) -> ScriptSettings:
    sources = Sources(
        flags or {}, environment or {}, dotenv or {}, file_values, "my.yaml"
    )
    spelled = as_scripts_spell(sources)
    return resolve(ScriptSettings, spelled, known=(ClientSettings,)).values


def test_the_env_file_may_use_bare_names() -> None:
    values = filled(
        dotenv={
            "HOST": "chat.example",
            "PORT": "1",
            "READ_PORT": "2",
            "SEND_PORT": "3",
            "HISTORY": "log.txt",
            "TOKEN": "jim_1",
            "USERNAME": "oven",
        }
    )
    assert (values.host, values.port) == ("chat.example", 1)
    assert (values.read_port, values.send_port) == (2, 3)
    assert (values.history, values.token, values.username) == (
        "log.txt",
        "jim_1",
        "oven",
    )


def test_the_environment_may_not() -> None:
    values = filled(environment={"USERNAME": "desktop", "HOST": "here", "TOKEN": "x"})
    assert values == ScriptSettings()


def test_a_name_with_its_prefix_counts_in_both() -> None:
    assert filled(environment={"JIM_HOST": "a"}).host == "a"
    assert filled(dotenv={"JIM_HOST": "b"}).host == "b"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({}, "localhost"),
        ({"file_values": {"host": "file"}}, "file"),
        ({"file_values": {"address": "file"}}, "file"),
        ({"file_values": {"host": "own", "address": "other"}}, "own"),
        ({"file_values": {"host": "file"}, "dotenv": {"HOST": "env"}}, "env"),
        ({"dotenv": {"HOST": "bare", "JIM_HOST": "prefixed"}}, "prefixed"),
        ({"dotenv": {"JIM_ADDRESS": "other", "HOST": "bare"}}, "bare"),
        ({"environment": {"JIM_ADDRESS": "real"}, "dotenv": {"HOST": "env"}}, "real"),
        ({"environment": {"JIM_HOST": "own", "JIM_ADDRESS": "other"}}, "own"),
        ({"flags": {"host": "flag"}, "environment": {"JIM_HOST": "real"}}, "flag"),
    ],
)
def test_the_stronger_place_wins(given: dict[str, Any], host: str) -> None:
    assert filled(**given).host == host


def test_a_wrong_token_is_not_quoted() -> None:
    with pytest.raises(SettingsError) as caught:
        filled(file_values={"token": [4711]})
    assert "4711" not in str(caught.value)


def test_what_the_client_needs_is_handed_on() -> None:
    values = filled(
        {"host": "h", "port": 1, "tls": True, "fingerprint": "f", "timeout": 3.0}
    )
    assert values.for_client() == ClientSettings(
        address="h", port=1, tls=True, fingerprint="f", timeout_seconds=3.0
    )


@pytest.mark.parametrize(
    ("environment", "dotenv", "setting", "origin"),
    [
        ({"JIM_ADDRESS": "a"}, {}, "host", "environment JIM_ADDRESS"),
        ({"JIM_HOST": "a"}, {}, "host", "environment JIM_HOST"),
        ({}, {"HOST": "a"}, "host", ".env HOST"),
        ({}, {"TOKEN": "a"}, "token", ".env TOKEN"),
        ({}, {"JIM_TOKEN": "a"}, "token", ".env JIM_TOKEN"),
        ({}, {}, "host", "default"),
    ],
)
def test_where_a_value_came_from_is_said_as_it_is_spelled_there(
    environment: dict[str, str],
    dotenv: dict[str, str | None],
    setting: str,
    origin: str,
) -> None:
    found = Sources({}, environment, dotenv)
    resolved = resolve(ScriptSettings, as_scripts_spell(found), known=(ClientSettings,))
    assert str(as_found(resolved.sources[setting], found)) == origin


def test_what_is_wrong_is_named_as_it_is_spelled_there() -> None:
    found = Sources({}, {}, {"PORT": "abc"})
    with pytest.raises(SettingsError, match=r"the \.env PORT is wrong"):
        resolve(
            ScriptSettings,
            as_scripts_spell(found),
            spelled=lambda source: as_found(source, found),
        )
