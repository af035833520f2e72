"""The settings of `read` and `send`, the client's two commands for scripts."""

from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

import msgspec

from common.client_settings import ClientSettings
from common.names import Name, Secret
from common.settings import PREFIX, Source, Sources, setting
from common.way_settings import Ca, Fingerprint, Tls

__all__ = ["ScriptSettings", "as_found", "as_scripts_spell"]

# What may stand in `.env` without the prefix. Not in the environment: a desktop's own
# USERNAME must not sign anybody in.
_BARE = ("HOST", "PORT", "READ_PORT", "SEND_PORT", "HISTORY", "TOKEN", "USERNAME")
# How other programs of ours call what is meant here: one word for both is enough.
_OTHER_WORDS = {"address": "host"}

Value = TypeVar("Value")


class ScriptSettings(msgspec.Struct, kw_only=True, frozen=True):
    """Which server, as whom, and what is kept."""

    host: Annotated[
        str,
        setting(
            "server's name or address",
            flags=("--address",),
            metavar="HOST[:PORT]",
            port="port",
        ),
    ] = "localhost"
    port: Annotated[
        int, setting("server's port, 1-65535", flags=("-p",), ge=1, le=65535)
    ] = 7777
    read_port: Annotated[
        int,
        setting(
            "port where a MineChat server is read; 0: not MineChat", ge=0, le=65535
        ),
    ] = 0
    send_port: Annotated[
        int,
        setting(
            "port where a MineChat server is sent to; 0: not MineChat", ge=0, le=65535
        ),
    ] = 0
    tls: Tls = None
    ca: Ca = ""
    fingerprint: Fingerprint = ""
    username: Annotated[Name, setting("your name", flags=("-n",), metavar="NAME")] = (
        Name("")
    )
    token: Annotated[
        Secret,
        setting(
            "your token; better in a file, for everybody can read a command line",
            metavar="VALUE",
            hides=True,
        ),
    ] = Secret("")
    token_file: Annotated[
        str, setting("file that holds your token, 0600", metavar="FILE")
    ] = ""
    history: Annotated[
        str,
        setting("file that what is read is appended to; empty: none", metavar="FILE"),
    ] = "messages.txt"
    timeout: Annotated[
        float, setting("longest wait, in seconds", metavar="S", ge=0.1)
    ] = 30.0
    log_dir: Annotated[
        str, setting("folder of client.log; empty chooses", metavar="FOLDER")
    ] = ""
    log_config: Annotated[
        str,
        setting("YAML file that says how to log; empty takes our own", metavar="FILE"),
    ] = ""
    log_texts: Annotated[bool, setting("write message texts into the log")] = False

    def for_client(self) -> ClientSettings:
        """Return the same as the settings of the client."""
        return ClientSettings(
            address=self.host,
            port=self.port,
            tls=self.tls,
            ca=self.ca,
            fingerprint=self.fingerprint,
            name=self.username,
            timeout_seconds=self.timeout,
        )


def as_scripts_spell(sources: Sources) -> Sources:
    """Return `sources` with bare names of `.env` and other programs' words taken in.

    What scripts call by their own word goes before that.
    """
    dotenv = dict(sources.dotenv)
    for name in _BARE:
        if dotenv.get(name) is not None:
            dotenv.setdefault(PREFIX + name, dotenv[name])
    file_values = sources.file_values
    if isinstance(file_values, dict):
        file_values = _respelled(file_values, str)
    return sources._replace(
        environment=_respelled(sources.environment, _variable),
        dotenv=_respelled(dotenv, _variable),
        file_values=file_values,
    )


def as_found(source: Source, found: Sources) -> Source:
    """Return where a value came from as it is spelled there, not as scripts do."""
    place: Mapping[str, object] = {
        "environment": found.environment,
        ".env": found.dotenv,
    }.get(source.kind, {source.name: None})
    if source.name in place:
        return source
    bare = source.name.removeprefix(PREFIX)
    others = [
        _variable(other) for other, own in _OTHER_WORDS.items() if own == bare.lower()
    ]
    names = [name for name in (bare, *others) if name in place]
    return source._replace(name=names[0]) if names else source


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _respelled(
    values: Mapping[str, Value], spell: Callable[[str], str]
) -> dict[str, Value]:
    """Return `values` with our own words beside those of others."""
    found = dict(values)
    for other, own in _OTHER_WORDS.items():
        if spell(other) in found:
            found.setdefault(spell(own), found[spell(other)])
    return found
