"""The ports besides the main one, where the server speaks first: text and MineChat."""

import contextlib
import socket
from collections.abc import Callable
from typing import NamedTuple

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from errors import SettingsError
from server.dialects.base import Dialect
from server.dialects.minechat import MineChatReader, MineChatSender
from server.dialects.text import TextDialect
from server.listening import listen

__all__ = ["Door", "open_doors", "ports_in_words"]


class Door(NamedTuple):
    """A listening socket, and what makes the dialect of who comes there.

    Without `by_address` anybody may come as often as they like.
    """

    listener: socket.socket
    make_dialect: Callable[[], Dialect]
    speaks_first: bool = True
    by_address: bool = True


@log
def open_doors(settings: ServerSettings, closing: contextlib.ExitStack) -> list[Door]:
    """Listen on all ports besides the main one that the settings name.

    Raises StartError with the port and its setting, and SettingsError where one is
    named although nobody may talk without TLS.
    """

    def door(
        setting: str, make_dialect: Callable[[], Dialect], *, by_address: bool = True
    ) -> list[Door]:
        port = getattr(settings, setting)
        if not port:
            return []
        if settings.tls == "required":
            raise SettingsError(
                f"{setting} opens a door without TLS, and tls is required: choose one"
            )
        return [
            Door(closing.enter_context(one), make_dialect, by_address=by_address)
            for one in listen(settings.ip, port, Label(setting))
        ]

    return [
        *door("text_port", lambda: TextDialect(settings, menu=settings.text_menu)),
        *door("minechat_read_port", MineChatReader, by_address=False),
        *door("minechat_send_port", lambda: MineChatSender(settings)),
    ]


@log
def ports_in_words(settings: ServerSettings) -> Label:
    """Return the doors for the start line, each with its port; empty without any."""
    named = {
        "text": settings.text_port,
        "MineChat to read": settings.minechat_read_port,
        "MineChat to send": settings.minechat_send_port,
    }
    doors = [f"{name} {port}" for name, port in named.items() if port]
    return Label(f"doors: {', '.join(doors)}; " if doors else "")
