"""Who may do what, cell by cell: each right by its request, by each standing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from common.names import ALL, Name, Secret
from common.roles import Role
from server.events import (
    AddContact,
    Block,
    Done,
    Event,
    InviteToRoom,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListDevices,
    ListInvites,
    ListSanctions,
    MakeInvite,
    Pardon,
    Redeem,
    Refused,
    RemoveRoom,
    RevokeInvite,
    Said,
    Sanction,
    SetAccess,
    SetProfile,
    SetRole,
    SetTopic,
)
from server.passwords import digest
from server.people import Person
from server.permissions import TABLE, Right, Standing
from server.store.base import InviteRow
from unit_tests.helpers import ROOT
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code, only

INVITE = Secret("inv_of_the_test")


class Scene:
    """A room with a guest in it, and somebody of some standing who wants something."""

    def __init__(self, world: World | None = None) -> None:
        """Without another world it is one that keeps nothing: that is fast."""
        self.world = world or World()
        self.bob = self.world.guest("bob")
        self.bob.says(JoinRoom("#r"), JoinRoom("#other"))
        self.account("carl")
        self.world.guest("dan")

    def account(self, name: str, role: Role = Role.MEMBER) -> Person:
        hub = self.world.hub
        if hub.store.keeps_history:
            self.world.account(name, None)
            person = self.person(name)
        else:
            person = Person(hub.store.new_number(), Name(name), is_account=True)
            hub.people.add(person)
        person.role = role
        return person

    def somebody(self, standing: Standing, name: str = "ann") -> Somebody:
        """Return somebody of this standing in the room #r, who is in it."""
        if standing is Standing.GUEST:
            somebody = self.world.guest(name)
        else:
            self.account(name, ROLES.get(standing, Role.MEMBER))
            somebody = self.world.signed_in(name)
        somebody.says(JoinRoom("#r"))
        if standing is Standing.HOST:
            room = self.world.hub.rooms.find("#r")
            assert room is not None
            room.owner = self.person(name).number
        self.bob.takes()
        return somebody

    def person(self, name: str) -> Person:
        person = self.world.hub.people.find(name)
        assert person is not None
        return person

    def sanctioned(self, kind: Any, room: str | None) -> None:
        owner = self.somebody(Standing.OWNER, "ruler")
        owner.says(Sanction(kind, "bob", room))

    def invited(self, number: int = 77) -> None:
        other = self.world.hub.rooms.find("#other")
        assert other is not None
        row = InviteRow(
            number, digest(INVITE), Role.MEMBER, other.conversation, None, 0, 9e9, 1
        )
        self.world.hub.invites.add(row)


ROLES = {Standing.MODERATOR: Role.MODERATOR, Standing.OWNER: Role.OWNER}


class Try(NamedTuple):
    """A request by which a right is used, and what must be there before."""

    right: Right
    event: Event
    prepare: Callable[[Scene], None] = lambda _: None


