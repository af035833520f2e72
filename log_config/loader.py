"""Read a side's YAML, set logging up from it, and write out what waits."""

import atexit
import logging
import logging.config
import os
from pathlib import Path
from typing import Any

import yaml

from common.safe_text import visible
from errors import ExitCode, SettingsError
from log_config.call_log import call_log_of

__all__ = ["configure", "default_folder", "flush"]

# Each record would look these up, and no format of ours shows them.
logging.logThreads = False
logging.logMultiprocessing = False

_HERE = Path(__file__).resolve().parent

# Of each side, those that its loggers write to now.
_handlers: dict[str, list[logging.Handler]] = {}


def default_folder() -> Path:
    """Return where logs go unless one says otherwise: `logs/` in a checkout."""
    checkout = _HERE.parent
    if (checkout / "pyproject.toml").exists() and (checkout / "logs").is_dir():
        return checkout / "logs"
    import platformdirs

    return platformdirs.user_state_path("messenger") / "logs"


def configure(
    side: str, folder: Path, config: Path | None = None, *, texts: bool = False
) -> None:
    """Set up the logging of `side` ("server" or "client") as its YAML says.

    Log files go into `folder`, which is made; `config` is another YAML file than
    ours; `texts` lets message texts into the log. Call it again to follow a change.
    Raises SettingsError when the file is wrong or the folder can't be written.
    """
    call_log_of(side).finish()  # what was called till now, as it was asked for then
    config = config or _HERE / f"{side}.yaml"
    plan = _read(config)
    _leave_out_idle(plan, config)
    _place_files(plan, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logging.config.dictConfig(plan)
    except OSError as error:
        raise _unwritable(folder, error) from error
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            raise _unwritable(folder, cause) from error
        problem = f"{error}: {cause}" if cause else str(error)
        raise SettingsError(
            f"the logging configuration {config} is wrong: {problem}"
        ) from error
    finally:
        _handlers[side] = _handlers_below(side)
    call_log_of(side).configure(texts=texts)


def flush(side: str) -> None:
    """Write out the calls and records that wait; programs do it once a turn."""
    call_log_of(side).flush()
    for handler in _handlers.get(side, ()):
        handler.flush()


def _handlers_below(side: str) -> list[logging.Handler]:
    names = [name for name in logging.root.manager.loggerDict if _is_of(side, name)]
    loggers = map(logging.getLogger, names)
    return list(dict.fromkeys(one for logger in loggers for one in logger.handlers))


def _is_of(side: str, name: str) -> bool:
    return name == side or name.startswith(f"{side}.")


def _read(config: Path) -> dict[str, Any]:
    try:
        plan = yaml.safe_load(config.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"the logging configuration {config} can't be read: {error.strerror}"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: bad UTF-8, or a date that the calendar lacks.
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise SettingsError(
            f"the logging configuration {config} is not YAML{line}"
        ) from error
    if not isinstance(plan, dict):
        raise SettingsError(
            f"the logging configuration {config} must be a mapping, as of "
            "logging.config.dictConfig"
        )
    return plan


def _leave_out_idle(plan: dict[str, Any], config: Path) -> None:
    """Take out the handlers that nobody names: they would open what they write to."""
    handlers = plan.get("handlers", {})
    if not isinstance(handlers, dict):
        return
    named = _named_handlers(plan)
    for name in named - set(handlers):
        known = ", ".join(map(str, handlers))
        raise SettingsError(
            f"the logging configuration {config} is wrong: a list names the handler "
            f"{visible(name)}, which is none of {visible(known)}"
        )
    dicts = {name: one for name, one in handlers.items() if isinstance(one, dict)}
    targets = [one.get("target") for one in dicts.values()]
    for name in dicts:
        if name not in named and name not in targets:
            del handlers[name]


def _named_handlers(plan: dict[str, Any]) -> set[str]:
    """Return what the lists of the loggers name."""
    loggers = plan.get("loggers")
    users = [*(loggers.values() if isinstance(loggers, dict) else ()), plan.get("root")]
    lists = [one.get("handlers") for one in users if isinstance(one, dict)]
    names = [name for one in lists if isinstance(one, list) for name in one]
    return {name for name in names if isinstance(name, str)}


def _place_files(plan: dict[str, Any], folder: Path) -> None:
    handlers = plan.get("handlers")
    for handler in handlers.values() if isinstance(handlers, dict) else ():
        if isinstance(handler, dict) and "filename" in handler:
            handler["filename"] = os.fspath(folder / str(handler["filename"]))


def _unwritable(folder: Path, error: OSError) -> SettingsError:
    is_file = isinstance(error, FileExistsError)
    reason = "it is not a folder" if is_file else error.strerror
    return SettingsError(
        f"the log folder {folder} can't be written ({reason}); "
        "name another with --log-dir",
        ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None,
    )


def _finish() -> None:
    for side in ("server", "client"):
        call_log_of(side).finish()


# Ours runs before logging's own, which closes the handlers.
atexit.register(_finish)
