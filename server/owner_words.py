"""Tell the owner the next commands, and the place of the first invitation."""

import sys
from pathlib import Path
from shlex import quote

from decorators import log
from log_config.typed import typed
from server.store.files import default_folder

__all__ = ["OWNER_FILE", "owners_command"]

#: The first owner's invitation, in the data folder, while it is of use.
OWNER_FILE = "owner-invitation"


@log
def owners_command(words: str, folder: Path) -> str:
    """Return what to type here for a command of the owner's shell on `folder`."""
    where = "" if folder == default_folder() else f" --data-dir {quote(str(folder))}"
    return f"{typed('my_server.py', sys.argv[0])}{where} {words}"
