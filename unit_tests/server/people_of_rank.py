"""People of every rank in a world, and what they were told of it."""

from common.roles import Role
from server.events import Done, Goodbye, JoinRoom, Outgoing, Refused, Ruling
from server.people import Person
from server.rooms import Room
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World

__all__ = [
    "audited",
    "carried_out",
    "goodbye",
    "inside",
    "person",
    "ranked",
    "refusal",
    "room",
    "rulings",
]


def ranked(world: KeptWorld, name: str, role: Role = Role.MEMBER) -> Somebody:
    """Return who has just signed in to a new account of this role."""
    world.account(name, None)
    one = person(world, name)
    one.role = role
    world.store.set_role(one.number, role)
    return world.signed_in(name)


def person(world: World, name: str) -> Person:
    found = world.hub.people.find(name)
    assert found is not None
    return found


def room(world: World, name: str) -> Room:
    found = world.hub.rooms.find(name)
    assert found is not None
    return found


def inside(name: str, *people: Somebody) -> None:
    """Have people join a room, the first of them makes it; drop what they heard."""
    for one in people:
        told = one.says(JoinRoom(name))
        assert isinstance(told[0], Done), told
    for one in people:
        one.takes()


def carried_out(told: list[Outgoing]) -> bool:
    """Tell whether a request was carried out, whatever else was told."""
    return any(isinstance(one, Done) for one in told)


def refusal(told: list[Outgoing]) -> tuple[int, str]:
    """Return the code and the sentence of the only refusal."""
    (error,) = [one.error for one in told if isinstance(one, Refused)]
    return error.code, str(error)


def rulings(told: list[Outgoing]) -> list[tuple[str, str, str | None, str]]:
    """Return (what, whom, where, by whom) of the rulings told."""
    return [
        (one.what, one.name, one.room, one.by)
        for one in told
        if isinstance(one, Ruling)
    ]


def goodbye(told: list[Outgoing]) -> tuple[int, str]:
    """Return the code and the sentence with which a session ended."""
    (error,) = [one.error for one in told if isinstance(one, Goodbye)]
    return error.code, str(error)


def audited(world: World) -> list[tuple[str, str, str, str, str]]:
    """Return (what, who, whom, where, how) of the notes since the last turn ended."""
    return [
        (one["what"], one["who"], one["whom"], one["where"], one["how"])
        for one in world.hub.audit.waiting
    ]
