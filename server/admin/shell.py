"""What every command of the owner's shell works with."""

import argparse
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from common.server_settings import ServerSettings
from decorators import log
from server.admin.office import Office, data_folder, open_office
from server.admin.printing import Printer

__all__ = ["Shell"]


class Shell(NamedTuple):
    """The settings in force, what was given on the command line, and the output."""

    settings: ServerSettings
    given: argparse.Namespace
    out: Printer

    @property
    @log
    def folder(self) -> Path:
        """Return the data folder."""
        return data_folder(self.settings)

    @log
    def office(self, *, makes: bool = False) -> AbstractContextManager[Office]:
        """Give the running server, or the files; see `open_office`."""
        return open_office(self.settings, makes=makes)
