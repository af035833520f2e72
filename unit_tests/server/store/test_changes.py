import pytest

from common.names import Name, Secret
from server.store.base import (
    AccountRow,
    DeviceRow,
    GuestRow,
    MemberRow,
    Reader,
    TokenRow,
)
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World


def committed(world: World) -> SqliteStore:
    world.commit()
    assert not world.store.has_changes
    return world.store


def test_nothing_waits_at_first(store: SqliteStore) -> None:
    assert not store.has_changes


def test_a_guest_waits_for_its_device_and_is_here_again(world: World) -> None:
    alice = world.guest("alice", "d")
    world.store.keep_guest(alice, 1900.5)
    assert committed(world).load().guests == [GuestRow(alice, Name("alice"), 1900.5)]
    world.store.keep_guest(alice, None)
    assert committed(world).load().guests == [GuestRow(alice, Name("alice"), None)]


def test_who_is_forgotten_leaves_only_messages_and_lines(
    world: World, reader: Reader
) -> None:
    alice = world.account("alice")
    bob = world.account("bob")
    device = world.device(bob, "digest")
    world.store.add_token(world.store.new_number(), bob, "token", 1.0)
    world.store.add_token(world.store.new_number(), bob, "of the device", 1.0)
    world.store.note_token(world.store.new_number() - 1, 2.0, device)
    room = world.room("#tea", alice, bob, owner=bob)
    line = world.line(alice, bob)
    world.say(line, bob, "hello")
    world.store.note_read(line, bob, 1)
    world.store.forget_person(bob)
    store = committed(world)
    contents = store.load()
    assert [one.identity for one in contents.accounts] == [alice]
    assert contents.members == [MemberRow(room, alice, 0)]
    assert store.find_devices(bob) == []
    assert store.find_tokens(bob) == []
    assert store.find_token("token") is None
    assert store.read_position(line, bob) == 0
    assert reader.password(bob) is None
    assert store.find_line(alice, bob) == line
    assert store.find_former_line(alice, "bob") == line
    rows, _ = reader.history(line, None, None, 10)
    assert [(row.sender, row.to, row.text) for row in rows] == [
        ("bob", "alice", "hello")
    ]


def test_a_former_line_is_found_by_any_spelling_and_only_by_those_in_it(
    world: World,
) -> None:
    alice, carol = world.guest("alice"), world.guest("carol")
    lines = []
    for name in ("Bob", "bob", "Жук", "carl"):
        gone = world.guest(name)
        lines.append(world.line(alice, gone))
        world.store.forget_person(gone)
    here = world.guest("bob")
    world.line(alice, here)
    world.line(alice, carol)
    for _ in range(2):
        find = world.store.find_former_line
        assert find(alice, "BOB") == lines[1]
        assert find(alice, "жУК") == lines[2]
        assert find(alice, "carol") is None
        assert find(carol, "bob") is None
        world.commit()


def test_a_device_is_known_by_its_digest_and_its_person(world: World) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    device = world.device(alice, "digest", 50.5)
    other = world.device(bob, "digest", 60.0)
    store = committed(world)
    row = DeviceRow(device, alice, "digest", 0, [], 0, 50.5, 50.5)
    assert store.find_device(alice, "digest") == row
    assert [one.device for one in store.find_devices(bob)] == [other]
    assert store.find_device(alice, "unknown") is None


def test_a_device_was_seen_and_has_received(world: World) -> None:
    alice = world.guest("alice")
    device = world.device(alice, "digest")
    room = world.room("#tea", alice)
    world.say(room, alice, *"abcdefgh")
    for message_id in (3, 5, 4):
        world.store.note_received(device, message_id)
    world.store.note_device(device, 70.0)
    world.store.note_device(device, 65.0)  # the clock may go back
    row = committed(world).find_device(alice, "digest")
    assert row is not None
    assert (row.received, row.seen) == (5, 65.0)
    world.store.note_received(device, 2)
    row = committed(world).find_device(alice, "digest")
    assert row is not None
    assert row.received == 5


def test_a_position_of_a_device_that_is_gone_is_no_matter(world: World) -> None:
    device = world.device(world.guest("alice"), "digest")
    world.store.forget_device(device)
    world.store.note_received(device, 1)
    world.store.note_device(device, 1.0)
    committed(world)


def test_positions_do_not_pile_up(store: SqliteStore) -> None:
    for message_id in range(1000):
        store.note_received(7, message_id)
        store.note_read(3, 7, message_id)
        store.note_device(7, float(message_id))
    assert len(store._positions) == 3


def test_what_was_read_never_goes_back(world: World) -> None:
    alice = world.guest("alice")
    line = world.line(alice, alice)
    world.say(line, alice, *"abcdefgh")
    for message_id in (3, 5, 4):
        world.store.note_read(line, alice, message_id)
    assert world.store.read_position(line, alice) == 5
    committed(world)
    world.store.note_read(line, alice, 2)
    assert committed(world).read_position(line, alice) == 5
    assert world.store.read_position(line, 99) == 0


