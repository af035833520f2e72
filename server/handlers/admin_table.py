"""The table of the owner's commands: over its socket, or where no server runs.

Imported with the first command: a start has no use for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import Struct

from decorators import log
from errors import BadRequest
from server.handlers import admin_exports as exports
from server.handlers import admin_people as people
from server.handlers import admin_rooms as rooms
from server.handlers import admin_server as server
from server.handlers import admin_tokens as tokens
from server.handlers import admin_trace as tracing

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["COMMANDS", "carry_out"]


class Command(NamedTuple):
    """A row of the table: what carries a command out, and what it is given.

    `changes`: it is refused while the disk takes nothing, and answered only where it
    was stored.
    """

    carry_out: Callable[[Hub, Any], Any]
    arguments: type[Struct]
    changes: bool = True


COMMANDS = {
    "user.add": Command(people.add, people.NewUser),
    "user.list": Command(people.list_users, people.Page, changes=False),
    "user.show": Command(people.show, people.User, changes=False),
    "user.passwd": Command(people.set_password, people.NewPassword),
    "user.remove": Command(people.remove, people.User),
    "user.role": Command(people.set_role, people.NewRole),
    "token.make": Command(tokens.make_token, people.User),
    "token.list": Command(tokens.list_tokens, people.User, changes=False),
    "token.revoke": Command(tokens.revoke_token, tokens.Token),
    "who": Command(people.who, people.Page, changes=False),
    "room.list": Command(rooms.list_rooms, people.Page, changes=False),
    "room.show": Command(rooms.show, rooms.OneRoom, changes=False),
    "room.remove": Command(rooms.remove, rooms.OneRoom),
    "room.set": Command(rooms.change, rooms.RoomRules),
    "kick": Command(rooms.kick, rooms.Ruled),
    "ban": Command(rooms.ban, rooms.Banned),
    "unban": Command(rooms.unban, rooms.Ruled),
    "bans": Command(rooms.list_bans, rooms.Everywhere, changes=False),
    "invite.make": Command(server.make_invite, server.NewInvite),
    "invite.list": Command(server.list_invites, server.Nothing, changes=False),
    "invite.revoke": Command(server.revoke_invite, server.OneInvite),
    "clock.show": Command(server.show_clock, server.Nothing, changes=False),
    "clock.trust": Command(server.trust_clock, server.Nothing),
    "say": Command(server.say, server.Words, changes=False),
    "export.note": Command(exports.note_export, exports.Exported),
    "restore.note": Command(exports.note_restore, exports.Restored),
    "trace": Command(tracing.connections, tracing.Identities, changes=False),
    "in_force": Command(server.in_force, server.Nothing, changes=False),
    "status": Command(server.status, server.Nothing, changes=False),
}


@log
def carry_out(hub: Hub, command: str, arguments: dict[str, Any]) -> Any:
    """Return what a command answers, plain JSON; what it changes is not committed yet.

    Raises a RequestError with a sentence, BadRequest for wrong arguments.
    """
    row = COMMANDS.get(command)
    if row is None:
        raise BadRequest("no such command; the server may be an older one")
    try:
        given = msgspec.convert(arguments, row.arguments)
    except msgspec.ValidationError as error:
        # It names the field and the type, never what stands there.
        problem = str(error).replace("`", "")
        raise BadRequest(problem[:1].lower() + problem[1:]) from None
    if row.changes:
        hub.require_store()
    return row.carry_out(hub, given)
