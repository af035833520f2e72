"""What a session can be asked for about people: contacts, blocks, what others see."""

from __future__ import annotations

from client.asking import Asking
from client.kinds import Kind
from common.messages import UNSET, User
from common.messages_rules import (
    Add,
    Block,
    Blocked,
    GetContacts,
    Profile,
    Remove,
    Unblock,
    Whois,
)
from common.names import Name
from decorators import log

__all__ = ["PeopleRequests"]


class PeopleRequests(Asking):
    """Each is answered by an event of its own or Settled, or by RequestFailed."""

    @log
    def block(self, name: Name | str) -> int:
        """Hear nothing more of somebody; Settled follows."""
        return self._ask(Kind.BLOCK, Block(user=_person(name)), name)

    @log
    def unblock(self, name: Name | str) -> int:
        """Hear somebody again; Settled follows."""
        return self._ask(Kind.UNBLOCK, Unblock(user=_person(name)), name)

    @log
    def request_blocked(self) -> int:
        """Ask whom we have blocked; PeopleListed follows."""
        return self._ask(Kind.BLOCKED, Blocked())

    @log
    def add_contact(self, name: Name | str) -> int:
        """Take somebody into our contacts; Settled follows."""
        return self._ask(Kind.ADD, Add(user=_person(name)), name)

    @log
    def remove_contact(self, name: Name | str) -> int:
        """Take somebody out of our contacts; Settled follows."""
        return self._ask(Kind.FORGET, Remove(user=_person(name)), name)

    @log
    def request_contacts(self) -> int:
        """Ask for our contacts; PeopleListed follows."""
        return self._ask(Kind.CONTACTS, GetContacts())

    @log
    def set_profile(
        self,
        status: str | None = None,
        away: bool | None = None,
        show_seen: bool | None = None,
    ) -> int:
        """Change what others see of us, None being as it is; Settled follows."""
        request = Profile(
            status=UNSET if status is None else status,
            away=UNSET if away is None else away,
            show_seen=UNSET if show_seen is None else show_seen,
        )
        return self._ask(Kind.PROFILE, request)

    @log
    def ask_person(self, name: Name | str) -> int:
        """Ask about one person; PeopleListed follows, with one row."""
        return self._ask(Kind.WHOIS, Whois(user=_person(name)), name)


@log
def _person(name: Name | str) -> User:
    return User(account_name=name)
