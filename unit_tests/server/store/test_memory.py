from collections.abc import Callable

import pytest

from common.names import Name, RoomName, Secret
from common.roles import Role
from errors import NotAllowed
from server.events import Delivery
from server.store.base import Contents, InviteRow, SanctionRow, Store
from server.store.memory import MemoryStore


@pytest.fixture
def store() -> Store:
    return MemoryStore()


def test_it_keeps_no_history_and_knows_nobody(store: Store) -> None:
    assert not store.keeps_history
    assert store.load() == Contents()


def test_each_one_has_an_id_space_of_its_own() -> None:
    assert MemoryStore().store_id != MemoryStore().store_id


def test_ids_and_numbers_count_up(store: Store) -> None:
    batch = [
        Delivery(Name("alice"), Name("bob"), ["a", "b"], 1),
        Delivery(Name("alice"), Name("bob"), ["c"], 3),
    ]
    store.commit(batch, (), 12.5)
    assert store.last_id == 3
    assert [one.time for one in batch] == [12.5, 12.5]
    store.commit((), (), 13.0)
    assert store.last_id == 3
    assert [store.new_number(), store.new_number()] == [1, 2]


def test_a_line_is_found_until_one_of_them_is_gone(store: Store) -> None:
    assert store.find_line(1, 2) is None
    store.add_line(7, 2, 1)
    store.add_line(8, 3, 3)
    assert store.find_line(1, 2) == store.find_line(2, 1) == 7
    assert store.find_line(3, 3) == 8
    store.forget_person(1)
    assert store.find_line(1, 2) is None
    assert store.find_line(3, 3) == 8


def test_nothing_that_is_said_is_kept(store: Store) -> None:
    store.add_guest(1, Name("alice"))
    store.keep_guest(1, 900.0)
    store.add_device(2, 1, "digest", 1.0)
    store.note_device(2, 1.0)
    store.note_received(2, 1)
    store.add_room(3, RoomName("#tea"), None)
    store.enter(3, 1, 0)
    store.note_read(3, 1, 1)
    store.leave(3, 1)
    store.end_room(3)
    store.note_token(4, 1.0, 2)
    store.revoke_token(4)
    store.forget_device(2)
    store.set_role(1, Role.OWNER)
    store.note_seen(1, 1.0)
    store.set_shows_seen(1, False)
    store.set_topic(3, "tea")
    store.set_access(3, "invited")
    store.set_room_keep(3, 1.0, 1)
    store.add_permit(3, 1)
    store.remove_permit(3, 1)
    store.add_invite(InviteRow(5, "digest", Role.MEMBER, None, None, 0.0, 1.0, 1))
    store.use_invite(5)
    store.revoke_invite(5)
    store.add_sanction(
        SanctionRow(6, "ban", None, None, Name("eve"), None, None, None, 0.0)
    )
    store.remove_sanction(6)
    store.add_block(1, 2, 0)
    store.end_block(1, 2, 0)
    store.add_contact(1, 2)
    store.remove_contact(1, 2)
    store.note_audit(1, "hash")
    assert not store.has_changes
    assert store.load() == Contents()
    assert store.find_device(1, "digest") is None
    assert store.find_devices(1) == []
    assert store.find_token("digest") is None
    assert store.find_tokens(1) == []
    assert store.find_former_line(1, "bob") is None
    assert store.read_position(3, 1) == 0
    assert store.find_partners(1) == []
    assert store.audit_head() == (0, "")
    assert store.open_pruner() is None
    store.close()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda store: store.open_reader(),
        lambda store: store.add_account(1, "alice", None, was_guest=True),
        lambda store: store.add_token(2, 1, "digest", 1.0),
        lambda store: store.change_password(1, Secret("hash")),
        lambda store: store.delete_account(1),
    ],
)
def test_what_needs_something_kept_is_refused(
    store: Store, attempt: Callable[[Store], object]
) -> None:
    with pytest.raises(NotAllowed, match="keeps nothing"):
        attempt(store)
