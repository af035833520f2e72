"""Build the command line of a client that a launcher starts."""

from __future__ import annotations

import sys
from pathlib import Path

from common.launcher_settings import LauncherSettings
from common.names import Label
from decorators import log
from launch.demo import wanted_fingerprint
from launch.local_server import Place

__all__ = ["absolute", "client_command"]

_CLIENT = Path(__file__).resolve().parent.parent / "my_client.py"


@log
def client_command(
    settings: LauncherSettings, log_folder: Path, place: Place
) -> list[str]:
    """Return what starts a client of the server at `place`, but for its name."""
    command = [sys.executable, str(_CLIENT), place.address, str(place.port)]
    if settings.tls is not None:
        command += ["--tls" if settings.tls else "--no-tls"]
    if settings.ca:
        command += ["--ca", absolute(settings.ca)]
    fingerprint = wanted_fingerprint(settings, place)
    if fingerprint:
        command += ["--fingerprint", fingerprint]
    if settings.log_dir:
        command += ["--log-dir", str(log_folder)]
    if settings.log_config:
        command += ["--log-config", absolute(settings.log_config)]
    if settings.log_texts:
        command += ["--log-texts"]
    return command


@log
def absolute(path: str) -> Label:
    """Return a path for processes that may run elsewhere; an empty one stays so."""
    return Label(str(Path(path).absolute()) if path else "")
