from client.events import (
    CaughtUp,
    Conversation,
    ConversationsListed,
    Event,
    Kind,
    MessageReceived,
    MessageSent,
    ReceiptReceived,
    RequestFailed,
    Welcomed,
)
from client.line import Seen
from client.reading import Reading, Receipts
from unit_tests.client.sessions import asked, line, signed_in

WELCOMED = Welcomed("alice", True, False, 0, keeps_history=True)


class Reader:
    """What one session reads; `take` returns what is shown of events."""

    def __init__(self, *, watched: bool = True, private: bool = False) -> None:
        self.session = signed_in(keeps_history=True)
        self.session.data_to_send()
        self.reading = Reading(self.session, watched=watched, private=private)

    def take(self, *events: Event) -> list[str]:
        lines = [self.reading.take_event(event) or [] for event in events]
        return [one.text for some in lines for one in some]

    def look(self, *ids: int, whom: str = "bob") -> None:
        self.reading.look([Seen(whom, one) for one in ids])

    def told(self) -> list[tuple[str, int]]:
        """Return what the server is told to be read, and up to which message."""
        self.reading.tell()
        return [
            (one["with"], one["message_id"])
            for one in asked(self.session)
            if one["action"] == "read"
        ]


def message(
    message_id: int | None, sender: str = "bob", to: str = "alice"
) -> MessageReceived:
    return MessageReceived(sender, to, "hi", 0, message_id)


def receipt(message_id: int, *, read: bool, whom: str = "alice") -> ReceiptReceived:
    return ReceiptReceived(read, "bob", whom, message_id)


def test_what_is_looked_at_is_told_once_for_each_conversation() -> None:
    reader = Reader()
    reader.take(message(4), message(7), message(5, to="#r"), message(6, "Bob"))
    assert reader.told() == []
    reader.look(4, 7, 6)
    reader.look(5, whom="#r")
    assert sorted(reader.told()) == [("#r", 5), ("bob", 7)]
    assert reader.told() == []


def test_what_nobody_looked_at_holds_back_what_came_later() -> None:
    reader = Reader()
    reader.take(*(message(number) for number in range(1, 61)))
    reader.look(*range(38, 61))
    assert reader.told() == []
    # As pages further back show it.
    reader.look(*range(20, 38))
    assert reader.told() == []
    reader.look(*range(1, 10))
    assert reader.told() == [("bob", 9)]
    reader.look(*range(10, 20))
    assert reader.told() == [("bob", 60)]


def test_who_answers_has_read_what_was_shown() -> None:
    reader = Reader()
    reader.take(message(4), message(5), message(6, to="#r"))
    reader.reading.answer("Bob")
    reader.reading.answer("carol")
    assert reader.told() == [("bob", 5)]


def test_a_page_of_history_that_is_looked_at_is_read() -> None:
    reader = Reader()
    reader.look(3, 4)
    assert reader.told() == [("bob", 4)]


def test_the_ids_of_a_server_that_began_anew_mean_nothing() -> None:
    reader = Reader()
    reader.take(message(40))
    reader.look(40)
    assert reader.told() == [("bob", 40)]
    again = Welcomed("alice", True, True, 0, keeps_history=True)
    reader.take(again, CaughtUp(1, 0), ConversationsListed(2, []), message(2))
    reader.look(2)
    assert reader.told() == [("bob", 2)]


def test_what_we_said_elsewhere_and_what_has_no_number_is_not_told() -> None:
    reader = Reader()
    reader.take(message(4, "alice", "bob"), message(None))
    reader.reading.answer("bob")
    assert reader.told() == []


def test_where_nobody_watches_nothing_is_read() -> None:
    reader = Reader(watched=False)
    reader.take(message(4))
    reader.reading.answer("bob")
    assert reader.told() == []


def test_who_tells_nobody_tells_the_own_devices() -> None:
    for private in (True, False):
        reader = Reader(private=private)
        reader.take(message(4))
        reader.look(4)
        reader.reading.tell()
        (request,) = asked(reader.session)
        assert request.get("private", False) is private


