from pathlib import Path
from typing import Any

import pytest

from common.names import Name, Secret
from common.roles import Role
from errors import NotAllowed
from server.store.base import (
    InviteRow,
    PairRow,
    PermitRow,
    RoomRow,
    SanctionRow,
)
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World, opened

PASSWORD = Secret("a hash")


def committed(world: World) -> SqliteStore:
    world.commit()
    assert not world.store.has_changes
    return world.store


def invite(world: World, uses: int = 1, creator: int | None = None) -> InviteRow:
    number = world.store.new_number()
    row = InviteRow(
        number, f"digest {number}", Role.MEMBER, None, creator, 5.0, 90.0, uses
    )
    world.store.add_invite(row)
    return row


def ban(world: World, **fields: Any) -> SanctionRow:
    row = SanctionRow(
        **{
            "number": world.store.new_number(),
            "kind": "ban",
            "conversation": None,
            "identity": None,
            "name": Name("mallory"),
            "network": None,
            "until": 99.5,
            "creator": None,
            "created": 1.0,
            "reason": "noise",
            **fields,
        }
    )
    world.store.add_sanction(row)
    return row


def test_an_account_has_a_role_and_was_here(world: World) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    world.store.set_role(alice, Role.OWNER)
    world.store.note_seen(alice, 7.5)
    world.store.note_seen(alice, 8.5)
    world.store.set_shows_seen(bob, False)
    first, second = committed(world).load().accounts
    assert (first.role, first.seen, first.shows_seen) == (Role.OWNER, 8.5, True)
    assert (second.role, second.seen, second.shows_seen) == (Role.MEMBER, None, False)


def test_an_account_is_made_with_its_role(world: World) -> None:
    alice = world.store.new_number()
    world.store.add_account(
        alice, Name("alice"), PASSWORD, was_guest=False, role=Role.MODERATOR
    )
    assert [one.role for one in world.store.load().accounts] == [Role.MODERATOR]


def test_a_room_has_a_topic_an_access_and_limits(world: World) -> None:
    alice = world.account("alice")
    room = world.room("#tea", owner=alice)
    world.store.set_topic(room, "чай")
    world.store.set_access(room, "invited")
    world.store.set_room_keep(room, 30.5, 1000)
    store = committed(world)
    (row,) = store.load().rooms
    assert row == RoomRow(room, row.name, alice, "invited", "чай", 30.5, 1000)
    store.set_access(room, "open")
    store.set_room_keep(room, None, None)
    (row,) = committed(world).load().rooms
    assert (row.access, row.keep_days, row.keep_bytes) == ("open", None, None)


def test_a_permit_is_given_and_taken(world: World) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    room = world.room("#tea")
    for who in (alice, alice, bob):
        world.store.add_permit(room, who)
    world.store.remove_permit(room, bob)
    assert committed(world).load().permits == [PermitRow(room, alice)]


def test_an_invitation_is_counted_down_and_never_below_none(world: World) -> None:
    row = invite(world, uses=2)
    assert committed(world).load().invites == [row]
    for _ in range(3):
        world.store.use_invite(row.invite)
    (left,) = committed(world).load().invites
    assert (left.uses_left, left.used) == (0, 2)
    world.store.revoke_invite(row.invite)
    assert committed(world).load().invites == []


def test_of_two_registrations_one_gets_the_last_use(world: World) -> None:
    row = invite(world)
    for name in ("alice", "bob"):
        identity = world.store.new_number()
        given: Any = {"was_guest": False, "role": Role.OWNER, "invite": row.invite}
        if name == "alice":
            world.store.add_account(identity, Name(name), PASSWORD, **given)
        else:
            world.store.add_contact(identity - 1, identity - 1)
            with pytest.raises(NotAllowed, match="not good"):
                world.store.add_account(identity, Name(name), PASSWORD, **given)
    assert world.store.has_changes  # what waited is not lost with the refusal
    contents = committed(world).load()
    assert [(one.name, one.role) for one in contents.accounts] == [
        ("alice", Role.OWNER)
    ]
    assert len(contents.contacts) == 1
    assert [one.uses_left for one in contents.invites] == [0]


def test_an_unknown_invitation_makes_no_account_of_a_guest(world: World) -> None:
    alice = world.guest("alice", "d")
    world.commit()
    with pytest.raises(NotAllowed):
        world.store.add_account(
            alice, Name("alice"), PASSWORD, was_guest=True, invite=77
        )
    contents = world.store.load()
    assert contents.accounts == []
    assert [one.identity for one in contents.guests] == [alice]


def test_a_ban_lasts_until_it_is_lifted(world: World) -> None:
    first, second = ban(world), ban(world, kind="mute", network="192.0.2.0/24")
    assert committed(world).load().sanctions == [first, second]
    world.store.remove_sanction(first.number)
    assert committed(world).load().sanctions == [second]


