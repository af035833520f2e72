from collections.abc import Callable

import pytest

from common.server_settings import ServerSettings
from common.settings import resolve
from common.sources import gather
from errors import ExitCode, SettingsError

ReadText = Callable[[str], str]


def disk(files: dict[str, str]) -> ReadText:
    """Return a reader of a disk that holds only `files`."""

    def read_text(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return files[name]

    return read_text


def complaint(flags: dict[str, str], read_text: ReadText) -> str:
    with pytest.raises(SettingsError) as caught:
        gather(flags, {}, read_text)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_anything_there_is_nothing() -> None:
    sources = gather({}, {}, disk({}))
    assert (sources.flags, sources.environment, sources.dotenv) == ({}, {}, {})
    assert (sources.file_values, sources.file_name) == (None, "")


def test_all_four_places_are_gathered() -> None:
    files = {".env": "JIM_PORT=3000\nJIM_IP='::1' # here", "my.yaml": "port: 4000"}
    flags = {"port": "1111", "settings": "my.yaml"}
    sources = gather(flags, {"JIM_PORT": "2222"}, disk(files))
    assert sources.flags == {"port": "1111"}
    assert sources.environment == {"JIM_PORT": "2222"}
    assert sources.dotenv == {"JIM_PORT": "3000", "JIM_IP": "::1"}
    assert sources.file_values == {"port": 4000}
    assert sources.file_name == "my.yaml"


def test_a_byte_order_mark_in_front_is_no_part_of_the_first_name() -> None:
    files = {".env": "\ufeffJIM_PORT=3000\n", "my.yaml": "\ufeffport: 4000\n"}
    sources = gather({"settings": "my.yaml"}, {}, disk(files))
    assert sources.dotenv == {"JIM_PORT": "3000"}
    assert sources.file_values == {"port": 4000}


@pytest.mark.parametrize(
    ("flag", "variable", "dotenv", "chosen"),
    [
        ("flag.yaml", "var.yaml", "env.yaml", 1),
        ("", "var.yaml", "env.yaml", 2),
        ("", "", "env.yaml", 3),
        ("", "", "", None),
    ],
)
def test_the_settings_file_is_named_by_the_strongest_place(
    flag: str, variable: str, dotenv: str, chosen: int | None
) -> None:
    files = {"flag.yaml": "rooms: 1", "var.yaml": "rooms: 2", "env.yaml": "rooms: 3"}
    files[".env"] = f"JIM_SETTINGS={dotenv}"
    sources = gather(
        {"settings": flag} if flag else {},
        {"JIM_SETTINGS": variable} if variable else {},
        disk(files),
    )
    assert sources.file_values == (chosen and {"rooms": chosen})
    # That is no setting of the table, and must not be taken for an unknown one.
    rooms = resolve(ServerSettings, sources).values.rooms
    assert rooms == (chosen or ServerSettings().rooms)


def test_a_settings_file_that_is_not_there_is_one_sentence() -> None:
    sentence = complaint({"settings": "my.yaml"}, disk({}))
    assert "my.yaml can't be read: No such file or directory" in sentence


@pytest.mark.parametrize(
    "text",
    ["port: [", "a: 2020-13-45", "[" * 1000, "\x00", "a: !!python/name:os.system ''",
     "\tport: 1", "a: b: c"],
)  # fmt: skip
def test_a_settings_file_that_is_not_yaml_is_one_sentence(text: str) -> None:
    sentence = complaint({"settings": "my.yaml"}, disk({"my.yaml": text}))
    assert "the settings file my.yaml is not YAML" in sentence


def test_what_is_not_yaml_names_the_line() -> None:
    files = {"my.yaml": "port: 1\n\nip: ]"}
    assert "line 3" in complaint({"settings": "my.yaml"}, disk(files))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (IsADirectoryError(21, "Is a directory"), "Is a directory"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", [".env", "my.yaml"])
def test_a_file_that_cannot_be_read_is_one_sentence(
    name: str, fault: Exception, reason: str
) -> None:
    def read_text(asked: str) -> str:
        if asked == name:
            raise fault
        return ""

    sentence = complaint({"settings": "my.yaml"}, read_text)
    assert name in sentence
    assert reason in sentence
