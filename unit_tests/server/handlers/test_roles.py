"""Roles: given by owners, told and noted, and never lost to all."""

import pytest

from common.names import Secret
from common.roles import Role
from server.events import (
    DeleteAccount,
    Done,
    InviteList,
    ListInvites,
    MakeInvite,
    Ruling,
    SetRole,
    SignIn,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, code, only
from unit_tests.server.people_of_rank import audited, person, ranked, refusal


def test_an_owner_makes_a_moderator_who_is_told_and_it_is_noted(
    world: KeptWorld,
) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    bob = world.signed_in("bob", token=world.account("bob"))
    owner.starts(SetRole("Bob", "moderator", 7))
    assert ("role", "ann", "bob", "", "moderator") in audited(world)
    world.end_turn()
    assert owner.takes() == [Done(7)]
    told = only(bob.takes(), Ruling)
    assert (told.what, told.name, told.by, told.role) == (
        "role",
        "bob",
        "ann",
        "moderator",
    )
    assert person(world, "bob").role is Role.MODERATOR
    assert only(bob.says(SignIn("bob")), Welcome).role == "moderator"


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_role_is_there_after_the_next_start(world: KeptWorld, how: str) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    world.account("bob")
    owner.says(SetRole("bob", "moderator"))
    again: KeptWorld = getattr(world, how)()
    try:
        assert person(again, "bob").role is Role.MODERATOR
        assert person(again, "ann").role is Role.OWNER
    finally:
        again.close()


def test_the_same_role_again_is_told_to_nobody(world: KeptWorld) -> None:
    owner, bob = ranked(world, "ann", Role.OWNER), ranked(world, "bob")
    assert owner.says(SetRole("bob", "member")) == [Done(None)]
    assert bob.takes() == []


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("nobody", "member", 404),
        ("guest", "moderator", 403),
        ("bob", "king", 400),
        ("bob", "guest", 403),
        ("bob", "moderator", 403),  # it has no password
        ("other", "member", 403),  # as high as who asks
    ],
)
def test_what_can_not_be_given_is_refused(
    world: KeptWorld, name: str, role: str, expected: int
) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    ranked(world, "bob")
    ranked(world, "other", Role.OWNER)
    world.guest("guest")
    assert code(owner.says(SetRole(name, role))) == expected


def test_an_account_without_a_password_is_told_what_to_do(world: KeptWorld) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    ranked(world, "bob")
    _, sentence = refusal(owner.says(SetRole("bob", "owner")))
    assert "set a password first" in sentence


def test_the_last_owner_neither_steps_down_nor_goes(world: KeptWorld) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    for event in (SetRole("ann", "member"), DeleteAccount()):
        expected, sentence = refusal(owner.says(event))
        assert (expected, "the last owner" in sentence) == (403, True)
    assert person(world, "ann").role is Role.OWNER


def test_one_of_two_owners_may_step_down_or_go(world: KeptWorld) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    ranked(world, "bob", Role.OWNER)
    only([owner.says(SetRole("ann", "member"))[-1]], Done)
    assert person(world, "ann").role is Role.MEMBER
    person(world, "ann").role = Role.OWNER
    assert isinstance(owner.says(DeleteAccount())[0], Done)


def test_an_owner_gone_meanwhile_leaves_the_other_as_the_last(
    world: KeptWorld,
) -> None:
    # Both ask at once; the worker answers one behind the other.
    owners = []
    for name in ("ann", "bob"):
        token = world.account(name)
        owners.append(world.signed_in(name, token=token))
        person(world, name).role = Role.OWNER
    for owner in owners:
        owner.starts(DeleteAccount(Secret(PASSWORD)))
    world.end_turn()
    world.let_workers_finish()
    assert sorted(type(owner.takes()[0]).__name__ for owner in owners) == [
        "Done",
        "Refused",
    ]


def test_who_may_invite_no_more_has_no_good_invitations_either(
    world: KeptWorld,
) -> None:
    owner = ranked(world, "ann", Role.OWNER)
    moderator = ranked(world, "bob", Role.MODERATOR)
    moderator.says(MakeInvite())
    owner.says(MakeInvite())
    assert len(only(owner.says(ListInvites()), InviteList).entries) == 2
    owner.says(SetRole("bob", "member"))
    (left,) = only(owner.says(ListInvites()), InviteList).entries
    assert left.creator == "ann"
