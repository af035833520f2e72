"""History, conversations and search, asked through the hub on a real database."""

import pytest

from errors import OutOfService, TooSoon
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    ConversationEntry,
    ConversationList,
    DeleteAccount,
    Done,
    Event,
    HasRead,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    MessageList,
    Refused,
    RoomList,
    Said,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import (
    Somebody,
    World,
    code,
    ids,
    occupied,
    only,
)


def page(somebody: Somebody, event: Event) -> MessageList:
    somebody.takes()
    return only(somebody.asks(event), MessageList)


def texts(found: MessageList) -> list[str]:
    return [entry.text for entry in found.entries]


def conversations(
    somebody: Somebody, before: int | None = None, limit: int | None = None
) -> list[ConversationEntry]:
    event = AskConversations(before, limit)
    return only(somebody.asks(event), ConversationList).entries


def talk(world: KeptWorld, count: int) -> tuple[Somebody, Somebody]:
    """Return alice and bob, who wrote to each other in turns."""
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    for number in range(count):
        one, other = (alice, "bob") if number % 2 else (bob, "alice")
        one.sends(other, f"text {number + 1}")
    alice.takes()
    bob.takes()
    return alice, bob


# ------------------------------------------------------------------- history


def test_a_page_of_history_has_the_newest_by_ascending_id(world: KeptWorld) -> None:
    alice, bob = talk(world, 5)
    for one, other in ((alice, "bob"), (bob, "alice")):
        found = page(one, AskHistory(other, limit=3, request=8))
        assert [entry.message_id for entry in found.entries] == [3, 4, 5]
        assert (found.more, found.newest_kept, found.request) == (True, True, 8)


def test_a_row_says_who_when_to_whom_and_what(world: KeptWorld) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    bob.says(JoinRoom("#r"))
    bob.sends("ALICE", "for you")
    bob.sends("#R", "for all")
    (entry,) = page(alice, AskHistory("BOB")).entries
    assert (entry.sender, entry.to, entry.text) == ("bob", "alice", "for you")
    assert (entry.time, entry.number) == (world.wall, None)
    (entry,) = page(bob, AskHistory("#r")).entries
    assert (entry.sender, entry.to, entry.text) == ("bob", "#r", "for all")


def test_pages_below_join_without_a_gap(world: KeptWorld) -> None:
    alice, _ = talk(world, 10)
    before: int | None = None
    seen: list[str] = []
    more = True
    while more:
        found = page(alice, AskHistory("bob", before=before, limit=4))
        seen = texts(found) + seen
        more, before = found.more, found.entries[0].message_id
    assert seen == [f"text {number}" for number in range(1, 11)]


def test_pages_above_join_without_a_gap(world: KeptWorld) -> None:
    alice, _ = talk(world, 10)
    after, seen, more = 0, list[str](), True
    while more:
        found = page(alice, AskHistory("bob", after=after, limit=4))
        assert not found.newest_kept
        seen += texts(found)
        more, after = found.more, found.entries[-1].message_id
    assert seen == [f"text {number}" for number in range(1, 11)]


