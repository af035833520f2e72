"""Gather a program's settings: its flags, the environment, `.env`, the settings file.

Pure like all of `common/`: the caller brings the function that reads a file.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

from common.settings import PREFIX, Sources
from errors import SettingsError

__all__ = ["gather"]

_FILE = "settings"
_DOTENV = ".env"


def gather(
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    read_text: Callable[[str], str],
) -> Sources:
    """Return all places where settings were found, for `settings.resolve`.

    `flags` are the flags that were given, by field name; the settings file is named by
    the flag --settings or by JIM_SETTINGS. `read_text` returns a file's text or raises
    OSError; a missing `.env` is no error. Raises SettingsError.
    """
    variable = PREFIX + _FILE.upper()
    mine = {k: v for k, v in environment.items() if k != variable}
    dotenv = _read_dotenv(read_text)
    name = flags.get(_FILE) or environment.get(variable) or dotenv.pop(variable, None)
    dotenv.pop(variable, None)
    given = {key: value for key, value in flags.items() if key != _FILE}
    if not name:
        return Sources(given, mine, dotenv)
    return Sources(given, mine, dotenv, _read_yaml(name, read_text), name)


def _read_dotenv(read_text: Callable[[str], str]) -> dict[str, str | None]:
    try:
        text = read_text(_DOTENV)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the file {_DOTENV} can't be read: {_why(error)}"
        ) from error
    import dotenv

    return dict(dotenv.dotenv_values(stream=io.StringIO(text)))


def _read_yaml(name: str, read_text: Callable[[str], str]) -> object:
    try:
        text = read_text(name)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the settings file {name} can't be read: {_why(error)}"
        ) from error
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date that the calendar lacks.
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(f"the settings file {name} is not YAML{where}") from error


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or "it is not UTF-8 text"
