"""The owner's commands on a hub: what each answers, changes, tells and notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.names import Secret
from errors import (
    BadRequest,
    NameTaken,
    NoSuchName,
    NoSuchRoom,
    NotAllowed,
    NotStored,
    RequestError,
    TooLong,
)
from server.audit import Audit
from server.audit_file import entries_of
from server.events import (
    Administer,
    Administered,
    Delivery,
    Goodbye,
    JoinRoom,
    Notice,
    Refused,
    Register,
    SetAccess,
)
from server.handlers.admin_table import COMMANDS, carry_out
from server.passwords import hash_password
from server.people import Session
from server.place import Place
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, Somebody, World, code, only

HASH = hash_password(PASSWORD)


class OwnersWorld(KeptWorld):
    """A world with an audit log."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.hub.audit = Audit(folder)

    def ask(self, command: str, **arguments: Any) -> Any:
        """Return what a command answers, once its turn is stored."""
        result = carry_out(self.hub, command, arguments)
        self.end_turn()
        return result

    def noted(self) -> list[tuple[str, str, str, str]]:
        """Return what, whom, where and how of all entries of the owner's shell."""
        path = self.folder / "audit.log"
        found = [entry for _, entry in entries_of(path) if entry is not None]
        return [(e.what, e.whom, e.where, e.how) for e in found if e.who == "server"]

    def opened(self, name: str) -> Somebody:
        """Return somebody signed in to an account without a password."""
        self.newcomer().asks(Register(name, None))
        return self.signed_in(name)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[OwnersWorld]:
    world = OwnersWorld(tmp_path / "data")
    yield world
    world.close()


# -------------------------------------------------------------------- the table


def test_only_the_owners_socket_takes_commands(world: OwnersWorld) -> None:
    alice = world.guest("alice")
    assert code(alice.says(Administer("status", {}, 7))) == 403


