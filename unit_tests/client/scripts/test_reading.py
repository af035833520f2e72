from typing import Any

import pytest

from client.events import Event
from client.keeping import Kept
from client.scripts.reading import Reading
from client.scripts.wanted import Wanted
from client.session import ClientSession
from common.names import Secret
from errors import ExitCode, Refused
from unit_tests.client.sessions import NOW, asked, line, welcome


def message(message_id: int, text: str = "", **fields: Any) -> dict[str, Any]:
    told = {
        "action": "msg",
        "time": NOW,
        "from": "bob",
        "to": "#all",
        "encoding": "utf-8",
    }
    text = text or f"text {message_id}"
    return told | {"message_id": message_id, "message": text} | fields


def row(message_id: int, to: str = "#all") -> dict[str, Any]:
    """Return a message as a list holds it."""
    return {
        "message_id": message_id,
        "time": NOW,
        "from": "bob",
        "to": to,
        "message": f"text {message_id}",
    }


CAUGHT_UP = {"response": 100, "alert": "caught up"}


class Run:
    """A session and what is read from it; the server's side is typed in."""

    def __init__(
        self,
        last: int | None = None,
        wanted: Wanted | None = None,
        *,
        since: int | None = None,
        digs: bool = False,
    ) -> None:
        store = "store-1" if since is not None else ""
        kept = Kept(Secret("device-1"), store=store, since=since)
        self.session = ClientSession("alice", kept=kept, clock=lambda: NOW)
        self.reading = Reading(self.session, wanted or Wanted(), last, digs=digs)

    def sign_in(self, last_id: int = 0, **session: Any) -> list[str]:
        self.session.sign_in()
        number = asked(self.session)[0]["id"]
        told = {"keeps_history": True, "last_id": last_id} | session
        return self.hear_bytes(welcome(number, **told))

    def catch_up(self, last_id: int) -> list[str]:
        return self.hear(CAUGHT_UP | {"last_id": last_id})

    def hear(self, *objects: dict[str, Any]) -> list[str]:
        """Return the texts that are told now."""
        return self.hear_bytes(b"".join(line(**one) for one in objects))

    def hear_bytes(self, data: bytes) -> list[str]:
        events: list[Event] = self.session.receive_data(data)
        return [one.text for event in events for one in self.reading.take(event)]

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [one for one in asked(self.session) if one["action"] == action]

    def answer(self, request: dict[str, Any], *rows: Any, **fields: Any) -> list[str]:
        given = {"response": 202, "id": request["id"], "data_list": [*rows]}
        return self.hear(given | fields)


def test_at_first_only_what_is_said_from_now_on_is_told() -> None:
    run = Run()
    assert run.sign_in(41) == []
    assert run.catch_up(41) == []
    assert run.reading.caught_up
    assert run.reading.last == 41
    assert run.hear(message(42), message(44)) == ["text 42", "text 44"]
    assert run.reading.last == 44


def test_an_account_is_told_what_it_has_missed_as_it_comes() -> None:
    run = Run(41, since=41)
    run.sign_in(50, guest=False)
    assert run.hear(message(42), message(45)) == ["text 42", "text 45"]
    assert not run.reading.caught_up
    run.catch_up(50)
    assert (run.reading.last, run.reading.caught_up) == (50, True)
    assert not run.asked("history")


def test_a_guest_is_told_too_what_was_said_while_it_was_no_member() -> None:
    run = Run(41, since=41)
    run.sign_in(50)
    assert run.hear(message(48, to="alice")) == []
    assert run.catch_up(50) == []
    (request,) = run.asked("conversations")
    assert run.answer(request, {"with": "carol", "last": row(30)}) == []
    (page,) = run.asked("history")
    assert (page["with"], page["after"]) == ("#all", 41)
    # What is said meanwhile waits for its turn.
    assert run.hear(message(51)) == []
    assert run.answer(page, row(42), row(43), more=True, after=43) == []
    (page,) = run.asked("history")
    assert page["after"] == 43
    assert run.answer(page, row(47), row(51)) == [
        "text 42",
        "text 43",
        "text 47",
        "text 48",
        "text 51",
    ]
    assert (run.reading.last, run.reading.caught_up) == (51, True)
    assert run.hear(message(52)) == ["text 52"]


def test_who_says_where_to_begin_gets_every_conversation() -> None:
    run = Run(10, digs=True)
    run.sign_in(50, guest=False)
    run.catch_up(50)
    (request,) = run.asked("conversations")
    run.answer(request, {"with": "carol", "last": row(30)}, {"with": "#tea"})
    carol, everybody = run.asked("history")
    assert (carol["with"], everybody["with"]) == ("carol", "#all")
    assert run.answer(carol, row(30, "alice")) == []
    assert run.answer(everybody, row(11)) == ["text 11", "text 30"]
    assert run.reading.last == 50


