"""What a session can be asked for about who may do what: invitations, rooms, rulings.

A `room` of None means the whole server.
"""

from __future__ import annotations

from client.asking import Asking
from client.kinds import Kind
from common.messages import UNSET, User
from common.messages_rules import (
    Ban,
    Bans,
    CreateInvite,
    Invite,
    Invites,
    Kick,
    Mute,
    Redeem,
    RemoveRoom,
    RevokeInvite,
    SetAccess,
    SetRole,
    SetTopic,
    Unban,
    Unmute,
)
from common.names import Name, RoomName, Secret
from decorators import log

__all__ = ["RulesRequests"]


class RulesRequests(Asking):
    """Each is answered by an event of its own or Settled, or by RequestFailed."""

    @log
    def create_invite(
        self,
        role: str | None = None,
        uses: int | None = None,
        seconds: float | None = None,
        room: RoomName | str | None = None,
    ) -> int:
        """Ask for an invitation to the server; InviteMade follows."""
        request = CreateInvite(
            role=role or UNSET,
            uses=uses or UNSET,
            seconds=seconds or UNSET,
            room=room or UNSET,
        )
        return self._ask(Kind.CREATE_INVITE, request)

    @log
    def request_invites(self) -> int:
        """Ask which invitations are good; InvitesListed follows."""
        return self._ask(Kind.INVITES, Invites())

    @log
    def revoke_invite(self, invite_id: int) -> int:
        """Make an invitation worthless, by its number in the list; Settled follows."""
        request = RevokeInvite(invite_id=invite_id)
        return self._ask(Kind.REVOKE_INVITE, request, str(invite_id))

    @log
    def redeem(self, invite: Secret) -> int:
        """Take an invitation with the account that we have; Settled follows."""
        return self._ask(Kind.REDEEM, Redeem(invite=invite))

    @log
    def let_in(self, name: Name | str, room: RoomName | str) -> int:
        """Let somebody into a room that is by invitation; Settled follows."""
        request = Invite(user=_person(name), room=room)
        return self._ask(Kind.LET_IN, request, name)

    @log
    def kick(
        self, name: Name | str, room: RoomName | str | None = None, reason: str = ""
    ) -> int:
        """Take somebody out; Settled follows."""
        request = Kick(user=_person(name), room=room or UNSET, reason=reason or UNSET)
        return self._ask(Kind.KICK, request, name)

    @log
    def ban(
        self,
        name: Name | str,
        room: RoomName | str | None = None,
        seconds: float | None = None,
        reason: str = "",
    ) -> int:
        """Keep somebody out, for `seconds` or for good; Settled follows."""
        request = Ban(
            user=_person(name),
            room=room or UNSET,
            seconds=seconds or UNSET,
            reason=reason or UNSET,
        )
        return self._ask(Kind.BAN, request, name)

    @log
    def mute(
        self,
        name: Name | str,
        room: RoomName | str | None = None,
        seconds: float | None = None,
        reason: str = "",
    ) -> int:
        """Let somebody say nothing, for `seconds` or for good; Settled follows."""
        request = Mute(
            user=_person(name),
            room=room or UNSET,
            seconds=seconds or UNSET,
            reason=reason or UNSET,
        )
        return self._ask(Kind.MUTE, request, name)

    @log
    def unban(self, name: Name | str, room: RoomName | str | None = None) -> int:
        """End a ban; Settled follows."""
        return self._ask(
            Kind.UNBAN, Unban(user=_person(name), room=room or UNSET), name
        )

    @log
    def unmute(self, name: Name | str, room: RoomName | str | None = None) -> int:
        """End a mute; Settled follows."""
        return self._ask(
            Kind.UNMUTE, Unmute(user=_person(name), room=room or UNSET), name
        )

    @log
    def request_bans(self, room: RoomName | str | None = None) -> int:
        """Ask who is banned or muted; SanctionsListed follows."""
        return self._ask(Kind.BANS, Bans(room=room or UNSET), room or "")

    @log
    def set_role(self, name: Name | str, role: str) -> int:
        """Make somebody a member, a moderator or an owner; Settled follows."""
        return self._ask(Kind.ROLE, SetRole(user=_person(name), role=role), name)

    @log
    def set_topic(self, room: RoomName | str, topic: str) -> int:
        """Say what a room is about; Settled follows."""
        return self._ask(Kind.TOPIC, SetTopic(room=room, topic=topic), room)

    @log
    def set_access(self, room: RoomName | str, access: str) -> int:
        """Make a room "open" or by invitation ("invited"); Settled follows."""
        return self._ask(Kind.ACCESS, SetAccess(room=room, access=access), room)

    @log
    def remove_room(self, room: RoomName | str) -> int:
        """End a room; Settled follows."""
        return self._ask(Kind.REMOVE_ROOM, RemoveRoom(room=room), room)


@log
def _person(name: Name | str) -> User:
    return User(account_name=name)
