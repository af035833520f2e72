"""Where no server runs: what it would do, done here on a hub of its own.

Imported late: asking a running server needs none of it.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from common.server_settings import ServerSettings
from decorators import log
from errors import RequestError
from server.admin.office import Office, data_folder, refused
from server.audit import Audit
from server.audit_file import ONLY_START, Head, head_of
from server.clock import Clock, steady
from server.crew import make_crew
from server.handlers.admin_table import carry_out
from server.hub import Hub
from server.store.opening import open_store

__all__ = ["HubOffice", "offline"]


class HubOffice:
    """Does what the server would do, on a hub of its own."""

    is_live = False

    @log
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @log
    def ask(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return what a command answers, once it is stored."""
        hub = self._hub
        hub.wall = hub.clock.read(steady(), time.time())
        try:
            # As it would come over the socket: what is wrong here is wrong there.
            given = msgspec.json.decode(msgspec.json.encode(arguments or {}))
            result = carry_out(hub, command, given)
        except RequestError as error:
            hub.end_turn()  # a refusal stands in the audit log
            raise refused(error.code, str(error)) from error
        hub.end_turn()
        if hub.trouble is not None:
            raise refused(hub.trouble.code, str(hub.trouble)) from hub.trouble
        return result


@contextlib.contextmanager
@log
def offline(
    settings: ServerSettings, *, trusts_audit_log: bool = False
) -> Iterator[Office]:
    """Give a hub on the files; nobody else uses them meanwhile.

    Its audit log goes on behind the entry that the database knows of; with
    `trusts_audit_log` behind the last one that stands there, and says nothing of it.
    """
    store, _ = open_store(settings)
    with contextlib.ExitStack() as closing:
        closing.callback(store.close)
        crew = make_crew(store)
        closing.callback(crew.close)
        syncs = settings.durability == "full"
        folder, known = data_folder(settings), Head(*store.audit_head())
        if trusts_audit_log:
            with contextlib.suppress(OSError):  # the audit log itself complains
                known = head_of(folder / "audit.log", ONLY_START)
        audit = Audit(folder, known, syncs=syncs)
        clock = Clock(*store.clock(), steady(), time.time())
        hub = Hub(settings, store, crew, time.monotonic(), clock, audit)
        closing.callback(hub.close)
        yield HubOffice(hub)
