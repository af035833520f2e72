"""Invitations as they are kept: found by their digest, counted, ended."""

from common.roles import Role
from server.invites import Invites
from server.store.base import InviteRow


def row(invite: int = 1, uses: int = 1, expires: float = 100.0) -> InviteRow:
    return InviteRow(invite, f"d{invite}", Role.MEMBER, None, None, 0, expires, uses)


def of(*rows: InviteRow) -> Invites:
    invites = Invites()
    for one in rows:
        invites.add(one)
    return invites


def test_it_is_found_by_its_digest_until_it_ends() -> None:
    invites = of(row())
    assert invites.find("d1", 99.9) == row()
    assert invites.find("d1", 100.0) is None
    assert invites.find("d2", 0.0) is None


def test_it_is_good_for_as_many_uses_as_were_said() -> None:
    invites = of(row(uses=2))
    first = invites.find("d1", 0.0)
    assert first is not None
    invites.take(first)
    second = invites.find("d1", 0.0)
    assert second is not None
    assert (second.uses_left, second.used) == (1, 1)
    invites.take(second)
    assert invites.find("d1", 0.0) is None
    assert len(invites) == 0


def test_only_good_ones_are_listed_in_their_order() -> None:
    invites = of(row(2), row(1, expires=50.0), row(3))
    assert [one.invite for one in invites.good(60.0)] == [2, 3]


def test_those_that_are_dropped_are_told() -> None:
    invites = of(row(1), row(2))
    assert invites.drop(lambda one: one.invite == 2) == [row(2)]
    assert invites.find("d2", 0.0) is None
    assert len(invites) == 1
