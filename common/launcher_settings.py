"""The launcher's settings: what to start, where, and in which windows."""

from typing import Annotated

import msgspec

from common.settings import setting
from common.way_settings import Ca, Fingerprint, Tls

__all__ = ["LauncherSettings"]


class LauncherSettings(msgspec.Struct, kw_only=True, frozen=True):
    """Which server and clients are started, and where one sees them."""

    port: Annotated[
        int,
        setting(
            "server's port, 1024-65535, or 0 for any free one",
            flags=("-p",),
            ge=0,
            le=65535,
        ),
    ] = 7777
    server: Annotated[
        bool, setting("start a server; without, use one that runs already")
    ] = True
    address: Annotated[
        str,
        setting(
            "where the server of --no-server is", metavar="ADDRESS[:PORT]", port="port"
        ),
    ] = "localhost"
    tls: Tls = None
    ca: Ca = ""
    fingerprint: Fingerprint = ""
    clients: Annotated[int, setting("how many clients, 1-50", ge=1, le=50)] = 3
    names: Annotated[str, setting("the clients' names", metavar="NAME")] = ""
    terminal: Annotated[
        str,
        setting(
            "command that opens a window; the client's command line is appended, or "
            "stands at {command}",
            metavar="COMMAND",
        ),
    ] = ""
    seconds: Annotated[
        float, setting("how long the demo talks, in seconds", ge=0.1, le=86400)
    ] = 5.0
    data_dir: Annotated[
        str,
        setting(
            "folder of the server's database; empty chooses",
            metavar="FOLDER",
            unset="chosen by the server",
        ),
    ] = ""
    log_dir: Annotated[
        str,
        setting(
            "folder of the logs; empty chooses",
            metavar="FOLDER",
            unset="chosen by the program",
        ),
    ] = ""
    log_config: Annotated[
        str,
        setting(
            "YAML file that says how launcher and clients log; empty takes our own",
            metavar="FILE",
            unset="our own",
        ),
    ] = ""
    log_texts: Annotated[bool, setting("write message texts into the logs")] = False
