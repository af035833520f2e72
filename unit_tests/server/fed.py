"""Somebody who is fed from the store, and what they were told, all in its order."""

from server.events import CaughtUp, Delivery, Outgoing
from unit_tests.server.people_of_a_hub import Somebody, World

__all__ = ["Recorder", "caught_up", "comes", "texts"]


class Recorder(Somebody):
    """Somebody who keeps `caught up` among what was told, in its place."""

    def hear(self, outbox: list[Outgoing]) -> None:
        """Take what the loop would write."""
        self.told += outbox
        self.session.hungry = self.reads


def comes(
    world: World, name: str, since: int | None, device: str = "d1", reads: bool = True
) -> Recorder:
    """Return somebody who has signed in with what they have."""
    somebody = Recorder(world, "recorder", "127.0.0.1")
    somebody.reads = reads
    somebody.sign_in(name, device, since)
    return somebody


def texts(told: list[Outgoing]) -> list[str]:
    return [text for one in told if isinstance(one, Delivery) for text in one.texts]


def caught_up(told: list[Outgoing]) -> int:
    (one,) = (one for one in told if isinstance(one, CaughtUp))
    return one.last_id