def test_a_command_over_the_socket_is_answered(world: OwnersWorld) -> None:
    shell = world.newcomer()
    shell.session.is_admin = True
    answer = only(shell.says(Administer("status", {}, 7)), Administered)
    assert answer.request == 7
    assert answer.result["accounts"] == 0
    assert code(shell.says(Administer("user.show", {"name": "bob"}, 8))) == 404


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("nonsense", {}),
        ("user.show", {}),
        ("user.show", {"name": 7}),
        ("user.show", {"name": "alice", "more": 1}),
        ("user.add", {"name": "alice", "role": "guest"}),
        ("user.add", {"name": "alice", "password": "a plain one"}),
        ("user.list", {"limit": 0}),
        ("ban", {"name": "alice", "seconds": -1}),
        ("ban", {"name": "alice", "reason": "x" * 201}),
        ("room.set", {"room": "#all", "topic": "x" * 201}),
        ("room.set", {"room": "#all", "access": "closed"}),
        ("room.set", {"room": "#all", "keep_days": -1}),
        ("invite.make", {"uses": 0}),
        ("say", {"text": "  "}),
    ],
)
def test_wrong_arguments_are_refused_and_never_quoted(
    world: OwnersWorld, command: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(BadRequest) as refused:
        world.ask(command, **arguments)
    assert "plain one" not in str(refused.value)


def test_what_changes_something_is_refused_while_the_disk_takes_nothing(
    world: OwnersWorld,
) -> None:
    shell = world.newcomer()
    shell.session.is_admin = True
    world.opened("alice")
    world.set_read_only(read_only=True)
    role = {"name": "alice", "role": "member"}
    told = shell.says(Administer("room.set", {"room": "#all", "keep_days": 1}, 1))
    assert isinstance(only(told, Refused).error, NotStored)
    told = shell.says(Administer("user.role", role, 2))
    assert isinstance(only(told, Refused).error, NotStored)
    told = shell.says(Administer("status", {}, 3))
    assert only(told, Administered).result["trouble"]
    world.set_read_only(read_only=False)


def test_every_command_of_the_table_can_be_called(world: OwnersWorld) -> None:
    for command in COMMANDS:
        try:
            world.ask(command)
        except RequestError:
            continue  # arguments are missing, nothing worse


# -------------------------------------------------------------------- accounts


def test_an_account_is_made_with_a_hash_and_lasts(world: OwnersWorld) -> None:
    made = world.ask("user.add", name="alice", password=HASH, role="owner")
    assert made == {"account_name": "alice", "role": "owner", "open": False}
    alice = world.newcomer()
    alice.authenticate("alice", PASSWORD)
    assert alice.told[0].role == "owner"  # type: ignore[union-attr]
    again = world.restarted()
    rows = carry_out(again.hub, "user.list", {})["rows"]
    assert [(row["account_name"], row["role"]) for row in rows] == [("alice", "owner")]
    again.close()


def test_a_name_that_is_taken_is_refused(world: OwnersWorld) -> None:
    world.guest("alice")
    with pytest.raises(NameTaken):
        world.ask("user.add", name="ALICE", password=HASH)


def test_an_account_without_a_password_gets_no_role(world: OwnersWorld) -> None:
    with pytest.raises(NotAllowed, match="stays a member"):
        world.ask("user.add", name="alice", role="owner")
    assert world.is_free("alice")


def test_accounts_come_in_pages(world: OwnersWorld) -> None:
    for name in ("dora", "alice", "carl", "bob"):
        world.opened(name)
    world.guest("guest")
    first = world.ask("user.list", limit=3)
    assert [row["account_name"] for row in first["rows"]] == ["alice", "bob", "carl"]
    assert first["more"]
    second = world.ask("user.list", limit=3, after=first["last"])
    assert [row["account_name"] for row in second["rows"]] == ["dora"]
    assert not second["more"]


def test_somebody_is_shown_with_what_is_theirs(world: OwnersWorld) -> None:
    token = world.account("alice")
    assert token is not None
    alice = world.signed_in("alice", device="d1", token=token)
    alice.says(JoinRoom("#team"))
    shown = world.ask("user.show", name="Alice")
    assert shown["account_name"] == "alice"
    assert shown["rooms"] == ["#all", "#team"]
    assert [one["online"] for one in shown["devices"]] == [True]
    assert len(shown["tokens"]) == 1
    assert token not in str(shown)
    with pytest.raises(NoSuchName):
        world.ask("user.show", name="bob")


def test_a_new_password_signs_all_devices_out(world: OwnersWorld) -> None:
    token = world.account("alice")
    alice = world.signed_in("alice", token=token)
    new = Secret("another horse")
    asked = {"name": "alice", "password": hash_password(new)}
    assert world.ask("user.passwd", **asked)["sessions_ended"] == 1
    assert only(alice.takes(), Goodbye).error.code == 401
    again = world.newcomer()
    again.authenticate("alice", token=token)
    assert code(again.takes()) == 402
    again.authenticate("alice", new)
    assert not isinstance(again.told[0], Refused)


def test_an_account_is_removed(world: OwnersWorld) -> None:
    alice = world.opened("alice")
    world.ask("user.remove", name="alice")
    assert only(alice.takes(), Goodbye).error.code == 401
    assert world.is_free("alice")
    with pytest.raises(NoSuchName):
        world.ask("user.remove", name="alice")


def test_the_last_owner_is_not_removed(world: OwnersWorld) -> None:
    for name in ("olga", "otto"):
        world.ask("user.add", name=name, password=HASH, role="owner")
    world.ask("user.remove", name="olga")
    with pytest.raises(NotAllowed, match="last owner"):
        world.ask("user.remove", name="otto")


def test_a_guest_has_no_account_to_change(world: OwnersWorld) -> None:
    world.guest("alice")
    for command, more in (
        ("user.remove", {}),
        ("user.role", {"role": "owner"}),
        ("user.passwd", {"password": HASH}),
        ("token.make", {}),
    ):
        with pytest.raises(NotAllowed, match="guest"):
            world.ask(command, name="alice", **more)


def test_a_role_is_given(world: OwnersWorld) -> None:
    world.ask("user.add", name="alice", password=HASH)
    world.ask("user.role", name="alice", role="moderator")
    assert world.ask("user.show", name="alice")["role"] == "moderator"
    assert ("role", "alice", "", "moderator") in world.noted()


def test_tokens_are_made_listed_and_revoked(world: OwnersWorld) -> None:
    world.ask("user.add", name="alice", password=HASH)
    made = world.ask("token.make", name="alice")
    alice = world.signed_in("alice", token=made["token"])
    alice.goes()
    rows = world.ask("token.list", name="alice")["rows"]
    assert [row["token_id"] for row in rows] == [made["token_id"]]
    with pytest.raises(BadRequest):
        world.ask("token.revoke", name="alice", token_id=999)
    world.ask("token.revoke", name="alice", token_id=made["token_id"])
    gone = world.newcomer()
    gone.authenticate("alice", token=made["token"])
    assert code(gone.takes()) == 402


def test_an_account_without_a_password_needs_no_token(world: OwnersWorld) -> None:
    world.opened("alice")
    with pytest.raises(NotAllowed):
        world.ask("token.make", name="alice")


def test_who_is_here_is_told_by_session(world: OwnersWorld) -> None:
    world.opened("bob")
    world.signed_in("bob", device="2")
    world.guest("alice")
    world.opened("carl").goes()
    rows = world.ask("who")["rows"]
    assert [row["account_name"] for row in rows] == ["alice", "bob", "bob"]
    assert rows[0] == {
        "account_name": "alice",
        "role": "guest",
        "address": "127.0.0.1",
        "private": True,
        "away": False,
        "status": "here",
    }


# ----------------------------------------------------------------------- rooms


def test_rooms_are_listed_shown_changed_and_removed(world: OwnersWorld) -> None:
    alice = world.opened("alice")
    alice.says(JoinRoom("#team"))
    asked = {"topic": "plans", "access": "invited", "keep_days": 30, "keep_mbytes": 2.5}
    shown = world.ask("room.set", room="#team", **asked)
    assert shown == {
        "room": "#team",
        "members": 1,
        "access": "invited",
        "owner": "alice",
        "topic": "plans",
        "keep_days": 30.0,
        "keep_mbytes": 2.5,
        "names": ["alice"],
        "more": False,
        "permitted": ["alice"],
    }
    kept = world.ask("room.set", room="#team", keep_days=None)
    assert (kept["keep_days"], kept["keep_mbytes"]) == (None, 2.5)
    rows = world.ask("room.list")["rows"]
    assert [row["room"] for row in rows] == ["#all", "#team"]
    world.ask("room.remove", room="#team")
    with pytest.raises(NoSuchRoom):
        world.ask("room.show", room="#team")


def test_the_room_of_all_stays(world: OwnersWorld) -> None:
    with pytest.raises(NotAllowed):
        world.ask("room.remove", room="#all")


def test_somebody_is_kicked_banned_and_let_in_again(world: OwnersWorld) -> None:
    alice = world.opened("alice")
    world.ask("kick", name="alice", reason="too loud")
    assert isinstance(alice.takes()[-1], Goodbye)
    alice = world.signed_in("alice")
    world.ask("ban", name="alice", seconds=3600, reason="spam")
    assert isinstance(alice.takes()[-1], Goodbye)
    (row,) = world.ask("bans")["rows"]
    assert (row["kind"], row["account_name"], row["reason"]) == ("ban", "alice", "spam")
    assert row["until"] == pytest.approx(world.wall + 3600)
    somebody = world.newcomer()
    somebody.sign_in("alice")
    assert code(somebody.takes()) == 403
    world.ask("unban", name="alice")
    assert world.ask("bans")["rows"] == []
    world.signed_in("alice")


# ----------------------------------------------------------------- invitations


def test_an_invitation_is_made_listed_and_revoked(world: OwnersWorld) -> None:
    world.hub.place = Place(("192.0.2.1", "127.0.0.1"), 7777, None)
    made = world.ask("invite.make", role="moderator", uses=3, seconds=60)
    assert made["invite"].startswith("inv_")
    assert made["place"]["port"] == 7777
    (row,) = world.ask("invite.list")["rows"]
    assert (row["invite_id"], row["role"], row["uses_left"], row["from"]) == (
        (made["invite_id"], "moderator", 3, None)
    )
    assert made["invite"] not in str(row)
    world.ask("invite.revoke", invite_id=made["invite_id"])
    assert world.ask("invite.list")["rows"] == []


# --------------------------------------------------------------------- notices


def test_a_notice_reaches_everybody_who_is_here(world: OwnersWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    assert world.ask("say", text="back soon") == {"sessions": 2}
    for one in (alice, bob):
        assert only(one.takes(), Notice) == Notice(101, "back soon")
    with pytest.raises(TooLong):
        world.ask("say", text="x" * 20_000)


# --------------------------------------------------------------------- exports


def texts(somebody: Somebody) -> list[tuple[str, str]]:
    return [
        (one.sender, text)
        for one in somebody.takes()
        if isinstance(one, Delivery)
        for text in one.texts
    ]


def test_the_members_of_a_private_room_are_told_of_its_export(
    world: OwnersWorld,
) -> None:
    alice, bob = world.opened("alice"), world.opened("bob")
    alice.says(JoinRoom("#team"))
    alice.says(SetAccess("#team", "invited"))
    bob.takes()
    assert world.ask("export.note", room="#team") == {"told": 1}
    ((sender, text),) = texts(alice)
    assert sender == "server"
    assert "exported" in text
    assert bob.takes() == []
    assert ("export", "", "#team", "invited") in world.noted()
    rows, _ = world.hub.reader.history(alice_room(world), None, None, 10)
    assert rows[-1].text == text, "who is away finds it there"


def alice_room(world: World) -> int:
    room = world.hub.rooms.find("#team")
    assert room is not None
    return room.conversation


def test_nobody_is_told_of_the_export_of_an_open_room(world: OwnersWorld) -> None:
    alice = world.opened("alice")
    assert world.ask("export.note", room="#all") == {"told": 0}
    assert alice.takes() == []
    assert ("export", "", "#all", "open") in world.noted()


def test_both_sides_of_direct_lines_are_told_of_an_export(world: OwnersWorld) -> None:
    alice, bob = world.opened("alice"), world.opened("bob")
    carl = world.opened("carl")
    alice.sends("bob", "between us")
    alice.sends("carl", "and us")
    carl.goes()
    bob.takes()
    assert world.ask("export.note", person="alice") == {"told": 3}
    assert texts(alice) == [
        ("server", "the server's owner has exported all that you may read")
    ]
    ((_, told),) = texts(bob)
    assert "between you and alice" in told
    carl = world.newcomer()
    carl.sign_in("carl", since=0)
    world.end_turn()
    assert ("server", told) in texts(carl), "who was away learns of it as well"
    assert ("export", "alice", "", "") in world.noted()


def test_private_rooms_are_told_of_the_export_of_a_member(world: OwnersWorld) -> None:
    alice, bob = world.opened("alice"), world.opened("bob")
    for one in (alice, bob):
        one.says(JoinRoom("#team"))
    alice.says(SetAccess("#team", "invited"))
    alice.takes(), bob.takes()
    assert world.ask("export.note", person="alice") == {"told": 2}
    assert texts(bob) == [
        ("server", "the server's owner has exported what alice may read in this room")
    ]


def test_everybody_is_told_of_an_export_of_everything(world: OwnersWorld) -> None:
    alice = world.opened("alice")
    assert world.ask("export.note") == {"told": 1}
    assert "everything" in texts(alice)[0][1]


def test_nobody_can_answer_the_server_or_take_its_name(world: OwnersWorld) -> None:
    alice = world.opened("alice")
    world.ask("export.note", person="alice")
    alice.takes()
    assert code(alice.sends("server", "why?")) == 404
    again = world.restarted()
    assert again.hub.people.find("server") is None
    again.close()


# ----------------------------------------------------------------------- state


def test_the_state_is_told(world: OwnersWorld) -> None:
    world.opened("alice")
    world.guest("bob")
    state = world.ask("status")
    assert (state["accounts"], state["guests"], state["sessions"]) == (1, 1, 2)
    assert state["people_here"] == 2
    assert state["rooms"] == 1
    assert state["place"] is None
    assert state["trouble"] == state["audit_trouble"] == ""


def test_a_session_of_the_shell_is_no_session_of_the_hub(world: OwnersWorld) -> None:
    world.opened("alice")
    world.ask("room.set", room="#all", topic="hello")
    assert all(isinstance(one, Session) for one in world.hub.sessions)
    assert len(world.hub.sessions) == 1
    assert world.hub.touched == []
