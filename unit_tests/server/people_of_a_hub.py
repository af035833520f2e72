"""A hub without a server: people who say events and take what they are told."""

import select
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from common.names import Label, Secret
from common.server_settings import ServerSettings
from errors import TooSoon
from server.clock import Clock
from server.crew import make_crew
from server.events import (
    Accepted,
    Authenticate,
    CaughtUp,
    Delivery,
    Event,
    Outgoing,
    Refused,
    Register,
    Registered,
    Said,
    SignIn,
    Welcome,
)
from server.hub import Hub
from server.store.base import Store
from server.store.memory import MemoryStore
from server.workers import Workers
from unit_tests.helpers import PATIENCE

__all__ = ["PASSWORD", "Somebody", "World", "code", "ids", "occupied", "only"]

Kind = TypeVar("Kind")

PASSWORD = Secret("correct horse")


class World:
    """A hub, a clock, and what everybody was told at the end of each turn."""

    def __init__(
        self,
        store: Store | None = None,
        now: float = 1000.0,
        wall: float = 1_700_000_000.0,
        **settings: Any,
    ) -> None:
        """Begin with a store that keeps nothing, unless another one is given.

        Whoever gives one closes it.
        """
        self.store = store or MemoryStore()
        self.crew = make_crew(self.store)
        weakref.finalize(self, self.crew.close)
        self.now, self.wall = now, wall
        self.hub = Hub(
            ServerSettings(**settings),
            self.store,
            self.crew,
            self.now,
            Clock(*self.store.clock(), self.now, self.wall),
        )
        self._number = 0

    def close(self) -> None:
        """End as the server does, and write down what waits."""
        self.hub.close()
        self.crew.close()

    def newcomer(self, address: str = "127.0.0.1") -> "Somebody":
        """Return a new connection that nobody has signed in on."""
        self._number += 1
        return Somebody(self, f"{self._number}", address)

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
        assert isinstance(somebody.told[0], Welcome), somebody.told
        somebody.told.clear()
        return somebody

    def account(self, name: str, password: Secret | None = PASSWORD) -> Secret | None:
        """Make an account; return its token, which an open one does not have."""
        made = only(self.newcomer().asks(Register(name, password)), Registered)
        return made.token

    def signed_in(
        self,
        name: str,
        device: str | None = None,
        token: Secret | None = None,
        since: int | None = None,
    ) -> "Somebody":
        """Return somebody who has just signed in to an account.

        Without a token it must be an open one. What was missed stands in `told`.
        """
        somebody = self.newcomer()
        if token is None:
            somebody.sign_in(name, device, since)
        else:
            somebody.authenticate(name, token=token, device=device, since=since)
        assert isinstance(somebody.told[0], Welcome), somebody.told
        assert not somebody.told[0].guest
        del somebody.told[0]
        return somebody

    def end_turn(self) -> None:
        """End the turn as the loop does, and hand out what each was told."""
        self.hub.wall = self.hub.clock.read(self.now, self.wall)
        while touched := self.hub.end_turn():
            for session in touched:
                outbox, session.outbox = session.outbox, []
                session.connection.hear(outbox)

    def pass_time(self, seconds: float) -> None:
        """Turn the clocks on and let the hub look at it."""
        self.now += seconds
        self.wall += seconds
        self.hub.wall = self.hub.clock.read(self.now, self.wall)
        self.hub.expire(self.now)
        self.end_turn()

    def let_workers_finish(self, left: int = 0) -> None:
        """Wait for the workers, as the loop does, until only `left` jobs are left."""
        for workers in self.crew:
            while workers.busy > left:
                select.select([workers.reader], [], [], PATIENCE)
                workers.finish()
                self.end_turn()


class Somebody:
    """One connection; `told` is what it was told and nobody has looked at yet.

    That a session has caught up stands in `caught_up` instead: the last id it was told.
    """

    def __init__(self, world: World, label: str, address: str) -> None:
        self._world = world
        self.told: list[Outgoing] = []
        self.caught_up: int | None = None
        self.reads = True
        self.session = world.hub.open(self, Label(label), Label(address))

    def hear(self, outbox: list[Outgoing]) -> None:
        """Take what the loop would write."""
        for event in outbox:
            if isinstance(event, CaughtUp):
                self.caught_up = event.last_id
            else:
                self.told.append(event)
        self.session.hungry = self.reads

    def written(self) -> int:
        """Return the last message that was written, as a connection does."""
        return max(ids(self.told), default=0)

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

    def asks(self, *events: Event) -> list[Outgoing]:
        """Say events, wait for the workers, and return what it is told."""
        self.starts(*events)
        self._world.end_turn()
        self._world.let_workers_finish()
        return self.takes()

    def sign_in(
        self, name: str, device: str | None = None, since: int | None = None
    ) -> None:
        """Sign in; the answer is in `told`."""
        secret = None if device is None else Secret(device)
        store = self._world.store.store_id
        self.starts(SignIn(name, "here", secret, 1, store, since))
        self._world.end_turn()

    def authenticate(
        self,
        name: str,
        password: Secret | None = None,
        token: Secret | None = None,
        device: str | None = None,
        since: int | None = None,
    ) -> None:
        """Sign in to an account; the answer is in `told`."""
        secret = None if device is None else Secret(device)
        store = self._world.store.store_id
        self.starts(Authenticate(name, password, token, secret, 1, store, since))
        self._world.end_turn()
        self._world.let_workers_finish()

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


@contextmanager
def occupied(
    workers: Workers[Any], threads: int, *, full: bool = False
) -> Iterator[None]:
    """Keep all threads of these workers from their next job while the block lasts.

    With `full` as many jobs wait as there may.
    """
    begun, done = threading.Semaphore(0), threading.Event()

    def wait(_: Any) -> None:
        begun.release()
        assert done.wait(PATIENCE)

    try:
        for _ in range(threads):
            workers.submit(wait, lambda _: None)
        for _ in range(threads):
            assert begun.acquire(timeout=PATIENCE)
        with suppress(TooSoon):
            while full:
                workers.submit(lambda _: None, lambda _: None)
        yield
    finally:
        done.set()
