"""Kicked, banned, muted: what it does, who is told, and when it ends."""

import time
from typing import Any

import pytest

from common.names import Secret
from common.roles import Role
from server.events import (
    Accepted,
    Authenticate,
    Block,
    DeleteAccount,
    Done,
    JoinRoom,
    Kick,
    Listen,
    ListSanctions,
    Movement,
    Pardon,
    Refused,
    Register,
    Registered,
    Ruling,
    Said,
    Sanction,
    SanctionList,
    SetTopic,
    SignIn,
    TakeName,
    Welcome,
)
from server.handlers.invites import new_invite
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, Somebody, World, code, only
from unit_tests.server.people_of_rank import (
    audited,
    carried_out,
    goodbye,
    inside,
    person,
    ranked,
    refusal,
    rulings,
)

HOUR = 3600.0
ELSEWHERE = "192.0.2.7"


@pytest.fixture
def mod(world: KeptWorld) -> Somebody:
    return ranked(world, "mod", Role.MODERATOR)


def listed(somebody: Somebody, where: str | None = None) -> list[Any]:
    return only(somebody.says(ListSanctions(where)), SanctionList).entries


# ------------------------------------------------------------------------- kicked


def test_a_kick_ends_the_sessions_and_one_may_come_back(
    world: KeptWorld, mod: Somebody
) -> None:
    token = world.account("bob")
    devices = [world.signed_in("bob", device, token) for device in ("d1", "d2")]
    assert mod.says(Kick("BOB", reason="enough", request=4)) == [Done(4)]
    for one in devices:
        assert goodbye(one.takes()) == (403, "mod has ended your session: enough")
        assert one.session.ended
    world.signed_in("bob", "d1", token)


def test_a_kick_from_a_room_takes_out_and_is_told_to_all_in_it(
    world: KeptWorld, mod: Somebody
) -> None:
    bob, carl = world.guest("bob"), world.guest("carl")
    inside("#r", mod, bob, carl)
    assert carried_out(mod.says(Kick("bob", "#r", "enough")))
    for one in (bob, carl):
        told = one.takes()
        assert rulings(told) == [("kick", "bob", "#r", "mod")]
        assert isinstance(told[0], Ruling)
        assert told[0].reason == "enough"
    # What the answer names can be done.
    assert refusal(bob.sends("#r", "x")) == (403, "you are not in #r; join it first")
    only(bob.says(JoinRoom("#r")), Done)


def test_the_guest_who_is_kicked_goes_with_the_name_unless_a_device_has_it(
    world: KeptWorld, mod: Somebody
) -> None:
    world.guest("bob")
    kept = world.guest("carl", "d1")
    for name in ("bob", "carl"):
        mod.says(Kick(name))
    assert world.is_free("bob")
    assert not world.is_free("carl")
    assert kept.session.ended


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Kick("nobody"), 404),
        (Kick("bob", "#nowhere"), 404),
        (Kick("bob", "#r"), 403),  # who is not in it
        (Sanction("ban", "nobody"), 404),
        (Sanction("mute", "bob", "#nowhere"), 404),
        (Pardon("ban", "bob"), 400),
        (Pardon("mute", "nobody", "#r"), 400),
    ],
)
def test_what_hits_nobody_is_refused(
    world: KeptWorld, mod: Somebody, event: Any, expected: int
) -> None:
    world.guest("bob")
    inside("#r", mod)
    assert code(mod.says(event)) == expected


# ------------------------------------------------------------------------- banned


def test_a_banned_account_is_out_and_stays_out_until_pardoned(
    world: KeptWorld, mod: Somebody
) -> None:
    token = world.account("bob")
    bob = world.signed_in("bob", "d1", token)
    mod.says(Sanction("ban", "bob", None, None, "spam"))
    sentence = "you are banned from this server for good, by mod: spam"
    assert goodbye(bob.takes()) == (403, sentence)
    for password in (None, PASSWORD):
        back = world.newcomer()
        back.authenticate("bob", password, None if password else token)
        assert refusal(back.takes()) == (403, sentence)
        assert back.session.person is None
    only(mod.says(Pardon("ban", "BOB")), Done)
    world.signed_in("bob", "d1", token)