def test_what_can_not_be_answered_now_is_asked_again() -> None:
    run = Run(10, digs=True)
    run.sign_in(50)
    run.catch_up(50)
    (request,) = run.asked("conversations")
    run.hear({"response": 429, "id": request["id"], "error": "later"})
    assert run.reading.waits
    run.reading.retry()
    (request,) = run.asked("conversations")
    run.answer(request)
    (page,) = run.asked("history")
    assert run.hear({"response": 500, "id": page["id"], "error": "later"}) == []
    run.reading.retry()
    (page,) = run.asked("history")
    assert run.answer(page, row(11)) == ["text 11"]


def test_a_conversation_that_is_not_ours_any_more_is_left_out() -> None:
    run = Run(10, digs=True)
    run.sign_in(50)
    run.catch_up(50)
    run.answer(run.asked("conversations")[0], {"with": "carol", "last": row(30)})
    carol, everybody = run.asked("history")
    run.hear({"response": 404, "id": carol["id"], "error": "nobody"})
    assert run.answer(everybody, row(11)) == ["text 11"]


def test_a_break_in_the_middle_begins_the_history_again() -> None:
    run = Run(41, since=41)
    run.sign_in(50)
    run.catch_up(50)
    run.answer(run.asked("conversations")[0])
    run.asked("history")
    run.session.receive_eof()
    run.sign_in(60)
    run.catch_up(60)
    run.answer(run.asked("conversations")[-1])
    page = run.asked("history")[-1]
    assert run.answer(page, row(42), row(55)) == ["text 42", "text 55"]
    assert run.reading.last == 60


def test_what_was_told_is_not_told_again() -> None:
    run = Run(41, since=41)
    run.sign_in(50, guest=False)
    run.catch_up(50)
    assert run.hear(message(51)) == ["text 51"]
    run.session.receive_eof()
    run.sign_in(52, guest=False)
    assert run.hear(message(51), message(52)) == ["text 52"]


def test_a_server_that_has_begun_anew_is_followed_from_where_it_is() -> None:
    run = Run(4_000, since=4_000, digs=True)
    run.sign_in(3, store="store-2")
    run.catch_up(3)
    assert run.reading.last == 3
    assert not run.asked("history")
    assert run.hear(message(4)) == ["text 4"]


def test_who_begins_behind_what_nobody_has_said_yet_hears_what_is_said_next() -> None:
    run = Run(4_000, digs=True)
    run.sign_in(50, guest=False)
    run.catch_up(50)
    run.answer(run.asked("conversations")[0])
    for one in run.asked("history"):
        run.answer(one)
    assert run.reading.last == 50
    assert run.hear(message(51)) == ["text 51"]


def test_a_server_that_keeps_nothing_is_read_live() -> None:
    run = Run(5, digs=True)
    run.sign_in(7, keeps_history=False)
    run.catch_up(7)
    assert run.reading.caught_up
    assert run.hear(message(8)) == ["text 8"]


def test_only_what_is_wanted_is_told_and_the_rest_passed() -> None:
    run = Run(wanted=Wanted(sender="BOB"))
    run.sign_in()
    run.catch_up(0)
    assert run.hear(message(1), message(2, **{"from": "eve"})) == ["text 1"]
    assert run.reading.last == 2


def test_a_room_is_entered_and_its_history_alone_looked_into() -> None:
    run = Run(5, Wanted(room="#tea"), digs=True)
    run.sign_in(7)
    (join,) = run.asked("join")
    run.catch_up(7)
    (page,) = run.asked("history")
    assert (join["room"], page["with"], page["after"]) == ("#tea", "#tea", 5)
    run.hear({"response": 200, "id": join["id"]})
    assert run.answer(page, row(6, "#tea")) == ["text 6"]
    assert run.hear(message(8), message(9, to="#Tea")) == ["text 9"]


@pytest.mark.parametrize(
    ("code", "exit_code"), [(403, ExitCode.NOT_ALLOWED), (429, ExitCode.REFUSED)]
)
def test_a_room_that_lets_nobody_in_ends_it(code: int, exit_code: ExitCode) -> None:
    run = Run(wanted=Wanted(room="#tea"))
    run.sign_in()
    (join,) = run.asked("join")
    with pytest.raises(Refused, match="by invitation") as caught:
        run.hear({"response": code, "id": join["id"], "error": "by invitation"})
    assert caught.value.exit_code == exit_code
