"""The client's settings: what the person at the terminal may choose."""

from typing import Annotated, Literal

import msgspec

from common.settings import setting
from common.way_settings import Ca, Fingerprint, Tls

__all__ = ["ClientSettings"]


class ClientSettings(msgspec.Struct, kw_only=True, frozen=True):
    """Which server, as whom, and how it looks."""

    address: Annotated[
        str,
        setting("server's name or address", metavar="ADDRESS[:PORT]", port="port"),
    ] = "localhost"
    port: Annotated[
        int, setting("server's port, 1-65535", flags=("-p",), ge=1, le=65535)
    ] = 7777
    tls: Tls = None
    ca: Ca = ""
    fingerprint: Fingerprint = ""
    name: Annotated[
        str, setting("your name; asked for when empty", flags=("-n",), metavar="NAME")
    ] = ""
    # A wrong value is likely the password itself, which must never be shown.
    password: Annotated[
        bool, setting("ask for your password, without echo", hides=True)
    ] = False
    password_file: Annotated[
        str, setting("file that holds your password, 0600", metavar="FILE")
    ] = ""
    password_command: Annotated[
        str,
        setting("command that prints your password, by the shell", metavar="COMMAND"),
    ] = ""
    tell_read: Annotated[
        bool, setting("tell others what you have read; without, only your devices")
    ] = True
    bell: Annotated[
        Literal["off", "mention", "all"],
        setting(
            "when the terminal rings: for direct messages and your name, for every "
            "message, or never",
            metavar="off|mention|all",
        ),
    ] = "mention"
    plain: Annotated[bool, setting("plain lines: no colours, no line editing")] = False
    timeout_seconds: Annotated[float, setting("longest wait for an answer", ge=0.1)] = (
        30.0
    )
    log_dir: Annotated[
        str,
        setting(
            "folder of client.log; empty chooses",
            metavar="FOLDER",
            unset="chosen by the program",
        ),
    ] = ""
    log_config: Annotated[
        str,
        setting(
            "YAML file that says how to log; empty takes our own",
            metavar="FILE",
            unset="our own",
        ),
    ] = ""
    log_texts: Annotated[bool, setting("write message texts into the log")] = False
