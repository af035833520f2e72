"""Invitations: made, listed, revoked, taken, and guessed at."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from common.names import Label, Secret
from common.roles import Role
from server.events import (
    Done,
    InviteList,
    InviteMade,
    JoinRoom,
    ListInvites,
    MakeInvite,
    Redeem,
    Refused,
    Register,
    Registered,
    RemoveRoom,
    RevokeInvite,
    Sanction,
    SetAccess,
    SetRole,
    SignIn,
    Welcome,
)
from server.handlers.invites import new_invite
from server.passwords import digest
from server.place import Place
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, Somebody, code, only
from unit_tests.server.people_of_rank import (
    audited,
    carried_out,
    inside,
    person,
    ranked,
    refusal,
    room,
    rulings,
)

ELSEWHERE = "192.0.2.7"
NOT_GOOD = (403, "this invitation is not good (any more): ask for a new one")
DAY = 86_400.0


@pytest.fixture
def owner(world: KeptWorld) -> Somebody:
    return ranked(world, "owner", Role.OWNER)


@pytest.fixture
def by_invitation(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data", registration="invite")
    yield world
    world.close()


def made(somebody: Somebody, *args: Any, **fields: Any) -> InviteMade:
    return only(somebody.says(MakeInvite(*args, **fields)), InviteMade)


def of_the_shell(world: KeptWorld, role: Role = Role.MEMBER, uses: int = 1) -> Secret:
    return new_invite(world.hub, role, uses, None, None, None)[0]


def registers(
    world: KeptWorld, name: str, invite: Secret | None, *, is_open: bool = True
) -> list[Any]:
    password = None if is_open else PASSWORD
    return world.newcomer().asks(Register(name, password, 1, invite))


# ------------------------------------------------------------------------- making


def test_one_is_shown_once_and_its_digest_is_all_that_is_kept(
    world: KeptWorld, owner: Somebody
) -> None:
    answer = made(owner, request=3)
    assert answer.request == 3
    assert answer.expires == world.wall + DAY
    assert answer.invite.startswith("inv_")
    (listed,) = only(owner.says(ListInvites()), InviteList).entries
    assert (listed.invite_id, listed.role, listed.uses_left, listed.used) == (
        answer.invite_id,
        "member",
        1,
        0,
    )
    assert (listed.creator, listed.room) == ("owner", None)
    world.end_turn()
    for file in world.folder.iterdir():
        assert answer.invite.encode() not in file.read_bytes()


#: From where, what the owner calls the server: what the line that joins begins with.
TOLD = {
    ("127.0.0.1", ""): "192.0.2.9:7777#AAA",
    ("::1", ""): "192.0.2.9:7777#AAA",
    ("192.0.2.30", ""): None,  # that one knows an address that works
    ("192.0.2.30", "chat.example:443"): "chat.example:443#AAA",
    ("127.0.0.1", "chat.example:443"): "chat.example:443#AAA",
}


@pytest.mark.parametrize(("address", "public"), TOLD)
def test_who_sits_on_the_server_is_told_how_others_find_it(
    tmp_path: Path, address: str, public: str
) -> None:
    with closing(KeptWorld(tmp_path / "data", public_address=public)) as world:
        owner = ranked(world, "owner", Role.OWNER)
        owner.session.address = Label(address)
        addresses = (public, "192.0.2.9", "127.0.0.1")[not public :]
        world.hub.place = Place(addresses, 7777, "A" * 43)
        place, begins = made(owner).place, TOLD[address, public]
        if begins is None:
            assert place is None
        else:
            assert place is not None and place.startswith(begins)


def test_all_of_it_is_noted_and_never_what_it_is(
    world: KeptWorld, owner: Somebody
) -> None:
    owner.starts(MakeInvite("moderator", 2))
    assert audited(world)[-1][:2] == ("invitation made", "owner")
    world.end_turn()
    (answer,) = owner.takes()
    assert isinstance(answer, InviteMade)
    newcomer = world.newcomer()
    newcomer.starts(Register("bob", PASSWORD, 1, answer.invite))
    world.end_turn()
    world.let_workers_finish()
    owner.starts(RevokeInvite(answer.invite_id))
    assert audited(world)[-1][:2] == ("invitation revoked", "owner")


@pytest.mark.parametrize("seconds", [0.0, -1.0, 400 * DAY, float("nan")])
def test_a_time_that_makes_no_sense_is_refused(owner: Somebody, seconds: float) -> None:
    assert code(owner.says(MakeInvite(seconds=seconds))) == 400


def test_a_role_that_is_none_is_refused(owner: Somebody) -> None:
    for role in ("guest", "king"):
        assert code(owner.says(MakeInvite(role))) == 400


def test_a_moderator_deals_with_invitations_of_members_only(
    world: KeptWorld, owner: Somebody
) -> None:
    moderator = ranked(world, "mod", Role.MODERATOR)
    high, low = made(owner, "owner"), made(owner)
    listed = only(moderator.says(ListInvites()), InviteList).entries
    assert [one.invite_id for one in listed] == [low.invite_id]
    assert code(moderator.says(RevokeInvite(high.invite_id))) == 400
    only(moderator.says(RevokeInvite(low.invite_id)), Done)
    assert len(only(owner.says(ListInvites()), InviteList).entries) == 1


def test_there_are_no_more_than_a_thousand(
    world: KeptWorld, owner: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.handlers.invites._MOST_INVITES", 2)
    for _ in range(2):
        made(owner)
    assert code(owner.says(MakeInvite())) == 429


# ------------------------------------------------------------------------- taking


def test_an_invitation_makes_one_account(world: KeptWorld, owner: Somebody) -> None:
    invite = made(owner).invite
    only(registers(world, "bob", invite), Registered)
    assert refusal(registers(world, "carl", invite)) == NOT_GOOD
    assert only(owner.says(ListInvites()), InviteList).entries == []


def test_it_makes_as_many_as_were_said(world: KeptWorld, owner: Somebody) -> None:
    invite = made(owner, uses=2).invite
    for name in ("bob", "carl"):
        only(registers(world, name, invite), Registered)
    assert refusal(registers(world, "dan", invite)) == NOT_GOOD


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_use_is_counted_across_a_start(
    world: KeptWorld, owner: Somebody, how: str
) -> None:
    twice, once = made(owner, uses=2).invite, made(owner).invite
    for invite, name in ((twice, "bob"), (once, "carl")):
        only(registers(world, name, invite), Registered)
    again: KeptWorld = getattr(world, how)()
    try:
        assert refusal(registers(again, "dan", once)) == NOT_GOOD
        only(registers(again, "dan", twice), Registered)
        assert refusal(registers(again, "eve", twice)) == NOT_GOOD
    finally:
        again.close()


def test_it_ends_after_its_time_also_across_a_start(
    world: KeptWorld, owner: Somebody
) -> None:
    short, day = made(owner, seconds=60.0).invite, made(owner).invite
    world.pass_time(60.0)
    assert refusal(registers(world, "bob", short)) == NOT_GOOD
    world.wall += DAY
    again = world.restarted()
    try:
        assert refusal(registers(again, "bob", day)) == NOT_GOOD
        assert again.hub.invites.good(0.0) == []
    finally:
        again.close()


def test_wrong_used_up_and_revoked_get_one_answer(
    world: KeptWorld, owner: Somebody
) -> None:
    revoked = made(owner)
    owner.says(RevokeInvite(revoked.invite_id))
    for invite in (revoked.invite, Secret("inv_wrong"), Secret(""), Secret("щ")):
        assert refusal(registers(world, "bob", invite)) == NOT_GOOD
    assert world.is_free("bob")


def test_of_two_in_flight_with_one_invitation_exactly_one_gets_in(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner).invite
    both = [world.newcomer(), world.newcomer()]
    for name, one in zip(("bob", "carl"), both, strict=True):
        one.starts(Register(name, PASSWORD, 1, invite))
    world.end_turn()
    world.let_workers_finish()
    told = [one.takes()[0] for one in both]
    assert sorted(type(one).__name__ for one in told) == ["Refused", "Registered"]
    (refused,) = [one for one in told if isinstance(one, Refused)]
    assert (refused.error.code, str(refused.error)) == NOT_GOOD
    accounts = {one.name for one in world.hub.people.after(None)} - {"owner"}
    assert len(accounts) == 1


def test_who_leaves_while_the_password_is_hashed_has_not_used_it(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner).invite
    newcomer = world.newcomer()
    newcomer.says(Register("bob", PASSWORD, 1, invite))
    newcomer.goes()
    world.let_workers_finish()
    only(registers(world, "carl", invite), Registered)


def test_a_full_disk_makes_no_account_and_counts_no_use(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner).invite
    world.end_turn()
    world.set_read_only(read_only=True)
    assert code(registers(world, "bob", invite)) == 500
    world.set_read_only(read_only=False)
    only(registers(world, "bob", invite), Registered)


def test_one_that_the_full_disk_did_not_take_is_nobody_s(
    world: KeptWorld, owner: Somebody
) -> None:
    world.end_turn()
    world.set_read_only(read_only=True)
    assert code(owner.says(MakeInvite())) == 500
    world.set_read_only(read_only=False)
    world.pass_time(1)
    again = world.restarted()
    try:
        assert len(again.hub.invites) == 0
    finally:
        again.close()


def test_the_role_and_the_room_come_with_it(world: KeptWorld, owner: Somebody) -> None:
    inside("#r", owner)
    owner.says(SetAccess("#r", "invited"))
    invite = made(owner, "moderator", room="#R").invite
    only(registers(world, "bob", invite, is_open=False), Registered)
    bob = person(world, "bob")
    assert bob.role is Role.MODERATOR
    assert bob in room(world, "#r").members
    again = world.restarted()
    try:
        assert person(again, "bob").role is Role.MODERATOR
        assert person(again, "bob") in room(again, "#r").members
        assert person(again, "bob").number in room(again, "#r").permits
    finally:
        again.close()


def test_a_room_that_is_gone_does_not_spoil_it(
    world: KeptWorld, owner: Somebody
) -> None:
    inside("#r", owner)
    invite = made(owner, room="#r").invite
    owner.says(RemoveRoom("#r"))
    only(registers(world, "bob", invite), Registered)
    assert [one.name for one in person(world, "bob").rooms] == ["#all"]


def test_who_becomes_a_moderator_needs_a_password(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner, "moderator").invite
    expected, sentence = refusal(registers(world, "bob", invite))
    assert (expected, "password" in sentence) == (403, True)
    only(registers(world, "bob", invite, is_open=False), Registered)


def test_a_guest_takes_one_and_is_a_member_of_all_it_was_in(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner).invite
    bob = world.guest("bob")
    inside("#b", bob)
    told = bob.asks(Register("bob", None, 1, invite))
    assert isinstance(told[-1], Registered)
    assert only(bob.says(SignIn("bob")), Welcome).role == "member"


# ----------------------------------------------------------------- who may register


def test_by_invitation_nobody_registers_without_one(by_invitation: KeptWorld) -> None:
    expected, sentence = refusal(registers(by_invitation, "bob", None))
    assert (expected, "invitation" in sentence) == (403, True)
    invite = of_the_shell(by_invitation)
    only(registers(by_invitation, "bob", invite), Registered)


def test_closed_takes_only_what_the_owner_s_shell_has_made(tmp_path: Path) -> None:
    world = KeptWorld(tmp_path / "data")
    owner = ranked(world, "owner", Role.OWNER)
    from_owner, from_shell = made(owner, uses=2).invite, of_the_shell(world)
    world.end_turn()
    world.close()
    closed = KeptWorld(tmp_path / "data", registration="closed")
    try:
        assert code(registers(closed, "bob", None)) == 403
        assert refusal(registers(closed, "bob", from_owner)) == NOT_GOOD
        only(registers(closed, "bob", from_shell), Registered)
    finally:
        closed.close()


def test_the_first_owner_comes_with_the_shell_s_invitation(
    by_invitation: KeptWorld,
) -> None:
    invite = of_the_shell(by_invitation, Role.OWNER)
    only(registers(by_invitation, "ann", invite, is_open=False), Registered)
    assert person(by_invitation, "ann").role is Role.OWNER


# ------------------------------------------------------------------------- guesses


def test_guesses_at_invitations_have_to_wait(world: KeptWorld) -> None:
    answers = [
        code(world.newcomer().asks(Register(f"n{at}", None, 1, Secret("inv_x"))))
        for at in range(20)
    ]
    assert answers[0] == 403
    assert answers[-1] == 429
    assert answers.count(403) <= 10


def test_an_invitation_does_not_cross_the_network_for_all_to_read(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner).invite
    stranger = world.newcomer(ELSEWHERE)
    assert "TLS" in refusal(stranger.asks(Register("bob", None, 1, invite)))[1]
    stranger.session.is_private = True
    only(stranger.asks(Register("bob", None, 1, invite)), Registered)


# ----------------------------------------------------------------------- redeeming


def test_an_account_takes_a_role_and_a_room(world: KeptWorld, owner: Somebody) -> None:
    inside("#r", owner)
    owner.says(SetAccess("#r", "invited"))
    invite = made(owner, "moderator", room="#r").invite
    bob = world.signed_in("bob", token=world.account("bob"))
    told = bob.says(Redeem(invite, 5))
    assert carried_out(told)
    assert rulings(told) == [("role", "bob", None, "bob")]
    assert person(world, "bob").role is Role.MODERATOR
    assert person(world, "bob") in room(world, "#r").members
    assert refusal(bob.says(Redeem(invite))) == NOT_GOOD


def test_one_that_gives_nothing_is_not_used(world: KeptWorld, owner: Somebody) -> None:
    invite = made(owner).invite
    bob = ranked(world, "bob")
    assert "nothing" in refusal(bob.says(Redeem(invite)))[1]
    only(registers(world, "carl", invite), Registered)


def test_a_role_is_never_lowered_by_one(world: KeptWorld, owner: Somebody) -> None:
    inside("#r", ranked(world, "host"))
    owner.says(JoinRoom("#r"))
    invite = made(owner, room="#r").invite
    moderator = ranked(world, "mod", Role.MODERATOR)
    assert carried_out(moderator.says(Redeem(invite)))
    assert person(world, "mod").role is Role.MODERATOR


def test_an_open_account_does_not_become_an_owner_by_one(
    world: KeptWorld, owner: Somebody
) -> None:
    invite = made(owner, "owner").invite
    assert code(ranked(world, "bob").says(Redeem(invite))) == 403


def test_who_is_banned_from_the_room_is_not_let_in_by_one(
    world: KeptWorld, owner: Somebody
) -> None:
    inside("#r", owner)
    bob = world.signed_in("bob", token=world.account("bob"))
    owner.says(Sanction("ban", "bob", "#r"))
    bob.takes()
    bob.says(Redeem(made(owner, "moderator", room="#r").invite))
    assert person(world, "bob") not in room(world, "#r").members
    for_nothing = made(owner, room="#r").invite
    assert code(bob.says(Redeem(for_nothing))) == 403
    assert world.hub.invites.find(digest(for_nothing), world.wall) is not None


def test_the_invitations_of_a_member_who_was_a_moderator_are_worthless(
    world: KeptWorld, owner: Somebody
) -> None:
    moderator = ranked(world, "mod", Role.MODERATOR)
    invite = made(moderator).invite
    owner.says(SetRole("mod", "member"))
    assert refusal(registers(world, "bob", invite)) == NOT_GOOD