def test_the_ban_is_told_only_to_who_has_the_password(
    world: KeptWorld, mod: Somebody
) -> None:
    world.account("bob")
    mod.says(Sanction("ban", "bob"))
    stranger = world.newcomer()
    stranger.authenticate("bob", Secret("wrong horse"))
    assert code(stranger.takes()) == 402


def test_who_is_banned_while_signing_in_does_not_get_in(
    world: KeptWorld, mod: Somebody
) -> None:
    world.account("bob")
    late = world.newcomer()
    late.says(Authenticate("bob", PASSWORD))
    mod.says(Sanction("ban", "bob"))
    world.let_workers_finish()
    assert code(late.takes()) == 403


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_ban_and_a_mute_hold_across_a_start_and_end_in_time(
    world: KeptWorld, mod: Somebody, how: str
) -> None:
    for name in ("bob", "carl"):
        ranked(world, name)
    mod.says(Sanction("ban", "bob", None, HOUR), Sanction("mute", "carl", None, HOUR))
    again: KeptWorld = getattr(world, how)()
    try:
        carl = again.signed_in("carl")
        assert code(carl.sends("#all", "x")) == 403
        again.pass_time(HOUR - 1)
        expected, sentence = refusal(again.newcomer().says(SignIn("bob")))
        assert (expected, "until 2023-11-14 23:13 UTC, by mod" in sentence) == (
            403,
            True,
        )
        again.pass_time(1)
        assert not person(again, "carl").sanctioned
        again.signed_in("bob")
        only(carl.sends("#all", "x"), Accepted)
    finally:
        again.close()
    assert again.hub.sanctions.all() == []


def test_one_that_ended_while_the_server_was_down_is_gone(
    world: KeptWorld, mod: Somebody
) -> None:
    ranked(world, "bob")
    mod.says(Sanction("ban", "bob", None, HOUR))
    world.wall += HOUR
    again = world.restarted()
    try:
        again.signed_in("bob")
        assert again.hub.sanctions.all() == []
    finally:
        again.close()


def test_a_guest_s_ban_holds_for_the_name_and_the_network() -> None:
    world = World()
    mod = world.guest("mod")
    person(world, "mod").role = Role.MODERATOR
    bob, other = world.newcomer(ELSEWHERE), world.newcomer(ELSEWHERE)
    bob.sign_in("bob")
    other.sign_in("other")
    for one in (bob, other):
        one.takes()
    mod.says(Sanction("ban", "bob"))
    assert goodbye(bob.takes())[0] == goodbye(other.takes())[0] == 403
    assert code(world.newcomer("198.51.100.1").says(SignIn("BOB"))) == 403
    assert code(world.newcomer(ELSEWHERE).says(SignIn("carl"))) == 403
    assert isinstance(world.newcomer("192.0.2.8").says(SignIn("carl"))[0], Welcome)
    assert {one.name for one in world.hub.people.after(None)} == {"mod", "carl"}


def test_a_network_s_ban_ends_also_who_has_said_no_name() -> None:
    world = World()
    mod = world.guest("mod")
    person(world, "mod").role = Role.MODERATOR
    bob, reader, silent = (world.newcomer(ELSEWHERE) for _ in range(3))
    bob.sign_in("bob")
    reader.says(Listen())
    others = [world.newcomer("192.0.2.8"), world.newcomer()]
    others[0].says(Listen())
    shell = world.newcomer(ELSEWHERE)
    shell.session.is_admin = True
    mod.says(Sanction("ban", "bob"))
    assert goodbye(reader.takes())[0] == goodbye(silent.takes())[0] == 403
    assert not any(one.session.ended for one in (*others, shell))
    assert world.hub.listeners == {others[0].session}
    assert world.hub.strangers == {one.session for one in (*others, shell)}