TRIES = [
    Try(Right.TALK, Said("#r", ["hello"])),
    Try(Right.TALK, Said("bob", ["hello"])),
    Try(Right.JOIN, JoinRoom("#other")),
    Try(Right.LEAVE, LeaveRoom("#r")),
    Try(Right.MAKE_ROOM, JoinRoom("#new")),
    Try(Right.KEEP_CONTACTS, AddContact("bob")),
    Try(Right.BLOCK, Block("bob")),
    Try(Right.SHOW_SEEN, SetProfile(shows_seen=False)),
    Try(Right.HAVE_ACCOUNT, ListDevices()),
    Try(Right.REDEEM, Redeem(INVITE), Scene.invited),
    Try(Right.INVITE, MakeInvite()),
    Try(Right.INVITE, ListInvites()),
    Try(Right.INVITE, RevokeInvite(77), Scene.invited),
    Try(Right.INVITE_STAFF, MakeInvite("moderator")),
    Try(Right.INVITE_STAFF, MakeInvite("owner")),
    Try(Right.SET_ROLE, SetRole("carl", "member")),
    Try(Right.KICK, Kick("bob")),
    Try(Right.BAN, Sanction("ban", "bob")),
    Try(Right.BAN, Pardon("ban", "bob"), lambda scene: scene.sanctioned("ban", None)),
    Try(Right.MUTE, Sanction("mute", "bob")),
    Try(Right.MUTE, Pardon("mute", "bob"), lambda one: one.sanctioned("mute", None)),
    Try(Right.LIST_SANCTIONS, ListSanctions()),
    Try(Right.LET_IN, InviteToRoom("#r", "dan")),
    Try(Right.SET_TOPIC, SetTopic("#r", "tea")),
    Try(Right.SET_ACCESS, SetAccess("#r", "invited")),
    Try(Right.REMOVE_ROOM, RemoveRoom("#r")),
    Try(Right.KICK_FROM_ROOM, Kick("bob", "#r")),
    Try(Right.BAN_FROM_ROOM, Sanction("ban", "bob", "#r")),
    Try(
        Right.BAN_FROM_ROOM,
        Pardon("ban", "bob", "#r"),
        lambda scene: scene.sanctioned("ban", "#r"),
    ),
    Try(Right.MUTE_IN_ROOM, Sanction("mute", "bob", "#r")),
    Try(
        Right.MUTE_IN_ROOM,
        Pardon("mute", "bob", "#r"),
        lambda scene: scene.sanctioned("mute", "#r"),
    ),
    Try(Right.LIST_ROOM_SANCTIONS, ListSanctions("#r")),
]


def shown() -> dict[str, list[bool]]:
    """Return the table of the page for people."""
    page = (ROOT / "docs" / "permissions.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) ((?:\| (?:yes|no) ){5})\|$", page, re.MULTILINE)
    return {
        what: [cell.strip() == "yes" for cell in cells.strip("| ").split("|")]
        for what, cells in rows
    }


def test_the_page_for_people_shows_the_table() -> None:
    assert shown() == {
        right.value: [standing in TABLE[right] for standing in Standing]
        for right in Right
    }


def test_every_right_is_tried() -> None:
    assert {one.right for one in TRIES} == set(Right)


@pytest.mark.parametrize("standing", Standing, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "what", TRIES, ids=lambda one: f"{one.right.name}-{type(one.event).__name__}"
)
def test_each_may_do_what_the_table_says_and_nothing_else(
    what: Try, standing: Standing, tmp_path: Path
) -> None:
    # On a server that keeps nothing nobody is invited.
    is_kept = what.right in (Right.INVITE, Right.INVITE_STAFF)
    world = KeptWorld(tmp_path / "data") if is_kept else World()
    try:
        try_cell(Scene(world), what, standing)
    finally:
        world.close()


def try_cell(scene: Scene, what: Try, standing: Standing) -> None:
    somebody = scene.somebody(standing)
    what.prepare(scene)
    somebody.takes()
    told = somebody.says(what.event)
    refusals = [one for one in told if isinstance(one, Refused)]
    allowed = shown()[what.right.value][list(Standing).index(standing)]
    assert bool(told) and bool(refusals) is not allowed, told
    if not allowed:
        error = only(told, Refused).error
        assert error.code == 403
        assert what.right.value in str(error)


# ------------------------------------------------------- what no table can hold

ACTS: list[Callable[[str], Event]] = [
    lambda name: Kick(name, "#r"),
    lambda name: Sanction("ban", name, "#r"),
    lambda name: Sanction("mute", name, "#r"),
    lambda name: Pardon("mute", name, "#r"),
]
ACTS_ON_THE_SERVER: list[Callable[[str], Event]] = [
    lambda name: Kick(name),
    lambda name: Sanction("ban", name),
    lambda name: Sanction("mute", name),
    lambda name: Pardon("mute", name),
]
ORDER = list(Standing)