def test_nothing_is_told_to_a_server_that_is_away_until_it_is_back() -> None:
    reader = Reader()
    reader.take(message(4))
    reader.look(4)
    reader.session.receive_eof()
    assert reader.told() == []
    reader.session.sign_in()
    (presence,) = asked(reader.session)
    info = {"name": "alice", "guest": True, "store": "store-1", "last_id": 4}
    answer = line(
        response=200, id=presence["id"], session={**info, "keeps_history": True}
    )
    reader.session.receive_data(answer)
    assert reader.told() == [("bob", 4)]


def test_a_sign_in_ends_with_what_was_missed_and_what_is_unread() -> None:
    reader = Reader()
    assert reader.take(WELCOMED, message(4), CaughtUp(4, 1)) == []
    (request,) = asked(reader.session)
    assert request["action"] == "conversations"
    reader.look(4)
    # What is read now would be missing from the answer.
    assert reader.told() == []
    said = reader.take(ConversationsListed(1, [Conversation("bob", 1)]))
    assert said == ["1 missed message; unread: bob 1"]
    assert reader.told() == [("bob", 4)]


def test_where_the_question_fails_what_was_missed_is_said_all_the_same() -> None:
    reader = Reader()
    reader.take(WELCOMED, CaughtUp(4, 2))
    failed = RequestFailed(1, Kind.CONVERSATIONS, "", "no", 500)
    assert reader.take(failed) == ["2 missed messages"]


def test_a_question_that_is_under_way_is_not_asked_again() -> None:
    reader = Reader()
    reader.take(WELCOMED, CaughtUp(4, 2), WELCOMED, CaughtUp(5, 1))
    assert len(asked(reader.session)) == 1
    assert reader.take(ConversationsListed(1, [])) == ["3 missed messages"]


def test_behind_a_pipe_what_was_missed_is_said_without_asking() -> None:
    reader = Reader(watched=False)
    assert reader.take(WELCOMED, CaughtUp(4, 2)) == ["2 missed messages"]
    assert reader.take(WELCOMED, CaughtUp(4, 0)) == []
    assert asked(reader.session) == []


def test_who_asks_for_conversations_sees_them() -> None:
    assert Reader().reading.take_event(ConversationsListed(9, [])) is None


def test_a_position_that_is_refused_is_no_failure() -> None:
    failed = RequestFailed(1, Kind.READ, "bob", "gone", 404)
    assert Reader().reading.take_event(failed) == []


def test_other_events_are_for_others() -> None:
    assert Reader().reading.take_event(MessageSent(1, "bob", "hi")) is None


def test_what_is_read_is_said_at_once_and_what_is_delivered_waits_for_that() -> None:
    reader = Reader()
    delivered, read = receipt(4, read=False), receipt(4, read=True)
    assert reader.reading.take_event(delivered) == []
    assert reader.reading.take_delivered() == []
    assert reader.reading.take_event(read) is None
    assert reader.reading.take_delivered() == []
    assert reader.reading.take_event(read) == []


def test_what_is_delivered_and_stays_unread_is_said_after_a_while() -> None:
    reader = Reader()
    delivered = receipt(4, read=False)
    reader.reading.take_event(delivered)
    assert reader.reading.take_delivered() == []
    assert reader.reading.take_delivered() == [delivered]
    assert reader.reading.take_delivered() == []


def test_behind_a_pipe_receipts_are_nothing() -> None:
    reader = Reader(watched=False)
    assert reader.reading.take_event(receipt(4, read=True)) == []


def test_only_receipts_that_move_a_direct_line_count() -> None:
    receipts = Receipts()
    moves = [
        receipts.moves(one, "alice")
        for one in (
            receipt(4, read=False),
            receipt(4, read=False),
            receipt(5, read=True),
            receipt(5, read=False),
            receipt(6, read=False),
            receipt(3, read=True),
            receipt(9, read=True, whom="#r"),
        )
    ]
    assert moves == [True, False, True, False, True, False, False]
    assert not receipts.moves(ReceiptReceived(True, "Alice", "bob", 10), "alice")


def test_only_so_many_readers_are_remembered() -> None:
    receipts = Receipts()
    for number in range(2_001):
        receipts.moves(ReceiptReceived(True, f"name{number}", "alice", 1), "alice")
    assert receipts.moves(ReceiptReceived(True, "name0", "alice", 1), "alice")
    assert not receipts.moves(ReceiptReceived(True, "name2000", "alice", 1), "alice")