def test_a_guest_s_ban_from_this_machine_holds_for_the_name_only() -> None:
    world = World()
    mod = world.guest("mod")
    person(world, "mod").role = Role.MODERATOR
    world.guest("bob", "d1")
    mod.says(Sanction("ban", "bob"))
    assert code(world.newcomer().says(SignIn("bob"))) == 403
    world.guest("carl")


def test_a_network_whose_guests_are_banned_has_its_accounts_and_invitations(
    world: KeptWorld, mod: Somebody
) -> None:
    token = world.account("alice")
    world.account("dave", None)
    bob = world.newcomer(ELSEWHERE)
    bob.sign_in("bob")
    mod.says(Sanction("ban", "bob"))
    assert isinstance(world.newcomer(ELSEWHERE).says(SignIn("dave"))[0], Welcome)
    assert token is not None
    assert code(world.newcomer(ELSEWHERE).asks(Register("eve"))) == 403
    invited = world.newcomer(ELSEWHERE)
    invited.session.is_private = True
    invite, _ = new_invite(world.hub, Role.MEMBER, 1, None, None, None)
    only(invited.asks(Register("eve", None, 1, invite)), Registered)


def test_a_guest_s_ban_can_be_ended_when_nobody_of_the_name_is_there(
    world: KeptWorld, mod: Somebody
) -> None:
    world.guest("bob")
    mod.says(Sanction("ban", "bob"))
    assert world.hub.people.find("bob") is None
    only(mod.says(Pardon("ban", "Bob")), Done)
    world.guest("bob")


def test_a_guest_s_ban_can_be_ended_when_the_name_is_an_account_s(
    world: KeptWorld, mod: Somebody
) -> None:
    bob = world.newcomer(ELSEWHERE)
    bob.sign_in("bob")
    mod.says(Sanction("ban", "bob"))
    invite, _ = new_invite(world.hub, Role.MEMBER, 1, None, None, None)
    only(world.newcomer().asks(Register("bob", None, 1, invite)), Registered)
    only(mod.says(Pardon("ban", "bob")), Done)
    assert isinstance(world.newcomer(ELSEWHERE).says(SignIn("carl"))[0], Welcome)


def test_the_ban_of_one_guest_does_not_end_another_s(
    world: KeptWorld, mod: Somebody
) -> None:
    for name in ("bob", "carl"):
        one = world.newcomer(ELSEWHERE)
        one.sign_in(name)
        mod.says(Sanction("mute", name))
    mod.says(Pardon("mute", "carl"))
    assert [one.name for one in listed(mod)] == ["bob"]


def test_two_thousand_who_are_here_do_not_make_a_ban_slow(
    world: KeptWorld, mod: Somebody
) -> None:
    """A ban looks at all sessions; were each address parsed, 100 would take 3 s."""
    for number in range(2000):
        world.newcomer(f"10.0.{number // 250}.{number % 250}").starts(
            SignIn(f"u{number}")
        )
    world.end_turn()
    started = time.process_time()
    for number in range(100):
        mod.starts(Sanction("mute", f"u{number}", None, 10.0))
    world.end_turn()
    world.pass_time(11)
    assert time.process_time() - started < 1.0
    assert world.hub.sanctions.all() == []
    assert not person(world, "u7").sanctioned


def test_a_ban_from_a_room_takes_out_and_keeps_out(
    world: KeptWorld, mod: Somebody
) -> None:
    bob, carl = ranked(world, "bob"), world.guest("carl")
    inside("#r", mod, bob, carl)
    mod.says(Sanction("ban", "bob", "#r", HOUR, "spam"))
    told = carl.takes()
    assert rulings(told) == [("ban", "bob", "#r", "mod")]
    assert isinstance(told[-1], Movement)
    (ruling,) = [one for one in bob.takes() if isinstance(one, Ruling)]
    assert (ruling.reason, ruling.until) == ("spam", world.wall + HOUR)
    for asked in (bob.says(JoinRoom("#R")), bob.sends("#r", "x")):
        expected, sentence = refusal(asked)
        assert (expected, sentence.startswith("you are banned from #r until")) == (
            403,
            True,
        )
    only(bob.sends("#all", "elsewhere"), Accepted)
    world.pass_time(HOUR)
    only(bob.says(JoinRoom("#r")), Done)


