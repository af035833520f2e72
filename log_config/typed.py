"""Say how a program of ours is started from where the user is."""

import os
import shlex
import shutil
import sys

from common.command_line import INSTALLED

__all__ = ["typed"]

_CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def typed(program: str, argv0: str) -> str:
    """Return what to type, here and now, for the program whose file is `program`.

    `argv0` is the path of the one that runs: where that is an installed copy, so is
    the other. A checkout's is started by its Python, by paths as short as may be.
    """
    folder, _, name = argv0.rpartition("/")
    for pair in INSTALLED:
        if name in pair.values():
            other = pair[program]
            is_found = not folder or shutil.which(name) == argv0
            return other if is_found else shlex.quote(f"{folder}/{other}")
    here = os.getcwd()
    python = sys.executable
    if shutil.which("python") == python:
        python = "python"
    elif python.startswith(f"{here}/"):
        python = os.path.relpath(python, here)
    file = program if here == _CHECKOUT else os.path.join(_CHECKOUT, program)
    return f"{shlex.quote(python)} {shlex.quote(file)}"
