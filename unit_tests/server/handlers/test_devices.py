"""The devices and tokens of an account: listed, made, signed out."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from common.names import Secret
from errors import SignedOut, TokenRevoked
from server.events import (
    ChangePassword,
    CreateToken,
    Delivery,
    DeviceList,
    Done,
    Event,
    ForgetDevice,
    Goodbye,
    ListDevices,
    ListTokens,
    Registered,
    RevokeToken,
    Said,
    SignIn,
    TokenList,
    Welcome,
)
from server.handlers.admin_table import carry_out
from server.passwords import digest, hash_password
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, Somebody, code, ids, only

DAY = 86400.0


@pytest.fixture
def token(world: KeptWorld) -> Secret:
    token = world.account("alice")
    assert token is not None
    return token


@pytest.fixture
def alice(world: KeptWorld, token: Secret) -> Somebody:
    return world.signed_in("alice", "phone", token)


def new_token(somebody: Somebody) -> tuple[Secret, int]:
    made = only(somebody.says(CreateToken()), Registered)
    assert made.token is not None
    assert made.token_id is not None
    return made.token, made.token_id


def token_ids(somebody: Somebody) -> list[int]:
    return [
        one.token_id for one in only(somebody.says(ListTokens()), TokenList).entries
    ]


def other_device(somebody: Somebody) -> int:
    entries = only(somebody.says(ListDevices()), DeviceList).entries
    (number,) = (one.device_id for one in entries if not one.here)
    return number


def opens(world: KeptWorld, token: Secret) -> bool:
    """Tell whether a token signs in to alice's account."""
    somebody = world.newcomer()
    somebody.authenticate("alice", token=token)
    opened = isinstance(somebody.told[0], Welcome)
    somebody.goes()
    return opened


@pytest.mark.parametrize(
    "event",
    [CreateToken(), ListTokens(), RevokeToken(1), ListDevices(), ForgetDevice(1)],
)
def test_guests_have_no_devices_and_no_tokens(world: KeptWorld, event: Event) -> None:
    assert code(world.guest("bob", "d1").says(event)) == 403
    assert code(world.newcomer().says(event)) == 401


# -------------------------------------------------------------------- tokens


