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
            "address to listen on, or several with commas; empty means all, IPv4 and "
            "IPv6",
            flags=("-a",),
            metavar="ADDRESS",
            unset="all",
            port="port",
            several=True,
        ),
    ] = ""
    public_address: Annotated[
        str,
        setting(
            "name or address by which others reach the server, with its port where a "
            "router has another, or several with commas; goes first in invitations",
            metavar="ADDRESS[:PORT]",
            unset="what the server finds",
            several=True,
        ),
    ] = ""
    text_port: Annotated[
        int,
        setting(
            "port for netcat and simple chat clients, where the server speaks first; "
            "0 is off",
            ge=0,
            le=65535,
        ),
    ] = 0
    text_menu: Annotated[
        bool,
        setting("ask at the text door whom one writes to, as soon as one is in"),
    ] = False
    minechat_read_port: Annotated[
        int,
        setting(
            "port where everybody may read #all without a sign-in, a line a message; "
            "0 is off",
            ge=0,
            le=65535,
        ),
    ] = 0
    minechat_send_port: Annotated[
        int,
        setting(
            "port for what MineChat clients send, with a token for a hash; 0 is off",
            ge=0,
            le=65535,
        ),
    ] = 0
    kept_guest_seconds: Annotated[
        float,
        setting(
            "time a guest's name waits for its device to come back; 0 frees it at once",
            ge=0,
        ),
    ] = 900.0
    data_dir: Annotated[
        str,
        setting(
            "folder of the database; empty chooses",
            metavar="FOLDER",
            unset="chosen by the program",
        ),
    ] = ""
    history: Annotated[
        bool, setting("keep what is said; without it nothing survives a restart")
    ] = True
    keep_days: Annotated[
        float,
        setting("days for which what is said in rooms is kept; 0 is for ever", ge=0),
    ] = 0.0
    keep_mbytes: Annotated[
        float,
        setting(
            "megabytes of text kept of each room, the newest; 0 is all of it", ge=0
        ),
    ] = 0.0
    keep_direct_days: Annotated[
        float,
        setting("days for which direct messages are kept; 0 is for ever", ge=0),
    ] = 0.0
    keep_direct_mbytes: Annotated[
        float,
        setting(
            "megabytes of text kept of what two people say to each other; 0 is all of "
            "it",
            ge=0,
        ),
    ] = 0.0
    keep_audit_days: Annotated[
        float,
        setting(
            "days for which entries of the audit log are kept at least; 0 is for ever",
            ge=0,
        ),
    ] = 365.0
    durability: Annotated[
        Literal["full", "normal"],
        setting(
            "full: on disk before it is acknowledged; normal: a power cut may lose "
            "the last acknowledged messages, in exchange for speed",
            metavar="full|normal",
        ),
    ] = "full"
    tls: Annotated[
        Literal["optional", "required", "off"],
        setting(
            "optional: who begins with a TLS hello gets TLS; required: nobody gets "
            "anything else, this machine included; off: no TLS",
            metavar="optional|required|off",
        ),
    ] = "optional"
    tls_certificate: Annotated[
        str,
        setting(
            "PEM file of the certificate, with its chain; empty makes one of our own",
            metavar="FILE",
            unset="our own",
        ),
    ] = ""
    tls_key: Annotated[
        str,
        setting("PEM file of the certificate's key, not encrypted", metavar="FILE"),
    ] = ""
    registration: Annotated[
        Literal["open", "invite", "closed"],
        setting(
            "who may make an account: everybody, who has an invitation, or only who "
            "has one from the owner's shell",
            metavar="open|invite|closed",
        ),
    ] = "open"
    guests: Annotated[
        bool, setting("let people in without an account, under any free name")
    ] = True
    token_days: Annotated[
        float,
        setting(
            "days for which a token is good that nobody uses; 0: until it is revoked",
            ge=0,
        ),
    ] = 0.0
    plain_passwords: Annotated[
        bool,
        setting("accept passwords over the network although nothing hides them"),
    ] = False
    hangup: Annotated[
        Literal["auto", "reload", "end"],
        setting(
            "what SIGHUP does: reload reads logging file and certificate again, end "
            "is what a closed terminal wants; auto: reload under a service manager, in "
            "a container and behind nohup, else end",
            metavar="auto|reload|end",
        ),
    ] = "auto"
    log_dir: Annotated[
        str,
        setting(
            "folder of server.log and server-admin.log; empty chooses",
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

    def __post_init__(self) -> None:
        doors = (self.text_port, self.minechat_read_port, self.minechat_send_port)
        if any(0 < port < 1024 for port in (self.port, *doors)):
            raise ValueError("ports below 1024 belong to the system")
