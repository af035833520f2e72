from typing import Any

import pytest

from client.events import Event
from client.scripts.sending import Outcome, Sending
from client.session import ClientSession
from common.names import Name, Secret
from errors import ExitCode, Refused
from unit_tests.client.sessions import NOW, asked, line, welcome


class Run:
    """A session that sends; the server's side is typed in."""

    def __init__(self, to: str = "#all", wait: str = "stored") -> None:
        self.session = ClientSession("oven", Secret("device-1"), clock=lambda: NOW)
        self.sending = Sending(self.session, Name(to), wait)

    def sign_in(self, **session: Any) -> list[Outcome]:
        self.session.sign_in()
        number = asked(self.session)[0]["id"]
        told = {"name": "oven", "guest": False, "keeps_history": True} | session
        return self.hear_bytes(welcome(number, **told))

    def hear(self, **fields: Any) -> list[Outcome]:
        return self.hear_bytes(line(**fields))

    def hear_bytes(self, data: bytes) -> list[Outcome]:
        events: list[Event] = self.session.receive_data(data)
        return [one for event in events for one in self.sending.take(event)]

    def asked(self) -> list[dict[str, Any]]:
        return asked(self.session)


def test_nothing_is_sent_before_the_welcome_and_then_in_order() -> None:
    run = Run()
    assert run.sending.add(1, "one") == []
    assert run.sending.add(2, "two") == []
    assert run.asked() == []
    run.sign_in()
    sent = run.asked()
    assert [(one["to"], one["message"]) for one in sent] == [
        ("#all", "one"),
        ("#all", "two"),
    ]
    assert run.sending.unsettled == 2
    first = run.hear(response=200, id=sent[0]["id"], message_id=7)
    assert first == [Outcome(1, 7)]
    assert not run.sending.has_happened
    run.hear(response=202, id=sent[1]["id"], message_id=8)
    assert run.sending.has_happened


def test_newlines_are_kept() -> None:
    run = Run()
    run.sending.add(0, "one\n\ntwo")
    run.sign_in()
    assert run.asked()[0]["message"] == "one\n\ntwo"


def test_a_refusal_says_why_and_settles_the_text() -> None:
    run = Run("bob")
    run.sending.add(0, "hi")
    run.sign_in()
    (sent,) = run.asked()
    assert run.hear(response=404, id=sent["id"], error="nobody") == [
        Outcome(0, None, "nobody", 404)
    ]
    assert run.sending.has_happened


def test_what_is_past_a_limit_is_refused_and_the_rest_is_sent() -> None:
    run = Run()
    run.sign_in()
    (refused,) = run.sending.add(1, "x" * 101)
    assert (refused.line, refused.code) == (1, 413)
    assert run.sending.add(2, "short") == []
    assert [one["message"] for one in run.asked()] == ["short"]


def test_what_was_stored_before_a_break_has_no_id_that_is_known() -> None:
    run = Run("bob", "read")
    run.sending.add(0, "hi")
    run.sign_in()
    (sent,) = run.asked()
    run.session.receive_eof()
    assert run.sign_in(device_seq=sent["id"]) == [Outcome(0, None)]
    assert not run.sending.has_happened


@pytest.mark.parametrize(
    ("wait", "receipts", "happened"),
    [
        ("stored", [], True),
        ("delivered", [], False),
        ("delivered", [("delivered", "Bob", "oven", 6)], False),
        ("delivered", [("delivered", "Bob", "oven", 7)], True),
        ("delivered", [("delivered", "carol", "oven", 7)], False),
        ("delivered", [("read", "Bob", "oven", 7)], True),
        ("read", [("delivered", "Bob", "oven", 7)], False),
        ("read", [("read", "Bob", "oven", 8)], True),
        ("read", [("read", "Bob", "#tea", 8)], False),
    ],
)
def test_what_is_waited_for_must_have_happened(
    wait: str, receipts: list[tuple[str, str, str, int]], happened: bool
) -> None:
    run = Run("bob", wait)
    run.sending.add(0, "hi")
    run.sign_in()
    (sent,) = run.asked()
    run.hear(response=200, id=sent["id"], message_id=7)
    for action, reader, whom, number in receipts:
        told: dict[str, Any] = {"from": reader, "with": whom, "message_id": number}
        run.hear(action=action, time=NOW, **told)
    assert run.sending.has_happened is happened


def test_a_room_is_read_when_one_other_has_read_it() -> None:
    run = Run("#tea", "read")
    run.sending.add(0, "hi")
    run.sign_in()
    (look,) = run.asked()
    run.hear(response=202, id=look["id"], data_list=[])
    (sent,) = run.asked()
    run.hear(response=200, id=sent["id"], message_id=7)
    for reader, happened in (("oven", False), ("bob", True)):
        told: dict[str, Any] = {"from": reader, "with": "#tea", "message_id": 7}
        run.hear(action="read", time=NOW, **told)
        assert run.sending.has_happened is happened


def test_a_room_that_we_are_not_in_is_entered_first() -> None:
    run = Run("#tea")
    run.sending.add(0, "hi")
    run.sign_in()
    (look,) = run.asked()
    assert (look["action"], look["with"]) == ("history", "#tea")
    run.hear(response=403, id=look["id"], error="join it first")
    (join,) = run.asked()
    assert (join["action"], join["room"]) == ("join", "#tea")
    run.hear(response=200, id=join["id"])
    assert [one["message"] for one in run.asked()] == ["hi"]


def test_where_nothing_is_kept_a_room_is_entered_at_once() -> None:
    run = Run("#tea")
    run.sending.add(0, "hi")
    run.sign_in(keeps_history=False)
    assert [one["action"] for one in run.asked()] == ["join"]


@pytest.mark.parametrize(
    ("codes", "exit_code"),
    [
        ([404], ExitCode.REFUSED),
        ([403, 403], ExitCode.NOT_ALLOWED),
        ([403, 429], ExitCode.REFUSED),
    ],
)
def test_a_room_that_is_not_there_is_not_made_and_one_that_is_closed_ends_it(
    codes: list[int], exit_code: ExitCode
) -> None:
    run = Run("#tea")
    run.sending.add(0, "hi")
    run.sign_in()
    with pytest.raises(Refused, match="no room") as caught:
        for code in codes:
            (request,) = run.asked()
            run.hear(response=code, id=request["id"], error="no room")
    assert caught.value.exit_code == exit_code
    assert run.asked() == []