def test_a_new_token_opens_the_account_beside_the_first(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    made = only(alice.says(CreateToken(8)), Registered)
    assert made.request == 8
    assert made.token not in (None, token)
    assert made.token is not None
    assert opens(world, made.token)
    assert opens(world, token)


def test_a_token_is_shown_once_and_stored_as_its_digest(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    other, number = new_token(alice)
    listed = only(alice.says(ListTokens()), TokenList)
    assert other not in repr(listed)
    with closing(sqlite3.connect(world.folder / "messenger.db")) as database:
        kept = database.execute("SELECT number, digest FROM tokens").fetchall()
    assert (number, digest(other)) in kept
    assert token not in repr(kept)


def test_tokens_are_listed_with_when_and_from_where_they_were_used(
    world: KeptWorld, alice: Somebody
) -> None:
    made_at = world.wall
    world.pass_time(100)
    other, number = new_token(alice)
    first, second = only(alice.says(ListTokens(3)), TokenList).entries
    (device,) = only(alice.says(ListDevices()), DeviceList).entries
    assert (first.created, first.used) == (made_at, made_at)
    assert first.device_id == device.device_id
    assert (second.token_id, second.created) == (number, made_at + 100)
    assert (second.used, second.device_id) == (None, None)
    world.pass_time(100)
    world.signed_in("alice", None, other)
    second = only(alice.says(ListTokens()), TokenList).entries[1]
    assert (second.used, second.device_id) == (made_at + 200, None)


def revoked_by_another_device(world: KeptWorld, alice: Somebody, number: int) -> None:
    assert alice.says(RevokeToken(number, 5)) == [Done(5)]


def revoked_by_the_shell(world: KeptWorld, alice: Somebody, number: int) -> None:
    arguments = {"name": "alice", "token_id": number}
    answer = carry_out(world.hub, "token.revoke", arguments)
    assert answer["sessions_ended"] == 2


def device_forgotten(world: KeptWorld, alice: Somebody, number: int) -> None:
    # The token was used on it last, and before on another one.
    entries = only(alice.says(ListTokens()), TokenList).entries
    (device,) = [one.device_id for one in entries if one.token_id == number]
    assert device is not None
    assert alice.says(ForgetDevice(device, 5)) == [Done(5)]


def password_changed(world: KeptWorld, alice: Somebody, number: int) -> None:
    alice.asks(ChangePassword(PASSWORD, Secret("another horse")))


def password_set_by_the_shell(world: KeptWorld, alice: Somebody, number: int) -> None:
    hashed = hash_password(Secret("another horse"))
    carry_out(world.hub, "user.passwd", {"name": "alice", "password": hashed})


def account_removed(world: KeptWorld, alice: Somebody, number: int) -> None:
    carry_out(world.hub, "user.remove", {"name": "alice"})


@pytest.mark.parametrize(
    "revoke",
    [
        revoked_by_another_device,
        revoked_by_the_shell,
        device_forgotten,
        password_changed,
        password_set_by_the_shell,
        account_removed,
    ],
)
def test_whoever_revokes_a_token_its_sessions_end_with_the_reason(
    world: KeptWorld,
    alice: Somebody,
    token: Secret,
    revoke: Callable[[KeptWorld, Somebody, int], None],
) -> None:
    other, number = new_token(alice)
    sessions = [world.signed_in("alice", where, other) for where in ("laptop", "desk")]
    revoke(world, alice, number)
    world.end_turn()
    for one in sessions:
        error = only(one.takes(), Goodbye).error
        assert (error.code, one.session.ended) == (401, True)
        assert str(error) in (str(SignedOut()), str(TokenRevoked()))
    assert not opens(world, other)
    spares = revoke in (
        revoked_by_another_device,
        revoked_by_the_shell,
        device_forgotten,
    )
    assert opens(world, token) == spares


def test_who_revokes_the_token_they_came_with_is_signed_out(
    world: KeptWorld, alice: Somebody
) -> None:
    (number,) = token_ids(alice)
    done, goodbye = alice.says(RevokeToken(number, 5))
    assert done == Done(5)
    assert isinstance(goodbye, Goodbye)
    assert isinstance(goodbye.error, TokenRevoked)


def test_a_token_outlives_the_device_that_used_it(
    world: KeptWorld, token: Secret
) -> None:
    world.signed_in("alice", "oven", token).goes()
    world.pass_time(91 * DAY)
    again = world.restarted()
    try:
        somebody = again.signed_in("alice", "oven", token)
        (entry,) = only(somebody.says(ListTokens()), TokenList).entries
        devices = only(somebody.says(ListDevices()), DeviceList).entries
        assert [(one.here, one.token, one.token_until) for one in devices] == [
            (True, True, None)
        ]
        assert (entry.device_id, entry.until) == (devices[0].device_id, None)
    finally:
        again.close()


@pytest.mark.parametrize(
    ("days", "is_good"), [(0.0, True), (100.0, True), (99.0, True), (90.0, False)]
)
@pytest.mark.parametrize("restarts", [False, True])
def test_an_unused_token_ends_by_its_own_rule(
    tmp_path: Path, days: float, is_good: bool, restarts: bool
) -> None:
    world = KeptWorld(tmp_path / "own", token_days=days)
    token = world.account("alice")
    assert token is not None
    world.signed_in("alice", "oven", token).goes()
    world.pass_time(91 * DAY)
    if restarts:
        world = world.restarted()
    assert opens(world, token) == is_good
    world.close()


def test_a_token_that_is_in_use_does_not_end(tmp_path: Path) -> None:
    world = KeptWorld(tmp_path / "own", token_days=90.0)
    token = world.account("alice")
    assert token is not None
    alice = world.signed_in("alice", "oven", token)
    world.pass_time(91 * DAY)
    alice.goes()
    world.pass_time(80 * DAY)
    alice = world.signed_in("alice", "oven", token)
    (entry,) = only(alice.says(ListTokens()), TokenList).entries
    assert entry.until == world.wall + 90 * DAY
    world.close()


@pytest.mark.parametrize("how", ["unknown", "of another", "revoked before"])
def test_only_one_s_own_tokens_can_be_revoked(
    world: KeptWorld, alice: Somebody, token: Secret, how: str
) -> None:
    (own,) = token_ids(alice)
    bob = world.signed_in("bob", "d1", world.account("bob"))
    (theirs,) = token_ids(bob)
    number = theirs if how == "of another" else 10**6
    if how == "revoked before":
        _, number = new_token(alice)
        alice.says(RevokeToken(number))
    assert code(alice.says(RevokeToken(number))) == 400
    assert (token_ids(alice), token_ids(bob)) == ([own], [theirs])


def test_an_open_account_has_no_tokens(world: KeptWorld) -> None:
    world.account("open", None)
    somebody = world.signed_in("open")
    assert code(somebody.says(CreateToken())) == 403
    assert token_ids(somebody) == []


# ------------------------------------------------------------------- devices


def test_devices_are_listed_with_when_they_came_and_were_seen(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    came = world.wall
    world.pass_time(50)
    desk = world.signed_in("alice", "desk", token)
    world.pass_time(50)
    desk.goes()
    listed = only(alice.says(ListDevices(6)), DeviceList)
    assert listed.request == 6
    phone, other = listed.entries
    assert (phone.created, phone.seen, phone.online, phone.here) == (
        came,
        came,
        True,
        True,
    )
    assert (other.created, other.online, other.here) == (came + 50, False, False)
    world.signed_in("alice", "desk", token)
    other = only(alice.says(ListDevices()), DeviceList).entries[1]
    assert (other.created, other.seen, other.online) == (came + 50, came + 100, True)


def test_a_session_without_a_device_is_not_in_the_list(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    bare = world.signed_in("alice", None, token)
    entries = only(bare.says(ListDevices()), DeviceList).entries
    assert [(one.online, one.here) for one in entries] == [(True, False)]


def test_what_a_device_calls_itself_is_stored_nowhere(
    world: KeptWorld, token: Secret
) -> None:
    world.signed_in("alice", "SECRET-device", token)
    world.close()
    for file in world.folder.iterdir():
        assert b"SECRET-device" not in file.read_bytes()


def test_a_forgotten_device_is_signed_out_and_its_token_revoked(
    world: KeptWorld, alice: Somebody
) -> None:
    other, _ = new_token(alice)
    desk = world.signed_in("alice", "desk", other)
    desk.sends("nobody", "lost", numbers=[7])
    number = other_device(alice)
    assert alice.says(ForgetDevice(number, 4)) == [Done(4)]
    goodbye = only(desk.takes(), Goodbye)
    assert isinstance(goodbye.error, SignedOut)
    assert goodbye.error.code == 401
    assert desk.session.ended
    assert not opens(world, other)
    assert len(only(alice.says(ListDevices()), DeviceList).entries) == 1
    assert not alice.session.ended


def test_a_forgotten_device_that_comes_back_begins_anew(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    desk = world.signed_in("alice", "desk", token)
    desk.sends("nobody", "lost", numbers=[7])
    number = other_device(alice)
    alice.says(ForgetDevice(number))
    # The token that it used last is gone with it, so another one is needed.
    other, _ = new_token(alice)
    again = world.newcomer()
    again.authenticate("alice", token=other, device="desk")
    assert only(again.takes(), Welcome).device_seq == 0
    entries = only(alice.says(ListDevices()), DeviceList).entries
    assert number not in {one.device_id for one in entries}


def test_one_s_own_device_may_be_forgotten(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    (here,) = only(alice.says(ListDevices()), DeviceList).entries
    done, goodbye = alice.says(ForgetDevice(here.device_id, 2))
    assert done == Done(2)
    assert isinstance(goodbye, Goodbye)
    assert not opens(world, token)


def test_all_sessions_of_a_forgotten_device_end(world: KeptWorld) -> None:
    # An open account's plain presences are one device.
    world.account("open", None)
    here = world.signed_in("open", "d1")
    plain = [world.newcomer() for _ in range(2)]
    for one in plain:
        one.says(SignIn("open"))
    number = other_device(here)
    here.says(ForgetDevice(number))
    assert all(one.session.ended for one in plain)
    world.pass_time(2)
    entries = only(here.says(ListDevices()), DeviceList).entries
    assert [one.here for one in entries] == [True]


@pytest.mark.parametrize("how", ["unknown", "of another"])
def test_only_one_s_own_devices_can_be_forgotten(
    world: KeptWorld, alice: Somebody, how: str
) -> None:
    bob = world.signed_in("bob", "d1", world.account("bob"))
    (theirs,) = only(bob.says(ListDevices()), DeviceList).entries
    number = theirs.device_id if how == "of another" else 10**6
    assert code(alice.says(ForgetDevice(number))) == 400
    assert not bob.session.ended
    assert len(only(bob.says(ListDevices()), DeviceList).entries) == 1


def test_what_a_forgotten_device_said_in_the_same_turn_is_stored(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    desk = world.signed_in("alice", "desk", token)
    bob = world.guest("bob")
    number = other_device(alice)
    desk.starts(Said("bob", ["last words"], [1]))
    alice.starts(ForgetDevice(number))
    desk.starts(Said("bob", ["too late"], [2]))
    world.end_turn()
    assert bob.hears() == [("alice", "bob", "last words")]
    assert isinstance(desk.takes()[-1], Goodbye)
    world.pass_time(2)
    assert not world.store.has_changes


# ------------------------------------- exactly once on each device, and in order


def test_what_one_device_says_the_others_hear_without_its_number(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    desk = world.signed_in("alice", "desk", token)
    bob = world.guest("bob")
    told = alice.sends("bob", "one", "two", numbers=[1, 2])
    assert not any(isinstance(one, Delivery) for one in told)
    heard = only(desk.takes(), Delivery)
    assert (heard.sender, heard.to, heard.texts) == ("alice", "bob", ["one", "two"])
    assert not heard.shows_numbers
    assert ids([heard]) == ids(told)
    assert len(bob.hears()) == 2


def test_a_note_to_oneself_reaches_every_device_once(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    desk = world.signed_in("alice", "desk", token)
    told = alice.sends("alice", "note")
    assert sum(isinstance(one, Delivery) for one in told) == 1
    assert desk.hears() == [("alice", "alice", "note")]


def test_a_room_message_reaches_the_sender_s_other_devices(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    desk = world.signed_in("alice", "desk", token)
    alice.sends("#all", "hello")
    assert desk.hears() == [("alice", "#all", "hello")]
    assert alice.takes() == []


def test_each_device_has_numbers_of_its_own(
    world: KeptWorld, alice: Somebody, token: Secret
) -> None:
    desk, bob = world.signed_in("alice", "desk", token), world.guest("bob")
    alice.sends("bob", "from the phone", numbers=[1])
    desk.sends("bob", "from the desk", numbers=[1])
    assert [text for _, _, text in bob.hears()] == ["from the phone", "from the desk"]


@pytest.mark.parametrize("password", [PASSWORD, None])
def test_connections_without_a_device_share_no_numbers(
    world: KeptWorld, password: Secret | None
) -> None:
    # Of an open account too, whose plain presences are fed as one device.
    token = world.account("carl", password)
    bob = world.guest("bob")
    for text in ("first", "second"):
        bare = world.newcomer()
        if token is None:
            bare.starts(SignIn("carl"))
            world.end_turn()
        else:
            bare.authenticate("carl", token=token)
        welcome = bare.takes()[0]
        assert isinstance(welcome, Welcome)
        assert welcome.device_seq == 0
        assert ids(bare.sends("bob", text, numbers=[1]))
    assert [text for _, _, text in bob.hears()] == ["first", "second"]


def test_a_device_that_nobody_uses_takes_no_memory(world: KeptWorld) -> None:
    token = world.account("alice")
    one = world.signed_in("alice", "d1", token)
    person = one.session.person
    assert person is not None
    one.sends("alice", "note", numbers=[1])
    one.goes()
    assert not person.devices
    back = world.newcomer()
    back.authenticate("alice", token=token, device="d1")
    assert only(back.takes(), Welcome).device_seq == 1