def test_contacts_come_and_go(world: World) -> None:
    alice, bob, carol = map(world.account, ("alice", "bob", "carol"))
    for other in (bob, bob, carol):
        world.store.add_contact(alice, other)
    world.store.remove_contact(alice, bob)
    assert committed(world).load().contacts == [PairRow(alice, carol)]


def test_only_blocks_that_last_are_known(world: World) -> None:
    alice, bob, carol = map(world.account, ("alice", "bob", "carol"))
    world.store.add_block(alice, bob, 0)
    world.store.add_block(alice, carol, 0)
    world.store.end_block(alice, bob, 3)
    assert committed(world).load().blocks == [PairRow(alice, carol)]
    world.store.add_block(alice, bob, 3)
    assert committed(world).load().blocks == [
        PairRow(alice, bob),
        PairRow(alice, carol),
    ]


def test_who_blocks_again_at_once_has_never_stopped(world: World) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    for _ in range(3):
        world.store.add_block(alice, bob, 0)
        world.store.end_block(alice, bob, 0)
    world.store.add_block(alice, bob, 0)
    assert committed(world).load().blocks == [PairRow(alice, bob)]


def test_blocks_do_not_reach_behind_messages_that_came_to_nothing(
    world: World,
) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    room = world.room("#tea", alice, bob)
    world.say(room, bob, "one", "two")
    world.store.add_block(alice, bob, 9)
    world.store.limit_ids(world.store.last_id)
    committed(world)
    world.say(room, bob, "hidden")
    reader = world.store.open_reader()
    assert [row.is_hidden for row in reader.missed(alice, 0, 9, 9)] == [
        False,
        False,
        True,
    ]
    reader.close()


def test_blocks_of_a_turn_that_ended_in_a_crash_begin_at_the_last_message(
    world: World,
) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    room = world.room("#tea", alice, bob)
    world.say(room, bob, "one")
    world.store.add_block(alice, bob, 5)
    world.store.end_block(alice, bob, 7)
    world.store.add_block(alice, bob, 9)
    committed(world)
    assert world.store.load().blocks == [PairRow(alice, bob)]
    assert world.store.has_changes
    committed(world)
    assert not world.store.look(
        lambda connection: connection.execute(
            "SELECT 1 FROM blocks WHERE since > 1 OR until IS NOT NULL"
        ).fetchone()
    )


def test_who_is_gone_takes_all_of_theirs_along(world: World) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    room = world.room("#tea", alice, bob)
    world.store.add_permit(room, bob)
    world.store.add_block(bob, alice, 0)
    world.store.add_block(alice, bob, 0)
    world.store.add_contact(bob, alice)
    world.store.add_contact(alice, bob)
    invite(world, creator=bob)
    ours = invite(world, creator=alice)
    ban(world, identity=bob, conversation=room)
    named = ban(world, creator=bob)
    world.say(room, bob, "hidden from alice")
    world.store.delete_account(bob)
    contents = world.store.load()
    assert contents.permits == []
    assert contents.blocks == contents.contacts == []
    assert contents.invites == [ours]
    assert contents.sanctions == [named]
    reader = world.store.open_reader()
    assert reader.history(room, None, None, 9, alice) == ([], False)
    reader.close()


def test_a_guest_who_is_gone_is_still_banned(world: World) -> None:
    guest = world.guest("mallory")
    row = ban(world, identity=guest, network="192.0.2.0/24")
    world.store.forget_person(guest)
    assert committed(world).load().sanctions == [row]


def test_a_room_that_has_ended_has_no_rules(world: World) -> None:
    alice = world.account("alice")
    room, other = world.room("#tea", alice), world.room("#other")
    for where in (room, other):
        world.store.add_permit(where, alice)
        ban(world, conversation=where)
    world.store.end_room(room)
    contents = committed(world).load()
    assert contents.permits == [PermitRow(other, alice)]
    assert [one.conversation for one in contents.sanctions] == [other]


def test_the_audit_log_is_known_by_its_last_entry(folder: Path) -> None:
    with opened(folder) as store:
        assert store.audit_head() == (0, "")
        for number in range(1, 100):
            store.note_audit(number, f"hash {number}")
        assert len(store._positions) == 1
        assert store.audit_head() == (99, "hash 99")
        store.commit((), (), 0.0)
    with opened(folder) as store:
        assert store.audit_head() == (99, "hash 99")


def test_partners_are_those_with_whom_something_was_said(world: World) -> None:
    alice, bob, carol, dave = map(world.account, ("alice", "bob", "carol", "dave"))
    lines = [world.line(alice, one) for one in (alice, bob, carol)]
    world.line(bob, dave)
    for line in lines[:2]:
        world.say(line, alice, "hello")
    assert world.store.find_partners(alice) == [bob]
    assert world.store.find_partners(bob) == [alice]
    assert world.store.find_partners(carol) == []
