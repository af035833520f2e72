"""How we stand: what we sign in with, what others see of us, whether we gave it up."""

from __future__ import annotations

from client.encoding import Credentials
from client.events import Event, Kind, Registered, RequestDone
from client.events_rules import Settled
from client.outbox import Pending
from common.messages import UNSET, ChangePassword
from common.messages_rules import Profile
from decorators import log

__all__ = ["Standing"]

_USUAL_STATUS = "here"


class Standing:
    """What a session needs to know of its account from one connection to the next."""

    @log
    def __init__(self, credentials: Credentials) -> None:
        """Begin with what the owner gave; without any we sign in as a guest does."""
        self.credentials = credentials
        #: We asked for the end of a stay, perhaps of another device, or of the account.
        self.leaves = False
        self.is_deleted = False
        #: What others see of us, as far as we have said it.
        self.status = _USUAL_STATUS
        self.away = False

    @property
    @log
    def is_usual(self) -> bool:
        """Tell whether a sign-in alone says what others see of us."""
        return self.status == _USUAL_STATUS and not self.away

    @log
    def follow(self, event: Event, pending: Pending) -> None:
        """Draw the consequences of the answer to `pending`.

        What proves who we are changes with it, for the next connection.
        """
        match event:
            case Registered(token=token) if token:
                self.credentials = Credentials(token=token)
            case RequestDone(kind=Kind.PASSWORD):
                if isinstance(pending.request, ChangePassword):
                    new = pending.request.new_password
                    self.credentials = Credentials(password=new)
            case RequestDone(kind=Kind.FORGET_DEVICE):
                self.leaves = True
            case RequestDone(kind=Kind.DELETE_ACCOUNT):
                self.leaves = self.is_deleted = True
            case Settled(kind=Kind.PROFILE):
                if isinstance(pending.request, Profile):
                    self._follow_profile(pending.request)

    @log
    def _follow_profile(self, profile: Profile) -> None:
        if profile.status is not UNSET:
            self.status = profile.status
        if profile.away is not UNSET:
            self.away = profile.away
