"""Say in one sentence what the machine lacks, before what needs it is imported.

The entry points import this module first of ours. An old Python has to get this far:
here, in the entry points and in `log_config/__init__.py` stands only what Python 3.6
can read, and here no call log and no error tree is imported.
"""

import importlib.util
import os
import sys

__all__ = ["check", "complaint"]

_OLDEST = (3, 11)
_NAMED = ("python3.14", "python3.13", "python3.12", "python3.11")
_MOST_NAMED = 3
_EXIT_CODE = 78  # errors.ExitCode.SETTINGS, which an old Python can't import

# The modules of what pyproject.toml requires; a test keeps the two together.
_PACKAGES = (
    "argon2",
    "cryptography",
    "dotenv",
    "idna",
    "msgspec",
    "platformdirs",
    "prompt_toolkit",
    "psutil",
    "segno",
    "shtab",
    "wcwidth",
    "yaml",
)
# Parts of Python itself that are missing where it was built without their libraries.
_PARTS = ("_sqlite3", "_ssl")

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def check(program: str) -> None:
    """End the program, whose file is `program`, with a sentence where it can't run."""
    said = complaint()
    if said:
        name = os.path.basename(program)
        sys.stderr.write(f"{name}: {said.replace('PROGRAM', name)}\n")
        sys.exit(_EXIT_CODE)


def complaint() -> str:
    """Return what is missing and what to type, with PROGRAM for the program's name.

    Empty where nothing is missing.
    """
    if sys.platform in ("win32", "cygwin"):
        return (
            "this system is Windows, where it does not run; install Linux into it and "
            "start it there:\n  wsl --install"
        )
    if sys.version_info < _OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        return (
            f"Python 3.11 or newer is needed, and {sys.executable} is {version}; "
            + _with_another_python()
        )
    lacking = [part for part in _PARTS if not _is_there(part)]
    if lacking:
        parts = " and ".join(part.lstrip("_") for part in lacking)
        return f"{sys.executable} was built without {parts}; {_with_another_python()}"
    lacking = [package for package in _PACKAGES if not _is_there(package)]
    if lacking:
        return f"{sys.executable} has no {_some(lacking)}; {_with_packages()}"
    return ""


def _some(names: "list[str]") -> str:
    """Return the names, but not a screen full of them."""
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _with_another_python() -> str:
    """Return what to type where this Python is of no use."""
    ready = _with_environment()
    if ready:
        return ready
    newer = [name for name in _NAMED if _is_new(name)]
    if not _is_checkout():
        return "install it with another Python"
    if newer:
        return "type this once, then start it as the last lines say:\n" + _row(
            "make run PYTHON=" + newer[0]
        )
    return "install one (on Debian: apt install python3), then type:\n" + _row(
        "make run"
    )


def _is_new(python: str) -> bool:
    """Tell whether a Python starts, and is new enough; pyenv has mere stand-ins."""
    # Imported late: it is needed where something is missing.
    import subprocess

    code = f"import sys; sys.exit(sys.version_info < {_OLDEST})"
    try:
        return not subprocess.call([python, "-c", code], stderr=subprocess.DEVNULL)
    except OSError:
        return False


def _with_packages() -> str:
    """Return what to type where only packages are missing."""
    if not _is_checkout():
        return "install it again:\n  pipx reinstall messenger"
    ready = _with_environment()
    if ready:
        return ready
    return "type this once, then start it as the last lines say:\n" + _row("make run")


def _with_environment() -> str:
    """Return what to type where `make run` has set up an environment; else nothing."""
    python = os.path.join(_ROOT, ".venv", "bin", "python")
    stamps = (os.path.join(_ROOT, ".venv", stamp) for stamp in (".run", ".dev"))
    is_ours = os.path.abspath(sys.prefix) == os.path.join(_ROOT, ".venv")
    if is_ours or not os.path.exists(python) or not any(map(os.path.exists, stamps)):
        return ""
    if _is_here():
        return "type instead:\n  .venv/bin/python PROGRAM"
    return f"type instead:\n  {python} {os.path.join(_ROOT, 'PROGRAM')}"


def _row(command: str) -> str:
    """Return a command for the checkout, as it is typed from where the user is."""
    if _is_here():
        return "  " + command
    return "  " + command.replace("make ", f"make -C {_ROOT} ", 1)


def _is_checkout() -> bool:
    return os.path.exists(os.path.join(_ROOT, "Makefile"))


def _is_here() -> bool:
    return os.path.abspath(os.curdir) == _ROOT


check(sys.argv[0])