# -------------------------------------------------------------------------- muted


def test_a_muted_one_hears_and_says_nothing(world: KeptWorld, mod: Somebody) -> None:
    bob, carl = world.guest("bob"), world.guest("carl")
    inside("#r", mod, bob, carl)
    assert mod.says(Sanction("mute", "bob", None, HOUR, "spam")) == [Done(None)]
    assert rulings(bob.takes()) == [("mute", "bob", None, "mod")]
    assert carl.takes() == []
    sentence = "you are muted on this server until 2023-11-14 23:13 UTC, by mod: spam"
    for to in ("#r", "#all", "carl", "bob"):
        assert refusal(bob.sends(to, "x")) == (403, sentence)
    carl.sends("bob", "do you hear?")
    assert bob.hears() == [("carl", "bob", "do you hear?")]
    world.pass_time(HOUR)
    only(bob.sends("carl", "again"), Accepted)


def test_a_mute_in_a_room_is_one_in_that_room(world: KeptWorld, mod: Somebody) -> None:
    bob, carl = world.guest("bob"), world.guest("carl")
    inside("#r", mod, bob, carl)
    mod.says(Sanction("mute", "bob", "#r"))
    for one in (bob, carl):
        assert rulings(one.takes()) == [("mute", "bob", "#r", "mod")]
    assert code(bob.sends("#r", "x")) == 403
    only(bob.sends("#all", "x"), Accepted)
    only(bob.sends("carl", "x"), Accepted)
    carl.takes()
    mod.takes()
    mod.says(Pardon("mute", "bob", "#r"))
    for one in (bob, carl):
        assert rulings(one.takes()) == [("unmute", "bob", "#r", "mod")]
    only(bob.sends("#r", "x"), Accepted)


def test_numbered_messages_of_a_muted_one_are_settled_as_refused(
    world: KeptWorld, mod: Somebody
) -> None:
    token = world.account("bob")
    bob = world.signed_in("bob", "d1", token)
    only(bob.sends("#all", "before", numbers=[1]), Accepted)
    mod.says(Sanction("mute", "bob"))
    bob.takes()
    told = bob.says(Said("#all", ["a", "b"], [2, 3]))
    assert [(one.request, one.error.code) for one in told if isinstance(one, Refused)]
    assert [one.request for one in told if isinstance(one, Refused)] == [2, 3]
    again = bob.sends("#all", "before", numbers=[1])
    assert type(again[0]).__name__ == "Duplicate"
    mod.says(Pardon("mute", "bob"))
    bob.takes()
    assert code(bob.sends("#all", "a", numbers=[2])) == 409
    bob.goes()
    back = world.newcomer()
    back.authenticate("bob", token=token, device="d1")
    welcome = only(back.takes(), Welcome)
    assert (welcome.device_seq, welcome.refused) == (3, [2, 3])


def test_a_muted_host_does_not_speak_by_the_topic(world: KeptWorld) -> None:
    host, owner = ranked(world, "host"), ranked(world, "owner", Role.OWNER)
    inside("#r", host)
    owner.says(Sanction("mute", "host"))
    host.takes()
    assert code(host.says(SetTopic("#r", "x"))) == 403


def test_a_muted_guest_who_registers_is_still_muted(
    world: KeptWorld, mod: Somebody
) -> None:
    bob = world.guest("bob", "d1")
    mod.says(Sanction("mute", "bob"))
    bob.takes()
    only(bob.asks(Register("bob")), Registered)
    assert code(bob.sends("#all", "x")) == 403
    again = world.restarted()
    try:
        back = again.signed_in("bob")
        assert code(back.sends("#all", "x")) == 403
    finally:
        again.close()


def test_a_muted_guest_who_comes_back_is_still_muted(
    world: KeptWorld, mod: Somebody
) -> None:
    world.guest("bob", "d1")
    mod.says(Sanction("mute", "bob"))
    again = world.restarted()
    try:
        assert code(again.guest("bob", "d1").sends("#all", "x")) == 403
    finally:
        again.close()


