"""A hub without a server: people who say events and take what they are told."""

from typing import Any, TypeVar

from common.limits import Limits
from common.names import Label
from server.events import (
    Accepted,
    Delivery,
    Event,
    Outgoing,
    Refused,
    Said,
    Secret,
    SignIn,
    Welcome,
)
from server.hub import Hub
from server.store.memory import MemoryStore

__all__ = ["Somebody", "World", "code", "ids", "only"]

Kind = TypeVar("Kind")


class World:
    """A hub, a clock, and what everybody was told at the end of each turn."""

    def __init__(self, kept_guest_seconds: float = 900.0, **limits: Any) -> None:
        self.hub = Hub(Limits(**limits), kept_guest_seconds, MemoryStore())
        self.now = 1000.0
        self._number = 0

    def newcomer(self) -> "Somebody":
        """Return a new connection that nobody has signed in on."""
        self._number += 1
        return Somebody(self, f"{self._number}")

    def is_free(self, name: str) -> bool:
        """Tell whether somebody new can sign in under this name; they leave again."""
        somebody = self.newcomer()
        somebody.sign_in(name)
        somebody.goes()
        return isinstance(somebody.told[0], Welcome)

    def guest(self, name: str, device: str | None = None) -> "Somebody":
        """Return somebody who has just signed in."""
        somebody = self.newcomer()
        somebody.sign_in(name, device)
        assert isinstance(somebody.told[-1], Welcome), somebody.told
        somebody.told.clear()
        return somebody

    def end_turn(self) -> None:
        """End the turn as the loop does, and hand out what each was told."""
        while touched := self.hub.end_turn():
            for session in touched:
                outbox, session.outbox = session.outbox, []
                session.connection.told += outbox

    def pass_time(self, seconds: float) -> None:
        """Turn the clock on and let the hub look at it."""
        self.now += seconds
        self.hub.expire(self.now)
        self.end_turn()


class Somebody:
    """One connection; `told` is what it was told and nobody has looked at yet."""

    def __init__(self, world: World, label: str) -> None:
        self._world = world
        self.told: list[Outgoing] = []
        self.session = world.hub.open(self, Label(label))

    def says(self, *events: Event) -> list[Outgoing]:
        """Say events in one read, end the turn, and return what it is told."""
        self.starts(*events)
        self._world.end_turn()
        return self.takes()

    def starts(self, *events: Event) -> None:
        """Say events and leave the turn open."""
        self._world.hub.handle(self.session, events, self._world.now)

    def takes(self) -> list[Outgoing]:
        """Return what it was told since the last time."""
        told, self.told = self.told, []
        return told

    def sign_in(self, name: str, device: str | None = None) -> None:
        """Sign in; the answer is in `told`."""
        secret = None if device is None else Secret(device)
        self.starts(SignIn(name, "here", secret, 1))
        self._world.end_turn()

    def sends(self, to: str, *texts: str, numbers: list[int] | None = None) -> Any:
        """Send texts in one go; return what it is told."""
        return self.says(Said(to, list(texts), numbers))

    def goes(self) -> None:
        """Lose the connection."""
        self._world.hub.lost(self.session, Label("gone"), self._world.now)
        self._world.end_turn()

    def hears(self) -> list[tuple[str, str, str]]:
        """Return (sender, addressee, text) of the deliveries since the last time."""
        return [
            (one.sender, one.to, text)
            for one in self.takes()
            if isinstance(one, Delivery)
            for text in one.texts
        ]


def only(told: list[Outgoing], kind: type[Kind]) -> Kind:
    """Return the only thing told, which must be of this kind."""
    assert len(told) == 1, told
    assert isinstance(told[0], kind), told
    return told[0]


def code(told: list[Outgoing]) -> int:
    """Return the code of the only refusal."""
    return only(told, Refused).error.code


def ids(told: list[Outgoing]) -> list[int]:
    """Return the message ids in what was told, in its order."""
    return [
        first
        for one in told
        if isinstance(one, Accepted | Delivery)
        for first in range(
            one.first_id,
            one.first_id + (one.count if isinstance(one, Accepted) else len(one.texts)),
        )
    ]
