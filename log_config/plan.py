"""Read a logging configuration, and say by name which of its values is wrong.

What is wrong would be found by the first line that is written, or by the first
rotation, days later. So each value is checked here, before anything is changed.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from common.safe_text import visible
from errors import SettingsError
from log_config.yaml_words import parse

__all__ = ["OPTIONS", "read_plan"]

# What dictConfig would pass over in silence where it is spelled otherwise.
_SECTIONS = ("formatters", "filters", "handlers", "loggers")
_PARTS = ("version", "disable_existing_loggers", "incremental", *_SECTIONS, "root")
_OF_A_LOGGER = ("level", "handlers", "propagate", "filters")
_OF_EACH_HANDLER = ("class", "formatter", "level", "filters")
# Less is no file of ten lines: somebody meant MiB.
_LEAST_BYTES = 1024
# Each of them is looked for at a rotation, while everybody waits.
_MOST_BACKUPS = 1000
_LONGEST_SHOWN = 40


class _Wrong(Exception):
    """A value that can't be used: its name, and what is to be written."""


def read_plan(config: Path) -> dict[str, Any]:
    """Return what `config` asks of dictConfig, without the handlers nobody names.

    Raises SettingsError with a sentence that names the value and the cure.
    """
    try:
        plan = _checked(parse(config.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(
            f"the logging configuration {config} can't be read: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"the logging configuration {config} is not UTF-8 text"
        ) from error
    except (_Wrong, ValueError) as error:
        raise SettingsError(
            f"the logging configuration {config} is wrong: {visible(str(error))}"
        ) from error
    return plan


def _checked(plan: object) -> dict[str, Any]:
    if not isinstance(plan, dict):
        raise _Wrong("it must be a mapping, as of logging.config.dictConfig")
    _known("it", plan, _PARTS)
    if plan.get("version") != 1 or isinstance(plan["version"], bool):
        raise _Wrong("version is missing or another one: write version: 1")
    # Else what is not named would fall silent: dictConfig's own default is true.
    _truth("disable_existing_loggers", plan.setdefault(_PARTS[1], False))
    if plan.get("incremental"):
        raise _Wrong("incremental can't be true: the whole file counts; take it out")
    for section in _SECTIONS:
        # An empty section is None, which dictConfig does not take.
        plan[section] = plan.get(section) or {}
        for name, entry in _mapping(section, plan[section]).items():
            _text(f"a name in {section}", name)
            _mapping(f"{section}.{name}", entry)
    if "root" in plan:
        _mapping("root", plan["root"])
    _check_loggers(plan)
    _leave_out_idle(plan)
    for name, handler in plan["handlers"].items():
        _check_handler(f"handlers.{name}", handler, plan)
    return plan


def _check_loggers(plan: dict[str, Any]) -> None:
    for path, logger in _loggers(plan):
        _known(path, logger, _OF_A_LOGGER)
        if "propagate" in logger:
            _truth(f"{path}.propagate", logger["propagate"])
        for key in ("handlers", "filters"):
            _names(f"{path}.{key}", logger.get(key), plan[key])


def _loggers(plan: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    yield from ((f"loggers.{name}", one) for name, one in plan["loggers"].items())
    if "root" in plan:
        yield "root", plan["root"]


def _leave_out_idle(plan: dict[str, Any]) -> None:
    """Take out the handlers that nobody names: they would open what they write to."""
    handlers = plan["handlers"]
    named = {name for _, one in _loggers(plan) for name in one.get("handlers") or ()}
    targets = [handler.get("target") for handler in handlers.values()]
    for name in list(handlers):
        if name not in named and name not in targets:
            del handlers[name]


def _check_handler(path: str, handler: dict[str, Any], plan: dict[str, Any]) -> None:
    if "class" not in handler and "()" not in handler:
        raise _Wrong(f"{path} has no class: write class: {next(iter(OPTIONS))}")
    _names(f"{path}.filters", handler.get("filters"), plan["filters"])
    formats = plan["formatters"]
    if "formatter" in handler and handler["formatter"] not in formats:
        raise _Wrong(
            f"{path}.formatter is {_shown(handler['formatter'])}, which is none of "
            f"{_listed(formats)}"
        )
    ours = OPTIONS.get(str(handler.get("class")))
    if ours is None:
        return
    if "formatter" not in handler:
        raise _Wrong(f"{path} has no formatter: write one of {_listed(formats)}")
    _known(path, handler, (*_OF_EACH_HANDLER, *ours))
    for option, check in ours.items():
        if option in handler:
            check(f"{path}.{option}", handler[option])


# ------------------------------------------------------- what a value may be


def _known(path: str, mapping: dict[str, Any], known: Iterable[str]) -> None:
    for key in mapping:
        if key not in known:
            raise _Wrong(f"{path} has {_shown(key)}, which is none of {_listed(known)}")


def _mapping(path: str, value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _Wrong(f"{path} is {_shown(value)}: it takes names with a value each")


def _names(path: str, value: object, known: Iterable[str]) -> None:
    """Require a list of names that are known; nothing at all is an empty list."""
    if value is None:
        return
    if not isinstance(value, list):
        raise _Wrong(f"{path} is {_shown(value)}: it takes a list, such as [file]")
    for name in value:
        if not isinstance(name, str) or name not in known:
            raise _Wrong(
                f"{path} names {_shown(name)}, which is none of {_listed(known)}"
            )


def _text(path: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise _Wrong(f"{path} is {_shown(value)}: it takes a text, else in quotes")


def _truth(path: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _Wrong(f"{path} is {_shown(value)}: it takes true or false")


def _whole(path: str, value: object, unit: str, most: int | None = None) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        if most is None or value <= most:
            return value
        raise _Wrong(f"{path} is {value}: it takes {most} {unit} at most")
    raise _Wrong(
        f"{path} is {_shown(value)}: it takes a whole number of {unit}, in digits"
    )


def _size(path: str, value: object) -> None:
    if 0 < _whole(path, value, "bytes") < _LEAST_BYTES:
        raise _Wrong(
            f"{path} is {value}: it counts bytes, at least {_LEAST_BYTES}; 10 MiB are "
            "10485760, and 0 is no limit"
        )


def _count(path: str, value: object) -> None:
    _whole(path, value, "files", _MOST_BACKUPS)


def _address(path: str, value: object) -> None:
    if isinstance(value, str) and value:
        return
    if not (
        isinstance(value, list)
        and list(map(type, value)) == [str, int]
        and 0 < value[1] < 65536
    ):
        raise _Wrong(
            f"{path} is {_shown(value)}: it takes a path such as /dev/log, or host and "
            "port such as [192.0.2.1, 514]"
        )


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names)) or "nothing: none is described"


#: What our own handlers take; others are asked by dictConfig.
OPTIONS: dict[str, dict[str, Callable[[str, object], None]]] = {
    "log_config.handlers.SharedFileHandler": {
        "filename": _text,
        "max_bytes": _size,
        "backups": _count,
        "at_midnight": _truth,
        "hourly_bytes": _size,
    },
    "log_config.syslog.SystemLogHandler": {
        "address": _address,
        "facility": _text,
        "ident": _text,
    },
}