@pytest.mark.parametrize("actor", [Standing.MODERATOR, Standing.OWNER])
@pytest.mark.parametrize("other", Standing)
@pytest.mark.parametrize("act", ACTS_ON_THE_SERVER)
def test_on_the_server_nobody_acts_on_who_is_not_below_them(
    act: Callable[[str], Event], other: Standing, actor: Standing
) -> None:
    scene = Scene()
    scene.somebody(other, "target")
    somebody = scene.somebody(actor)
    told = somebody.says(act("target"))[0]
    above = ORDER.index(other) >= ORDER.index(actor)
    assert (isinstance(told, Refused) and told.error.code == 403) is above
    if above and isinstance(told, Refused):
        assert "of a higher role" in str(told.error)


@pytest.mark.parametrize("other", [Standing.MODERATOR, Standing.OWNER])
@pytest.mark.parametrize("act", ACTS)
def test_a_host_does_not_act_on_moderators_and_owners(
    act: Callable[[str], Event], other: Standing
) -> None:
    scene = Scene()
    scene.somebody(other, "target")
    assert code(scene.somebody(Standing.HOST).says(act("target"))) == 403


@pytest.mark.parametrize("actor", [Standing.HOST, Standing.MODERATOR, Standing.OWNER])
@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_themselves(
    act: Callable[[str], Event], actor: Standing
) -> None:
    somebody = Scene().somebody(actor)
    error = only(somebody.says(act("ann")), Refused).error
    assert (error.code, str(error)) == (403, "nobody may do this to themselves")


def test_a_host_is_nobody_special_in_another_room() -> None:
    scene = Scene()
    host = scene.somebody(Standing.HOST)
    host.says(JoinRoom("#other"))
    assert code(host.says(Kick("bob", "#other"))) == 403


@pytest.mark.parametrize("actor", [Standing.MODERATOR, Standing.OWNER])
@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (LeaveRoom(ALL), "it can't be left"),
        (RemoveRoom(ALL), "it can't be removed"),
        (SetAccess(ALL, "invited"), "it stays open"),
        (Kick("bob", ALL), "nobody can be taken out of it"),
        (Sanction("ban", "bob", ALL), "nobody can be banned from it"),
        (InviteToRoom(ALL, "bob"), "nobody can be invited into it"),
    ],
)
def test_nothing_shuts_all(event: Event, rule: str, actor: Standing) -> None:
    error = only(Scene().somebody(actor).says(event), Refused).error
    assert error.code == 403
    assert str(error) == f"#all is where everybody is: {rule}"


def test_in_all_one_can_be_muted_and_the_topic_set() -> None:
    scene = Scene()
    somebody = scene.somebody(Standing.MODERATOR)
    only(somebody.says(Sanction("mute", "bob", ALL)), Done)
    scene.bob.takes()
    assert code(scene.bob.sends(ALL, "hello")) == 403
    somebody.says(SetTopic(ALL, "tea"))
    assert scene.world.hub.rooms.all.topic == "tea"


@pytest.mark.parametrize("actor", [Standing.MODERATOR, Standing.OWNER])
def test_a_room_by_invitation_is_opened_only_from_inside(actor: Standing) -> None:
    scene = Scene()
    host, outside = scene.somebody(Standing.HOST, "host"), scene.somebody(actor)
    outside.says(LeaveRoom("#r"))
    host.says(SetAccess("#r", "invited"))
    for event in (
        SetAccess("#r", "open"),
        InviteToRoom("#r", "dan"),
        InviteToRoom("#r", "ann"),
    ):
        error = only(outside.says(event), Refused).error
        assert (error.code, "only who is in it" in str(error)) == (403, True)
    assert code(outside.says(JoinRoom("#r"))) == 403
    assert any(isinstance(one, Done) for one in outside.says(RemoveRoom("#r")))


def test_a_host_who_is_banned_from_the_room_does_not_run_it() -> None:
    scene = Scene()
    host = scene.somebody(Standing.HOST, "host")
    moderator = scene.somebody(Standing.MODERATOR)
    moderator.says(Sanction("ban", "host", "#r"))
    host.takes()
    for event in (SetTopic("#r", "x"), Pardon("ban", "host", "#r"), JoinRoom("#r")):
        assert code(host.says(event)) == 403
    moderator.says(Pardon("ban", "host", "#r"))
    host.takes()
    only(host.says(JoinRoom("#r")), Done)
