"""The server's settings: what an administrator may choose."""

from typing import Annotated, Literal

from common.limits import Limits
from common.settings import setting

__all__ = ["ServerSettings"]


class ServerSettings(Limits, kw_only=True, frozen=True):
    """Where the server listens, where it logs, and its limits."""

    port: Annotated[
        int,
        setting(
            "port to listen on, 1024-65535, or 0 for any free one",
            flags=("-p",),
            ge=0,
            le=65535,
        ),
    ] = 7777
    ip: Annotated[
        str,
        setting(
            "address to listen on; empty means all, IPv4 and IPv6",
            flags=("-a",),
            metavar="ADDRESS",
        ),
    ] = ""
    kept_guest_seconds: Annotated[
        float,
        setting(
            "time a guest's name waits for its device to come back; 0 frees it at once",
            ge=0,
        ),
    ] = 900.0
    data_dir: Annotated[
        str, setting("folder of the database; empty chooses", metavar="FOLDER")
    ] = ""
    history: Annotated[
        bool, setting("keep what is said; without it nothing survives a restart")
    ] = True
    durability: Annotated[
        Literal["full", "normal"],
        setting(
            "full: on disk before it is acknowledged; normal: a power cut may lose "
            "the last acknowledged messages, in exchange for speed",
            metavar="full|normal",
        ),
    ] = "full"
    plain_passwords: Annotated[
        bool,
        setting("accept passwords over the network although nothing hides them"),
    ] = False
    log_dir: Annotated[
        str, setting("folder of server.log; empty chooses", metavar="FOLDER")
    ] = ""
    log_config: Annotated[
        str,
        setting("YAML file that says how to log; empty takes our own", metavar="FILE"),
    ] = ""
    log_texts: Annotated[bool, setting("write message texts into the log")] = False

    def __post_init__(self) -> None:
        if 0 < self.port < 1024:
            raise ValueError("ports below 1024 belong to the system")
