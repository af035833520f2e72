"""What every program of ours does around its work: a sentence for each failure."""

import io
import logging
import os
import sys
import traceback
from collections.abc import Callable

from errors import ExitCode, MessengerError, ProgramError

__all__ = ["run_program", "silence_output"]


def run_program(name: str, logger: logging.Logger, work: Callable[[], int]) -> int:
    """Do `work` and return its exit code; whatever it raises becomes one on stderr.

    A user gets a sentence that begins with the program's `name`; the traceback of a
    fault of ours goes to `logger` only. The log is written out at the end.
    """
    _open_closed_streams()
    _escape_what_no_terminal_knows()
    # Before the log is set up a traceback goes nowhere, and not to stderr.
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
    code = _attempt(name, logger, work)
    try:
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer can't be written, and Python would try again at its
        # end, with a code of its own and words that are for nobody.
        silence_output()
        if code == ExitCode.DONE and not isinstance(error, BrokenPipeError):
            print(f"{name}: {error.strerror or error}", file=sys.stderr)
            return ExitCode.REFUSED
    return code


def _attempt(name: str, logger: logging.Logger, work: Callable[[], int]) -> int:
    try:
        return work()
    except MessengerError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return error.exit_code if isinstance(error, ProgramError) else ExitCode.REFUSED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as error:
        # Such as standard output on a full disk.
        logger.exception("the system refused something")
        print(f"{name}: {error.strerror or error}", file=sys.stderr)
        return ExitCode.REFUSED
    except Exception as error:
        logger.exception("a fault of ours ended the program")
        print(f"{name}: a fault of ours; {_where(error)}", file=sys.stderr)
        return ExitCode.REFUSED
    finally:
        logging.shutdown()


def _where(error: Exception) -> str:
    """Return where the fault is, for whoever reports it: no values, only places.

    A program that is short-lived, such as a command of the owner's shell, has no log.
    """
    if any(
        not isinstance(one, logging.NullHandler) for one in logging.getLogger().handlers
    ):
        return "the log says where"
    code, line = list(traceback.walk_tb(error.__traceback__))[-1]
    file = code.f_code.co_filename.rpartition("/")[2]
    return f"please report it: {type(error).__name__} in {file}, line {line}"


def _open_closed_streams() -> None:
    """Put nothing where a standard stream was closed by who started us.

    Else the next file or connection would get its number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


def _escape_what_no_terminal_knows() -> None:
    """Let no text end a program on an output that speaks Latin-1, KOI8-R or ASCII.

    What such an output can't say is written as an escape, as Python spells it.
    """
    for stream in (sys.stdout, sys.stderr):
        # Another one is a test's.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_output() -> None:
    """Let nothing more fail on an output that takes nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
