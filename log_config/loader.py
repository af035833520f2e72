"""Read a side's YAML, set logging up from it, and write out what waits."""

import atexit
import contextlib
import logging
import logging.config
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from common.safe_text import visible
from errors import ExitCode, SettingsError
from log_config.call_log import call_log_of
from log_config.foreign import contain
from log_config.plan import read_plan
from log_config.private_files import make_private_folder

__all__ = ["configure", "default_folder", "flush"]

# Each record would look these up, and no format of ours shows them.
logging.logThreads = False
logging.logMultiprocessing = False

_HERE = Path(__file__).resolve().parent

_ROOT = "root"  # what logging calls its root logger
# Of each side, the loggers that were set up, and the handlers that they write to now.
_names: dict[str, list[str]] = {}
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
    plan = read_plan(config)
    _place_files(plan, folder)
    names = list(dict.fromkeys([side, *_names.get(side, ()), *plan["loggers"]]))
    before = [_State.of(name) for name in [*names, _ROOT]]
    try:
        make_private_folder(folder)
        for name in names:
            _State(name).restore()  # what the file does not name any more is forgotten
        logging.config.dictConfig(plan)
    except Exception as error:
        # Anything: handlers that are not ours raise what they like, and an edited file
        # must not end a server.
        for state in before:
            state.restore()
        raise _wrong(config, folder, error) from error
    _names[side] = names
    users = [logging.getLogger(name) for name in names]
    users += [logging.getLogger()] if "root" in plan else []
    _handlers[side] = list(
        dict.fromkeys(one for user in users for one in user.handlers)
    )
    for handler in _handlers[side]:
        contain(handler)
    call_log_of(side).configure(texts=texts)
    if not _is_heard(side):
        _say(
            f"nobody hears what the {side} logs: no list of handlers of {side} or root "
            f"names one in {config}; write there, under loggers and {side}: "
            "handlers: [NAME]"
        )


def flush(side: str, *, quiet: bool = False) -> None:
    """Write out the calls and records that wait; programs do it once a turn.

    `quiet` says that nothing has happened in it: its calls are ticks, which are summed.
    """
    call_log_of(side).flush(quiet=quiet)
    for handler in _handlers.get(side, ()):
        handler.flush()


def _is_heard(side: str) -> bool:
    """Tell whether a line of `side` about the worst there is would get anywhere.

    A NullHandler in its list says that silence is meant.
    """
    one: logging.Logger | None = logging.getLogger(side)
    heard = one is not None and one.isEnabledFor(logging.CRITICAL)
    while heard and one is not None:
        # At the root stands one that every program puts there.
        is_named = one.parent is not None
        if any(is_named or type(h) is not logging.NullHandler for h in one.handlers):
            return True
        one = one.parent if one.propagate else None
    return False


class _State(NamedTuple):
    """How a logger is set up; without more than its name as one that is new."""

    name: str
    level: int = logging.NOTSET
    propagate: bool = True
    disabled: bool = False
    handlers: tuple[logging.Handler, ...] = ()
    filters: tuple[Any, ...] = ()

    @classmethod
    def of(cls, name: str) -> "_State":
        one = logging.getLogger(name)
        handlers, filters = tuple(one.handlers), tuple(one.filters)
        return cls(name, one.level, one.propagate, one.disabled, handlers, filters)

    def restore(self) -> None:
        one = logging.getLogger(self.name)
        one.setLevel(self.level)
        one.propagate, one.disabled = self.propagate, self.disabled
        one.handlers[:], one.filters[:] = self.handlers, self.filters


def _place_files(plan: dict[str, Any], folder: Path) -> None:
    for handler in plan["handlers"].values():
        if "filename" in handler:
            handler["filename"] = os.fspath(folder / str(handler["filename"]))


def _wrong(config: Path, folder: Path, error: Exception) -> SettingsError:
    cause = error.__cause__
    for one in (error, cause):
        if isinstance(one, OSError):
            return _unwritable(folder, one)
    problem = f"{error}: {cause}" if cause else str(error)
    return SettingsError(
        f"the logging configuration {config} is wrong: {visible(problem)}"
    )


def _unwritable(folder: Path, error: OSError) -> SettingsError:
    is_file = isinstance(error, FileExistsError)
    reason = "it is not a folder" if is_file else error.strerror
    what, cure = f"the log folder {folder}", "name another with --log-dir"
    if isinstance(error.filename, str):
        path = Path(error.filename)
        if path not in (folder, *folder.parents):
            what = f"the log file {path}"
            cure = "move away what is there, or name another folder with --log-dir"
    return SettingsError(
        f"{what} can't be written ({reason}); {cure}",
        ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None,
    )


def _say(sentence: str) -> None:
    # stderr may be closed, or a file on a full disk.
    with contextlib.suppress(OSError, ValueError):
        print(visible(sentence), file=sys.stderr)  # noqa: T201 - there is no log for it


def _finish() -> None:
    for side in ("server", "client"):
        call_log_of(side).finish()


# Ours runs before logging's own, which closes the handlers.
atexit.register(_finish)
