"""Who sends too fast is read more slowly: a token bucket that keeps events in order."""

from collections.abc import Sequence

from decorators import log
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Event,
    ForgetDevice,
    HasRead,
    InviteToRoom,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBlocked,
    ListContacts,
    ListDevices,
    ListInvites,
    ListRooms,
    ListSanctions,
    ListTokens,
    ListUsers,
    MakeInvite,
    Pardon,
    Redeem,
    Register,
    RemoveRoom,
    RevokeInvite,
    RevokeToken,
    Said,
    Sanction,
    SetAccess,
    SetProfile,
    SetRole,
    SetTopic,
    TakeName,
)

__all__ = ["Throttle"]

# What makes more work than a message counts for more: passwords are hashed, a search
# looks at many rows, an account's change is a commit of its own, lists have many rows,
# a room's members hear of each other's coming, going and reading and of what is done in
# it, and those who watch somebody of each change.
_COSTS: dict[type, int] = {
    AskConversations: 10,
    AskHistory: 10,
    AskSearch: 20,
    Authenticate: 20,
    ChangePassword: 20,
    CreateToken: 20,
    DeleteAccount: 20,
    ForgetDevice: 4,
    HasRead: 2,
    InviteToRoom: 4,
    JoinRoom: 4,
    Kick: 4,
    LeaveRoom: 4,
    ListBlocked: 10,
    ListContacts: 10,
    ListDevices: 10,
    ListInvites: 10,
    ListRooms: 10,
    ListSanctions: 10,
    ListTokens: 10,
    ListUsers: 10,
    MakeInvite: 20,
    Pardon: 4,
    Redeem: 20,
    Register: 100,
    RemoveRoom: 4,
    RevokeInvite: 4,
    RevokeToken: 4,
    Sanction: 4,
    SetAccess: 4,
    SetProfile: 4,
    SetRole: 4,
    SetTopic: 4,
    TakeName: 100,
}
# At the time that `resumes_at` names a message must pass, whatever rounding made of it.
_ROUNDING = 1e-6


class Throttle:
    """Admits `burst` messages at once and `rate` a second after that.

    What is not admitted waits here, in order, and while anything waits the connection
    must not be read: so what waits is bounded by one read.
    """

    __slots__ = ("_burst", "_rate", "_tokens", "_updated", "_waiting")

    @log
    def __init__(self, burst: int, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._tokens = float(burst)
        self._updated = now
        self._waiting: list[Event] = []

    @log
    def admit(self, events: Sequence[Event], now: float) -> list[Event]:
        """Take events, behind those that wait; return what may be handled now."""
        elapsed = now - self._updated
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._updated = now
        coming = [*self._waiting, *events]
        admitted: list[Event] = []
        for place, event in enumerate(coming):
            cost = self._cost(event)
            allowed = int(self._tokens + _ROUNDING)
            if cost > allowed:
                if allowed and isinstance(event, Said):
                    self._tokens -= allowed
                    first, event = _split(event, allowed)
                    admitted.append(first)
                self._waiting = [event, *coming[place + 1 :]]
                return admitted
            self._tokens -= cost
            admitted.append(event)
        self._waiting = []
        return admitted

    @log
    def resumes_at(self) -> float | None:
        """When the next message may be admitted; None if nothing waits."""
        if not self._waiting:
            return None
        first = self._waiting[0]
        # Of a stretch of messages the first may pass alone.
        needed = 1 if isinstance(first, Said) else self._cost(first)
        return self._updated + max(0.0, needed - self._tokens) / self._rate

    @log
    def _cost(self, event: Event) -> int:
        """Return how many messages an event counts for."""
        if isinstance(event, Said):
            return len(event.texts)
        return min(_COSTS.get(type(event), 1), self._burst)


@log
def _split(said: Said, at: int) -> tuple[Said, Said]:
    numbers = said.numbers
    return (
        Said(said.to, said.texts[:at], numbers and numbers[:at]),
        Said(said.to, said.texts[at:], numbers and numbers[at:]),
    )
