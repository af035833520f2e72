"""Who gets in: guests or none, what is noted of it, and what a session is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.names import Secret
from common.roles import Role
from errors import NameRegistered
from server.audit import Audit
from server.audit_file import entries_of
from server.events import (
    AddContact,
    Authenticate,
    PresenceTold,
    Quitting,
    Refused,
    Register,
    Registered,
    SignIn,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, code, only
from unit_tests.server.people_of_rank import audited, person, ranked, refusal

ELSEWHERE = "192.0.2.7"


@pytest.fixture
def without_guests(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data", guests=False)
    yield world
    world.close()


# -------------------------------------------------------------------------- guests


def test_a_server_without_guests_says_what_to_do(without_guests: KeptWorld) -> None:
    newcomer = without_guests.newcomer()
    expected, sentence = refusal(newcomer.says(SignIn("bob")))
    assert expected == 401
    assert "takes no guests: register an account" in sentence
    assert without_guests.hub.people.find("bob") is None


def test_accounts_of_both_kinds_get_in_without_guests(
    without_guests: KeptWorld,
) -> None:
    without_guests.account("alice", None)
    without_guests.signed_in("alice")
    without_guests.signed_in("bob", token=without_guests.account("bob"))


def test_a_guest_of_before_does_not_come_back(world: KeptWorld, tmp_path: Path) -> None:
    world.guest("bob", "d1")
    world.hub.end_all()
    world.close()
    later = KeptWorld(world.folder, world.now, world.wall, guests=False)
    try:
        assert code(later.newcomer().says(SignIn("bob", "", Secret("d1")))) == 401
        later.pass_time(901)
        later.account("bob", None)
    finally:
        later.close()


def test_a_guest_who_has_come_in_may_register_where_guests_are_welcome(
    world: KeptWorld,
) -> None:
    bob = world.guest("bob")
    only(bob.asks(Register("bob")), Registered)
    welcome = only(bob.says(SignIn("bob")), Welcome)
    assert (welcome.guest, welcome.role) == (False, "member")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR, Role.OWNER])
def test_a_session_is_told_its_role(world: KeptWorld, role: Role) -> None:
    token = world.account("bob")
    person(world, "bob").role = role
    newcomer = world.newcomer()
    newcomer.authenticate("bob", token=token)
    assert only(newcomer.takes(), Welcome).role == role.word
    assert only(world.newcomer().says(SignIn("guest")), Welcome).role == "guest"


# --------------------------------------------------------------- what is noted


def test_sign_ins_are_noted_with_the_way(world: KeptWorld) -> None:
    token = world.account("bob")
    world.account("open", None)
    for event, way, name in (
        (SignIn("guest"), "guest", "guest"),
        (SignIn("open"), "open account", "open"),
        (Authenticate("bob", token=token), "token", "bob"),
    ):
        world.newcomer().starts(event)
        assert audited(world) == [("sign-in", name, "", "127.0.0.1", way)]
        world.end_turn()
    world.hub.audit = Audit(world.folder)
    world.newcomer().asks(Authenticate("bob", PASSWORD))
    ((_, entry),) = entries_of(world.folder / "audit.log")
    assert entry is not None
    assert (entry.what, entry.who, entry.how) == ("sign-in", "bob", "password")


def test_refusals_are_noted_and_never_what_a_stranger_has_typed(
    world: KeptWorld,
) -> None:
    world.account("bob")
    for event, who, how in (
        (SignIn("Bob"), "bob", "SignIn: 401 NameRegistered"),
        (SignIn("my password"), "", "SignIn: 400 NameRefused"),
        (
            Authenticate("my-password", token=Secret("x")),
            "",
            "Authenticate: 402 WrongPassword",
        ),
        (
            Authenticate("bob", token=Secret("x")),
            "bob",
            "Authenticate: 402 WrongPassword",
        ),
        (Register("bob"), "bob", "Register: 409 NameTaken"),
    ):
        world.newcomer(f"127.0.0.{len(how)}").starts(event)
        (note,) = audited(world)
        assert (note[0], note[1], note[4]) == ("refused", who, how)
        world.end_turn()


def test_a_registration_is_noted(world: KeptWorld) -> None:
    world.newcomer().starts(Register("bob"))
    assert audited(world) == [("registered", "bob", "", "127.0.0.1", "member")]


# ------------------------------------------------------------- coming and going


def test_when_somebody_was_here_last_is_known_after_the_next_start(
    world: KeptWorld,
) -> None:
    bob = ranked(world, "bob")
    world.pass_time(500)
    bob.says(Quitting())
    left = world.wall
    assert person(world, "bob").seen == left
    world.pass_time(500)
    again = world.restarted()
    try:
        assert person(again, "bob").seen == left
    finally:
        again.close()


def test_only_the_first_session_and_the_end_of_the_last_are_told(
    world: KeptWorld,
) -> None:
    alice = ranked(world, "alice")
    token = world.account("bob")
    alice.says(AddContact("bob"))
    alice.takes()
    first = world.signed_in("bob", "d1", token)
    assert only(alice.takes(), PresenceTold).online
    second = world.signed_in("bob", "d2", token)
    replacing = world.signed_in("bob", "d1", token)
    first.takes()
    second.goes()
    assert alice.takes() == []
    replacing.goes()
    told = only(alice.takes(), PresenceTold)
    assert (told.name, told.online, told.seen) == ("bob", False, world.wall)


# ----------------------------------------------------------------------- the way in


def test_a_password_crosses_only_a_way_that_nobody_else_reads(
    world: KeptWorld,
) -> None:
    world.account("bob")
    somebody = world.newcomer(ELSEWHERE)
    somebody.authenticate("bob", PASSWORD)
    answer = only(somebody.takes(), Refused)
    assert answer.error.code == 403
    assert "TLS" in str(answer.error)
    somebody.session.is_private = True
    somebody.authenticate("bob", PASSWORD)
    assert isinstance(somebody.takes()[0], Welcome)


def test_only_on_a_private_way_is_a_password_to_be_asked_for(tmp_path: Path) -> None:
    world = KeptWorld(tmp_path / "data")
    world.account("alice")
    for address, takes_password in (("127.0.0.1", True), (ELSEWHERE, False)):
        told = world.newcomer(address).says(SignIn("alice"))
        error = only(told, Refused).error
        assert isinstance(error, NameRegistered)
        assert error.takes_password is takes_password
    world.close()
