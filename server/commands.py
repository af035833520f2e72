"""The table of commands: who handles each kind of event, and who may ask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from server.events import (
    AddContact,
    Administer,
    Aside,
    AskConversations,
    AskHistory,
    AskPerson,
    AskSearch,
    Authenticate,
    Block,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Faulty,
    Foreign,
    ForgetDevice,
    HasRead,
    HasReceived,
    HearEverybody,
    InviteToRoom,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBlocked,
    ListContacts,
    ListDevices,
    Listen,
    ListInvites,
    ListRooms,
    ListSanctions,
    ListTokens,
    ListUsers,
    MakeInvite,
    Pardon,
    Quitting,
    Redeem,
    Register,
    RemoveContact,
    RemoveRoom,
    RevokeInvite,
    RevokeToken,
    Said,
    Sanction,
    SetAccess,
    SetProfile,
    SetRole,
    SetTopic,
    SignIn,
    TakeName,
    Unblock,
)
from server.handlers import (
    accounts,
    administration,
    asides,
    blocks,
    contacts,
    devices,
    doors,
    faults,
    history,
    invites,
    lists,
    messages,
    moderation,
    profile,
    receipts,
    registering,
    roles,
    room_rules,
    rooms,
    signing,
)
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["COMMANDS", "Command"]


class Command(NamedTuple):
    """A row of the table: who handles an event, and whether one must have signed in.

    Where it is `audited`, a refusal goes to the audit log.
    """

    handle: Callable[[Hub, Session, Any], None]
    signed_in: bool = True
    audited: bool = False


COMMANDS: dict[type[Any], Command] = {
    SignIn: Command(signing.sign_in, signed_in=False, audited=True),
    Authenticate: Command(accounts.authenticate, signed_in=False, audited=True),
    Register: Command(registering.register, signed_in=False, audited=True),
    Said: Command(messages.say),
    JoinRoom: Command(rooms.join),
    LeaveRoom: Command(rooms.leave),
    ListRooms: Command(lists.list_rooms),
    ListUsers: Command(lists.list_users),
    AskHistory: Command(history.ask_history),
    AskConversations: Command(history.ask_conversations),
    AskSearch: Command(history.ask_search),
    HasReceived: Command(receipts.note_received),
    HasRead: Command(receipts.note_read),
    CreateToken: Command(devices.create_token),
    ListTokens: Command(devices.list_tokens),
    RevokeToken: Command(devices.revoke_token),
    ListDevices: Command(devices.list_devices),
    ForgetDevice: Command(devices.forget_device),
    ChangePassword: Command(accounts.change_password),
    DeleteAccount: Command(accounts.delete_account),
    MakeInvite: Command(invites.make_invite, audited=True),
    ListInvites: Command(invites.list_invites, audited=True),
    RevokeInvite: Command(invites.revoke_invite, audited=True),
    Redeem: Command(invites.redeem, audited=True),
    SetRole: Command(roles.set_role, audited=True),
    Kick: Command(moderation.kick, audited=True),
    Sanction: Command(moderation.sanction, audited=True),
    Pardon: Command(moderation.pardon, audited=True),
    ListSanctions: Command(moderation.list_sanctions, audited=True),
    InviteToRoom: Command(room_rules.invite, audited=True),
    SetTopic: Command(room_rules.set_topic, audited=True),
    SetAccess: Command(room_rules.set_access, audited=True),
    RemoveRoom: Command(room_rules.remove, audited=True),
    Block: Command(blocks.block),
    Unblock: Command(blocks.unblock),
    ListBlocked: Command(blocks.list_blocked),
    AddContact: Command(contacts.add),
    RemoveContact: Command(contacts.remove),
    ListContacts: Command(contacts.list_contacts),
    SetProfile: Command(profile.set_profile),
    AskPerson: Command(profile.ask_person),
    Administer: Command(administration.administer, signed_in=False),
    Aside: Command(asides.tell_aside, signed_in=False),
    HearEverybody: Command(doors.hear_everybody, signed_in=False),
    Listen: Command(doors.listen, signed_in=False),
    TakeName: Command(doors.take_name, signed_in=False, audited=True),
    Quitting: Command(signing.leave, signed_in=False),
    Faulty: Command(faults.take_fault, signed_in=False),
    Foreign: Command(faults.turn_away, signed_in=False),
}