def test_a_room_has_its_members_until_it_ends(world: World) -> None:
    alice, bob = world.guest("alice", "a"), world.guest("bob", "b")
    tea = world.room("#Tea", alice, bob)
    all_ = world.room("#all", bob)
    world.say(all_, bob, "one")
    world.store.leave(tea, alice)
    world.store.enter(all_, alice, 1)
    members = committed(world).load().members
    assert sorted(members, key=lambda one: (one.conversation, one.identity)) == [
        MemberRow(tea, bob, 0),
        MemberRow(all_, alice, 1),
        MemberRow(all_, bob, 0),
    ]
    world.store.end_room(tea)
    contents = committed(world).load()
    assert [one.conversation for one in contents.rooms] == [all_]
    assert {one.conversation for one in contents.members} == {all_}


def test_who_comes_again_begins_anew(world: World) -> None:
    alice = world.guest("alice", "a")
    tea = world.room("#tea", alice)
    world.say(tea, alice, "one")
    world.store.leave(tea, alice)
    world.store.enter(tea, alice, 1)
    assert committed(world).load().members == [MemberRow(tea, alice, 1)]


def test_the_name_of_an_ended_room_is_free(world: World) -> None:
    first = world.room("#tea")
    world.store.end_room(first)
    second = world.room("#TEA")
    rooms = committed(world).load().rooms
    assert [(one.conversation, one.name) for one in rooms] == [(second, "#TEA")]


def test_a_line_is_found_from_both_ends(world: World) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    line, notes = world.line(bob, alice), world.line(bob, bob)
    store = committed(world)
    assert store.find_line(alice, bob) == store.find_line(bob, alice) == line
    assert store.find_line(bob, bob) == notes
    assert store.find_line(alice, alice) is None


def test_an_account_is_there_at_once(world: World, reader: Reader) -> None:
    alice = world.account("alice", "the hash")
    open_one = world.account("carol", None)
    assert world.store.load().accounts == [
        AccountRow(alice, Name("alice"), False),
        AccountRow(open_one, Name("carol"), True),
    ]
    assert reader.password(alice) == "the hash"
    assert reader.password(open_one) is None


def test_a_guest_becomes_an_account_and_keeps_what_is_theirs(world: World) -> None:
    alice = world.guest("alice", "digest")
    room = world.room("#tea", alice)
    world.store.add_account(alice, Name("Alice"), Secret("hash"), was_guest=True)
    contents = world.store.load()
    assert contents.accounts == [AccountRow(alice, Name("Alice"), False)]
    assert contents.guests == []
    assert contents.members == [MemberRow(room, alice, 0)]
    assert world.store.find_device(alice, "digest") is not None


def test_a_change_of_password_makes_an_open_account_a_closed_one(
    world: World, reader: Reader
) -> None:
    alice = world.account("alice", None)
    world.store.change_password(alice, Secret("new"))
    assert reader.password(alice) == "new"
    assert world.store.load().accounts == [AccountRow(alice, Name("alice"), False)]


def test_a_deleted_account_is_gone_at_once(world: World, reader: Reader) -> None:
    alice = world.account("alice")
    world.store.delete_account(alice)
    assert world.store.load().accounts == []
    assert reader.password(alice) is None


def test_a_token_lasts_until_it_is_revoked(world: World) -> None:
    alice = world.account("alice")
    device = world.device(alice, "digest")
    first, second = world.store.new_number(), world.store.new_number()
    world.store.add_token(first, alice, "one", 5.5)
    world.store.add_token(second, alice, "two", 6.0)
    world.store.note_token(second, 7.0, device)
    world.store.note_token(first, 8.0, None)
    rows = [
        TokenRow(first, alice, 5.5, 8.0, None),
        TokenRow(second, alice, 6.0, 7.0, device),
    ]
    assert committed(world).find_tokens(alice) == rows
    assert world.store.find_token("two") == rows[1]
    world.store.revoke_token(second)
    assert world.store.find_token("two") is None
    assert committed(world).find_tokens(alice) == rows[:1]


def test_the_tokens_of_a_forgotten_device_are_worthless(world: World) -> None:
    alice = world.account("alice")
    device = world.device(alice, "digest")
    for digest in ("its own", "another"):
        world.store.add_token(world.store.new_number(), alice, digest, 1.0)
    token = world.store.find_token("its own")
    assert token is not None
    world.store.note_token(token.token, 2.0, device)
    world.store.forget_device(device)
    assert world.store.find_token("its own") is None
    assert committed(world).find_token("another") is not None
    assert world.store.find_devices(alice) == []


@pytest.mark.parametrize("name", ["add_token", "change_password", "delete_account"])
def test_what_is_committed_at_once_takes_along_what_waits(
    world: World, reader: Reader, name: str
) -> None:
    alice = world.account("alice")
    line = world.line(alice, alice)
    if name == "add_token":
        world.store.add_token(world.store.new_number(), alice, "t", 1.0)
    elif name == "change_password":
        world.store.change_password(alice, Secret("new"))
    else:
        world.store.delete_account(alice)
    assert not world.store.has_changes
    assert reader.missed(alice, 0, 10, 10) == []
    assert world.store.find_line(alice, alice) == line