def test_a_muted_guest_is_not_heard_as_an_account_of_another_name(
    world: KeptWorld, mod: Somebody
) -> None:
    bob = world.newcomer(ELSEWHERE)
    bob.sign_in("bob")
    mod.says(Sanction("mute", "bob"))
    bob.takes()
    only(bob.asks(Register("robert")), Registered)
    robert = world.newcomer(ELSEWHERE)
    robert.sign_in("robert")
    robert.takes()
    assert code(robert.sends("#all", "x")) == 403


def gives_up(world: KeptWorld, mod: Somebody, seconds: float | None = None) -> None:
    """Have bob of ELSEWHERE, who is muted, give up his account."""
    world.account("bob", None)
    bob = world.newcomer(ELSEWHERE)
    bob.sign_in("bob")
    mod.says(Sanction("mute", "bob", None, seconds))
    bob.takes()
    only(bob.says(DeleteAccount())[:1], Done)
    assert bob.session.ended


def test_nor_as_an_account_that_a_door_has_named(
    world: KeptWorld, mod: Somebody
) -> None:
    gives_up(world, mod)
    minechat = world.newcomer(ELSEWHERE)
    minechat.session.is_private = True
    made = minechat.says(TakeName("robert"))
    assert isinstance(made[0], Registered)
    assert code(minechat.sends("#all", "x")) == 403


@pytest.mark.parametrize(
    ("name", "address"),
    [("bob", ELSEWHERE), ("bob", "198.51.100.1"), ("robert", ELSEWHERE)],
)
@pytest.mark.parametrize("is_account", [True, False])
def test_a_muted_account_is_not_heard_as_another_that_it_makes(
    world: KeptWorld, mod: Somebody, name: str, address: str, is_account: bool
) -> None:
    gives_up(world, mod)
    again = world.restarted()
    try:
        if is_account:
            only(again.newcomer(address).asks(Register(name)), Registered)
        bob = again.newcomer(address)
        bob.sign_in(name)
        bob.takes()
        assert code(bob.sends("#all", "x")) == 403
    finally:
        again.close()


def test_others_and_those_of_an_invitation_are_heard(
    world: KeptWorld, mod: Somebody
) -> None:
    gives_up(world, mod)
    other = world.newcomer("198.51.100.1")
    other.sign_in("robert")
    other.takes()
    only(other.sends("#all", "x"), Accepted)
    invite, _ = new_invite(world.hub, Role.MEMBER, 1, None, None, None)
    invited = world.newcomer(ELSEWHERE)
    invited.session.is_private = True
    only(invited.asks(Register("bob", None, 1, invite)), Registered)
    bob = world.signed_in("bob")
    bob.takes()
    only(bob.sends("#all", "x"), Accepted)


def test_what_goes_on_ends_in_time_or_by_pardon(
    world: KeptWorld, mod: Somebody
) -> None:
    gives_up(world, mod, HOUR)
    (entry,) = listed(mod)
    assert (entry.name, entry.until) == ("bob", world.wall + HOUR)
    only(mod.says(Pardon("mute", "bob")), Done)
    assert listed(mod) == []


def test_giving_up_again_and_again_makes_no_more_of_them(
    world: KeptWorld, mod: Somebody
) -> None:
    gives_up(world, mod)
    for _ in range(5):
        only(world.newcomer(ELSEWHERE).asks(Register("bob")), Registered)
        assert len(listed(mod)) == 2  # the account's, and the name's
        bob = world.newcomer(ELSEWHERE)
        bob.sign_in("bob")
        bob.takes()
        bob.says(DeleteAccount())
        assert len(listed(mod)) == 1


def test_an_account_that_can_not_be_given_up_keeps_its_mute(
    world: KeptWorld, mod: Somebody
) -> None:
    world.account("bob", None)
    bob = world.newcomer(ELSEWHERE)
    bob.sign_in("bob")
    mod.says(Sanction("mute", "bob"))
    bob.takes()
    world.set_read_only(read_only=True)
    assert code(bob.says(DeleteAccount())) == 500
    world.set_read_only(read_only=False)
    assert len(listed(mod)) == 1
    assert code(bob.sends("#all", "x")) == 403