def test_a_page_has_at_most_a_thousand_rows(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", *map(str, range(1001)))
    bob.takes()
    for limit in (None, 10**9):
        found = page(alice, AskHistory("bob", limit=limit))
        assert (len(found.entries), found.more) == (1000, True)
        assert found.entries[-1].text == "1000"
    assert len(page(alice, AskHistory("bob", limit=0)).entries) == 1


def test_only_the_device_that_sent_it_sees_its_number(world: KeptWorld) -> None:
    token = world.account("alice")
    phone = world.signed_in("alice", "phone", token)
    desk = world.signed_in("alice", "desk", token)
    bare = world.signed_in("alice", None, token)
    bob = world.guest("bob", "d1")
    phone.sends("bob", "x", numbers=[41])
    for one in (phone, desk, bare, bob):
        one.takes()
    found = [
        page(one, AskHistory("bob" if one is not bob else "alice")).entries[0].number
        for one in (phone, desk, bare, bob)
    ]
    assert found == [41, None, None, None]


def test_a_conversation_without_a_word_is_an_empty_page(world: KeptWorld) -> None:
    alice = world.guest("alice")
    world.guest("bob")
    found = page(alice, AskHistory("bob", request=3))
    assert (found.entries, found.more, found.request) == ([], False, 3)


def test_nobody_sees_what_others_said_to_each_other(world: KeptWorld) -> None:
    talk(world, 4)
    carol = world.guest("carol")
    for name in ("alice", "bob"):
        assert page(carol, AskHistory(name)).entries == []


@pytest.mark.parametrize(
    ("name", "expected"), [("nobody", 404), ("#none", 404), ("#r", 403), ("", 404)]
)
def test_what_one_is_not_part_of_is_refused(
    world: KeptWorld, name: str, expected: int
) -> None:
    world.guest("bob").says(JoinRoom("#r"))
    alice = world.guest("alice")
    for event in (AskHistory(name, request=4), AskSearch("word", name, request=4)):
        answer = only(alice.asks(event), Refused)
        assert (answer.error.code, answer.request) == (expected, 4)


def test_a_room_that_one_has_left_is_not_seen_any_more(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    alice.takes()
    bob.sends("#r", "word")
    alice.takes()
    assert texts(page(alice, AskHistory("#r"))) == ["word"]
    alice.says(LeaveRoom("#r"))
    assert code(alice.asks(AskHistory("#r"))) == 403
    assert [entry.whom for entry in conversations(alice)] == []


def test_a_partner_who_is_gone_for_good_is_found_by_the_name(world: KeptWorld) -> None:
    bob, gone = world.guest("bob", "d1"), world.guest("carl")
    gone.sends("bob", "hello")
    gone.goes()
    bob.takes()
    assert texts(page(bob, AskHistory("CARL"))) == ["hello"]
    assert code(bob.sends("carl", "are you there?")) == 404
    # To others the name says nothing.
    assert code(world.guest("dave").asks(AskHistory("carl"))) == 404


def test_who_has_the_name_now_sees_nothing_of_the_guest_before(
    world: KeptWorld,
) -> None:
    bob, first = world.guest("bob", "d1"), world.guest("carl")
    first.sends("bob", "a secret word")
    bob.sends("carl", "an answer")
    first.goes()
    second = world.guest("carl")
    bob.takes()
    assert page(second, AskHistory("bob")).entries == []
    assert conversations(second) == []
    assert page(second, AskSearch("secret")).entries == []
    # And bob, who asks for the new one, is not shown the old one's words.
    assert page(bob, AskHistory("carl")).entries == []
    second.sends("bob", "new here")
    bob.takes()
    assert texts(page(bob, AskHistory("carl"))) == ["new here"]


def test_history_is_there_after_a_kill(world: KeptWorld) -> None:
    talk(world, 3)
    again = world.killed()
    try:
        alice = again.guest("alice", "d1")
        assert len(page(alice, AskHistory("bob")).entries) == 3
    finally:
        again.close()


def test_what_was_said_in_the_same_read_is_in_the_page(world: KeptWorld) -> None:
    # The worker is asked when the turn is stored, not before.
    alice, _ = world.guest("alice"), world.guest("bob")
    told = alice.asks(Said("bob", ["just now"]), AskHistory("bob"))
    assert isinstance(told[1], MessageList)
    assert texts(told[1]) == ["just now"]


def test_answers_keep_their_order_behind_a_worker(world: KeptWorld) -> None:
    alice, bob = talk(world, 2)
    told = alice.asks(
        ListRooms(1),
        AskHistory("bob", request=2),
        ListRooms(3),
        AskConversations(request=4),
        AskSearch("text", request=5),
        Said("bob", ["x"], [1]),
    )
    assert [type(one).__name__ for one in told] == [
        "RoomList",
        "MessageList",
        "RoomList",
        "ConversationList",
        "MessageList",
        "Accepted",
    ]
    assert len(bob.hears()) == 1


def test_live_messages_are_not_held_up_by_a_question(world: KeptWorld) -> None:
    alice, bob = talk(world, 2)
    with occupied(world.crew.reading, 1):
        alice.says(AskHistory("bob"))
        bob.sends("alice", "meanwhile")
        assert alice.hears() == [("bob", "alice", "meanwhile")]
    world.let_workers_finish()
    # What came later may stand in the page that was read later.
    assert len(only(alice.takes(), MessageList).entries) == 3


def test_who_goes_before_the_answer_gets_none(world: KeptWorld) -> None:
    alice, _ = talk(world, 2)
    alice.says(AskHistory("bob"), ListRooms())
    alice.goes()
    world.let_workers_finish()
    assert alice.takes() == []


def test_too_many_questions_at_once_are_429_with_a_time(world: KeptWorld) -> None:
    alice, _ = talk(world, 2)
    with occupied(world.crew.reading, 1, full=True):
        for event in (
            AskHistory("bob", request=7),
            AskConversations(request=7),
            AskSearch("text", request=7),
        ):
            answer = only(alice.says(event), Refused)
            assert isinstance(answer.error, TooSoon)
            assert answer.error.seconds > 0
            assert answer.request == 7
        assert isinstance(alice.says(ListRooms())[0], RoomList)
    world.let_workers_finish()
    assert len(page(alice, AskHistory("bob")).entries) == 2


def test_a_database_that_can_not_be_read_is_500_and_the_session_goes_on(
    world: KeptWorld,
) -> None:
    alice, _ = talk(world, 2)

    def break_it(tool: object) -> None:
        tool.close()  # type: ignore[attr-defined]

    world.crew.reading.submit(break_it, lambda _: None)
    answer = only(alice.asks(AskHistory("bob", request=6)), Refused)
    assert isinstance(answer.error, OutOfService)
    assert (answer.error.code, answer.request) == (500, 6)
    assert isinstance(alice.says(ListRooms())[0], RoomList)


@pytest.mark.parametrize(
    "event",
    [
        AskHistory("bob", request=5),
        AskConversations(request=5),
        AskSearch("x", request=5),
    ],
)
def test_a_server_that_keeps_nothing_has_no_history(event: Event) -> None:
    world = World()
    alice = world.guest("alice")
    world.guest("bob")
    answer = only(alice.asks(event), Refused)
    assert (answer.error.code, answer.request) == (403, 5)


# ------------------------------------------------------------- conversations


def test_conversations_are_listed_newest_first_with_their_last_message(
    world: KeptWorld,
) -> None:
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    bob.sends("alice", "one", "two")
    alice.sends("#r", "in the room")
    carol.sends("alice", "hello")
    alice.takes()
    listed = conversations(alice)
    assert [(entry.whom, entry.last.text) for entry in listed] == [
        ("carol", "hello"),
        ("#r", "in the room"),
        ("bob", "two"),
    ]
    assert [(entry.unread, entry.read) for entry in listed] == [(1, 0), (0, 0), (2, 0)]
    last = listed[2].last
    assert (last.sender, last.to, last.message_id) == ("bob", "alice", 2)


def test_conversations_go_on_below_the_last_one(world: KeptWorld) -> None:
    alice = world.guest("alice")
    for name in ("bob", "carol", "dave"):
        world.guest(name)
        alice.sends(name, "hi")
    found = only(alice.asks(AskConversations(limit=2, request=3)), ConversationList)
    assert [entry.whom for entry in found.entries] == ["dave", "carol"]
    assert (found.more, found.request) == (True, 3)
    rest = AskConversations(found.entries[-1].last.message_id)
    found = only(alice.asks(rest), ConversationList)
    assert ([entry.whom for entry in found.entries], found.more) == (["bob"], False)


def test_what_is_read_counts_no_more_as_unread(world: KeptWorld) -> None:
    alice, bob = talk(world, 6)
    (entry,) = conversations(alice)
    assert (entry.unread, entry.read) == (3, 0)
    for message_id, unread in ((3, 1), (1, 1), (5, 0)):
        assert alice.says(HasRead("bob", message_id, request=1)) == [Done(1)]
        bob.takes()
        (entry,) = conversations(alice)
        assert entry.unread == unread
    assert entry.read == 5
    assert conversations(bob)[0].unread == 3


def test_unread_counts_up_to_a_thousand(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.sends("alice", *["x"] * 999)
    alice.takes()
    assert conversations(alice)[0].unread == 999
    bob.sends("alice", "x", "x")
    alice.takes()
    assert conversations(alice)[0].unread == 1000


def test_what_was_said_before_one_came_is_not_unread(world: KeptWorld) -> None:
    bob = world.guest("bob")
    bob.says(JoinRoom("#r"))
    bob.sends("#r", "before")
    alice = world.guest("alice")
    alice.says(JoinRoom("#r"))
    bob.takes()
    assert conversations(alice) == []
    bob.sends("#r", "after")
    alice.takes()
    assert [(one.whom, one.unread) for one in conversations(alice)] == [("#r", 1)]


def test_who_enters_a_room_again_begins_anew(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    bob.sends("#r", "one")
    alice.says(LeaveRoom("#r"))
    bob.sends("#r", "while away")
    alice.says(JoinRoom("#r"))
    assert conversations(alice) == []


def test_who_gave_up_the_account_is_still_in_the_list(world: KeptWorld) -> None:
    world.account("alice", None)
    alice, bob = world.signed_in("alice"), world.guest("bob", "d1")
    alice.sends("bob", "farewell")
    alice.says(DeleteAccount())
    bob.takes()
    assert [(one.whom, one.last.text) for one in conversations(bob)] == [
        ("alice", "farewell")
    ]
    assert texts(page(bob, AskHistory("alice"))) == ["farewell"]


# -------------------------------------------------------------------- search


def test_a_search_finds_what_one_may_see(world: KeptWorld) -> None:
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    carol.says(JoinRoom("#other"))
    bob.sends("alice", "apples and pears")
    bob.sends("#r", "Pears only")
    bob.sends("carol", "pears for carol")
    carol.sends("#other", "pears elsewhere")
    bob.sends("alice", "apples only")
    for one in (alice, bob, carol):
        one.takes()
    found = page(alice, AskSearch("PEARS", request=9))
    assert texts(found) == ["apples and pears", "Pears only"]
    assert (found.more, found.lag, found.request) == (False, 0, 9)
    assert texts(page(alice, AskSearch("pears", "bob"))) == ["apples and pears"]
    assert texts(page(alice, AskSearch("pears", "#r"))) == ["Pears only"]
    assert texts(page(alice, AskSearch("only pears"))) == ["Pears only"]
    assert page(alice, AskSearch("plums")).entries == []
    assert len(page(carol, AskSearch("pears")).entries) == 2


def test_a_search_goes_on_below_its_oldest_match(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.sends("alice", *[f"word {number}" for number in range(5)])
    alice.takes()
    found = page(alice, AskSearch("word", limit=2))
    assert (texts(found), found.more) == (["word 3", "word 4"], True)
    below = found.entries[0].message_id
    found = page(alice, AskSearch("word", before=below, limit=3))
    assert (texts(found), found.more) == (["word 0", "word 1", "word 2"], False)


def test_letters_are_found_by_those_who_type_them_otherwise(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.sends("alice", "Ёлка и Мёд")
    alice.takes()
    for words in ("елка", "ЁЛКА", "мед ёлка"):
        assert texts(page(alice, AskSearch(words))) == ["Ёлка и Мёд"]


def test_a_search_in_a_conversation_without_a_word_finds_nothing(
    world: KeptWorld,
) -> None:
    alice = world.guest("alice")
    world.guest("bob")
    found = page(alice, AskSearch("x", "bob", request=2))
    assert (found.entries, found.request) == ([], 2)


def test_ids_of_a_page_are_those_of_the_deliveries(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.sends("alice", "one", "two")
    told = ids(alice.takes())
    found = page(alice, AskHistory("bob"))
    assert [entry.message_id for entry in found.entries] == told
