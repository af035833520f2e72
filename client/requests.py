"""What a session can be asked for: talking, lists and the account.

Signing in and out is not among it; rooms' rules and people have their own files.
"""

from __future__ import annotations

from msgspec import UnsetType

from client.kinds import Kind
from client.requests_people import PeopleRequests
from client.requests_rules import RulesRequests
from common.messages import (
    UNSET,
    ChangePassword,
    Conversations,
    CreateToken,
    DeleteAccount,
    Devices,
    ForgetDevice,
    GetUsers,
    History,
    Join,
    Leave,
    Read,
    Register,
    RevokeToken,
    Rooms,
    Search,
    User,
)
from common.names import Name, RoomName, Secret
from decorators import log

__all__ = ["Requests"]


class Requests(RulesRequests, PeopleRequests):
    """All that a session can be asked for; see `client.asking`."""

    @log
    def send_message(self, to: Name | RoomName | str, text: str) -> int:
        """Send `text` to a person or a #room; MessageSent or MessageFailed follows.

        Its line ends become newlines, as they do in the server: both keep the same.
        """
        return self._ask(Kind.MESSAGE, None, to, text.replace("\r\n", "\n"))

    @log
    def join(self, room: RoomName | str) -> int:
        """Enter a room; RequestDone or RequestFailed follows."""
        return self._ask(Kind.JOIN, Join(room=room), room)

    @log
    def leave(self, room: RoomName | str) -> int:
        """Leave a room; RequestDone or RequestFailed follows."""
        return self._ask(Kind.LEAVE, Leave(room=room), room)

    @log
    def request_users(self, room: RoomName | str | None = None) -> int:
        """Ask who is here, or in `room`; UsersListed or RequestFailed follows."""
        return self._ask(Kind.USERS, GetUsers(room=room or UNSET), room or "")

    @log
    def request_rooms(self) -> int:
        """Ask which rooms there are; RoomsListed or RequestFailed follows."""
        return self._ask(Kind.ROOMS, Rooms())

    @log
    def request_history(
        self,
        whom: Name | RoomName | str,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> int:
        """Ask for one page of a conversation; HistoryListed or RequestFailed follows.

        It is the newest page, the one below the message `before`, or the one above
        `after`.
        """
        request = History(
            whom=whom,
            before=_given(before),
            after=_given(after),
            limit=_given(limit),
        )
        return self._ask(Kind.HISTORY, request, whom)

    @log
    def request_conversations(self) -> int:
        """Ask for our conversations; ConversationsListed or RequestFailed follows."""
        return self._ask(Kind.CONVERSATIONS, Conversations())

    @log
    def search(
        self,
        text: str,
        whom: Name | RoomName | str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> int:
        """Ask for messages with all words of `text`, in one conversation or in all.

        SearchDone or RequestFailed follows. A page holds the newest below `before`.
        """
        request = Search(
            text=text, whom=whom or UNSET, before=_given(before), limit=_given(limit)
        )
        return self._ask(Kind.SEARCH, request, whom or "", text)

    @log
    def mark_read(
        self,
        whom: Name | RoomName | str,
        message_id: int,
        *,
        private: bool = False,
    ) -> int:
        """Say that a conversation is read up to a message; RequestDone follows.

        A `private` word reaches our own devices only.
        """
        request = Read(whom=whom, message_id=message_id, private=private or UNSET)
        return self._ask(Kind.READ, request, whom)

    @log
    def register(self, password: Secret | None, invite: Secret | None = None) -> int:
        """Make our name an account's; Registered or RequestFailed follows.

        Without a password a plain presence signs in to it. An `invite` is asked for by
        servers that let in only who is invited.
        """
        user = User(account_name=self.name, password=password or UNSET)
        request = Register(user=user, invite=invite or UNSET)
        return self._ask(Kind.REGISTER, request)

    @log
    def create_token(self) -> int:
        """Ask for a token of our account; TokenMade or RequestFailed follows."""
        return self._ask(Kind.TOKEN, CreateToken())

    @log
    def revoke_token(self, token_id: int) -> int:
        """Make a token worth nothing; RequestDone or RequestFailed follows."""
        return self._ask(Kind.REVOKE_TOKEN, RevokeToken(token_id=token_id))

    @log
    def request_devices(self) -> int:
        """Ask for our account's devices; DevicesListed or RequestFailed follows."""
        return self._ask(Kind.DEVICES, Devices())

    @log
    def forget_device(self, device_id: int) -> int:
        """Sign a device out, by its number in the list; RequestDone follows.

        If it is this one, SessionEnded follows that.
        """
        return self._ask(Kind.FORGET_DEVICE, ForgetDevice(device_id=device_id))

    @log
    def change_password(self, old: Secret, new: Secret) -> int:
        """Change our account's password; RequestDone or RequestFailed follows.

        All other devices are signed out, and every token is worth nothing any more.
        """
        request = ChangePassword(password=old, new_password=new)
        return self._ask(Kind.PASSWORD, request)

    @log
    def delete_account(self, password: Secret | None) -> int:
        """Give up our account; RequestDone and SessionEnded follow."""
        request = DeleteAccount(password=password or UNSET)
        return self._ask(Kind.DELETE_ACCOUNT, request)


@log
def _given(number: int | None) -> int | UnsetType:
    """Return what stands on the wire for an optional number."""
    return UNSET if number is None else number