# --------------------------------------------------------------------------- both


def test_another_one_of_the_same_kind_and_place_takes_its_place(
    world: KeptWorld, mod: Somebody
) -> None:
    bob = world.guest("bob")
    inside("#r", mod, bob)
    mod.says(Sanction("mute", "bob", "#r"), Sanction("mute", "bob"))
    mod.says(Sanction("mute", "bob", "#r", HOUR, "less"))
    assert [(one.room, one.until, one.reason) for one in listed(mod)] == [
        (None, None, ""),
        ("#r", world.wall + HOUR, "less"),
    ]
    assert [(one.kind, one.name, one.creator) for one in listed(mod, "#r")] == [
        ("mute", "bob", "mod")
    ]


def test_a_time_beyond_all_measure_is_for_good(world: KeptWorld, mod: Somebody) -> None:
    world.guest("bob")
    mod.says(Sanction("mute", "bob", None, 1e300))
    assert listed(mod)[0].until is None


def test_a_host_can_not_fill_the_memory_with_them(
    world: KeptWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.handlers.moderation._MOST_OF_A_HOST", 1)
    host = ranked(world, "host")
    inside("#r", host, world.guest("bob"), world.guest("carl"))
    inside("#s", host)
    only([host.says(Sanction("mute", "bob", "#r"))[0]], Done)
    only([host.says(Sanction("mute", "bob", "#r", HOUR))[0]], Done)
    assert code(host.says(Sanction("mute", "bob", "#s"))) == 429
    host.says(Pardon("mute", "bob", "#r"))
    only([host.says(Sanction("mute", "bob", "#s"))[0]], Done)


def test_all_of_it_is_noted(world: KeptWorld, mod: Somebody) -> None:
    bob = world.guest("bob")
    inside("#r", mod, bob)
    mod.starts(
        Sanction("mute", "bob", "#r", 60.0, "a reason"),
        Pardon("mute", "bob", "#r"),
        Kick("bob", "#r"),
        Sanction("ban", "bob"),
        Kick("nobody", "#nowhere"),
    )
    bob.starts(ListSanctions())
    assert audited(world) == [
        ("mute", "mod", "bob", "#r", "for 60 s"),
        ("unmute", "mod", "bob", "#r", ""),
        ("kick", "mod", "bob", "#r", ""),
        ("ban", "mod", "bob", "", "for good"),
        ("refused", "mod", "", "127.0.0.1", "Kick: 404 NoSuchRoom"),
    ]


def test_a_large_room_is_not_told(world: KeptWorld, mod: Somebody) -> None:
    bob, carl = world.guest("bob"), world.guest("carl")
    mod.says(Sanction("mute", "bob", "#all"))
    assert rulings(bob.takes()) == [("mute", "bob", "#all", "mod")]
    assert carl.takes() == []


def test_whom_one_has_blocked_is_not_heard_of_but_what_they_do_to_one_is(
    world: KeptWorld, mod: Somebody
) -> None:
    bob, carl = world.guest("bob"), world.guest("carl")
    inside("#r", mod, bob, carl)
    for one in (bob, carl):
        only(one.says(Block("mod")), Done)
    mod.says(Kick("bob", "#r"))
    assert rulings(bob.takes()) == [("kick", "bob", "#r", "mod")]
    assert rulings(carl.takes()) == []


def test_the_disk_s_trouble_is_told_and_nothing_done(
    world: KeptWorld, mod: Somebody
) -> None:
    world.guest("bob")
    world.end_turn()
    world.set_read_only(read_only=True)
    assert code(mod.sends("#all", "x")) == 500
    for event in (Kick("bob"), Sanction("ban", "bob"), Pardon("ban", "bob")):
        assert code(mod.says(event)) == 500
    world.set_read_only(read_only=False)
    assert world.hub.sanctions.all() == []
