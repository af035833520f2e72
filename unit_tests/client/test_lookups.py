import pytest

from client.events import HistoryListed, Kind, RequestFailed, SearchDone
from client.lookups import Lookups
from client.rows import KeptMessage
from client.session import ClientSession
from client.verbs import Order, Verb
from errors import NotAllowed, TooMany
from unit_tests.client.sessions import asked, signed_in

ROWS = [KeptMessage(7, 0, "bob", "alice", "hi")]
MORE = Order(Verb.MORE)


class Shelf:
    """An archive of pages without an end; `asked` is what was looked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def history(
        self, whom: str, before: int | None = None, limit: int = 0
    ) -> HistoryListed:
        self.asked.append((whom, before, limit))
        return HistoryListed(0, whom, ROWS, more=True, before=100)

    def search(
        self,
        text: str,
        whom: str | None = None,
        before: int | None = None,
        limit: int = 0,
    ) -> SearchDone:
        self.asked.append((text, whom, before, limit))
        return SearchDone(0, text, ROWS, more=True, before=100)

    def names(self) -> list[str]:
        return []


def looked_up(*, keeps_history: bool = True) -> tuple[Lookups, ClientSession, Shelf]:
    session = signed_in(keeps_history=keeps_history)
    session.data_to_send()
    shelf = Shelf()
    return Lookups(session, shelf), session, shelf


def wire(session: ClientSession) -> list[dict[str, object]]:
    """Return what the server is asked, without what every request has."""
    requests = asked(session)
    for one in requests:
        del one["id"], one["time"]
    return requests


def may_go_on(lookups: Lookups) -> bool:
    return lookups.may_go_on


def test_the_server_is_asked_where_it_can_be() -> None:
    lookups, session, shelf = looked_up()
    for number, order in enumerate(
        (
            Order(Verb.HISTORY, "bob"),
            Order(Verb.HISTORY, number=3),
            Order(Verb.SEARCH, "", "x y"),
            Order(Verb.SEARCH, "#r", "x"),
        )
    ):
        assert lookups.obey(order, "carol") is None
        lookups.take_event(SearchDone(number + 1, "", []))
    assert wire(session) == [
        {"action": "history", "with": "bob", "limit": 20},
        {"action": "history", "with": "carol", "limit": 3},
        {"action": "search", "text": "x y", "limit": 20},
        {"action": "search", "text": "x", "with": "#r", "limit": 20},
    ]
    assert shelf.asked == []


def test_more_goes_on_where_the_page_has_ended() -> None:
    lookups, session, _ = looked_up()
    lookups.obey(Order(Verb.HISTORY, "bob", number=5), "")
    wire(session)
    lookups.take_event(HistoryListed(99, "other", ROWS, more=True, before=1))
    lookups.take_event(HistoryListed(1, "bob", ROWS, more=True, before=7))
    assert lookups.obey(MORE, "") is None
    assert wire(session) == [
        {"action": "history", "with": "bob", "before": 7, "limit": 5}
    ]
    lookups.take_event(HistoryListed(2, "bob", ROWS))
    with pytest.raises(NotAllowed, match="nothing further back"):
        lookups.obey(MORE, "")


def test_each_lookup_waits_for_the_one_before() -> None:
    lookups, session, _ = looked_up()
    for order in (Order(Verb.HISTORY, "bob"), MORE, Order(Verb.SEARCH, "", "x")):
        assert lookups.obey(order, "") is None
    assert not may_go_on(lookups)
    lookups.take_event(HistoryListed(1, "bob", ROWS, more=True, before=7))
    assert may_go_on(lookups)
    lookups.go_on()
    assert not may_go_on(lookups)
    lookups.take_event(RequestFailed(2, Kind.HISTORY, "bob", "no", 429))
    lookups.go_on()
    asked_for = [(one["action"], one.get("before")) for one in wire(session)]
    assert asked_for == [("history", None), ("history", 7), ("search", None)]
    lookups.take_event(SearchDone(3, "x", ROWS))
    assert not may_go_on(lookups)


def test_what_has_waited_in_vain_is_refused() -> None:
    lookups, *_ = looked_up()
    lookups.obey(Order(Verb.SEARCH, "", "x"), "")
    lookups.obey(MORE, "")
    lookups.take_event(SearchDone(1, "x", []))
    with pytest.raises(NotAllowed, match="nothing further back"):
        lookups.go_on()
    assert not may_go_on(lookups)


def test_only_so_many_lookups_wait() -> None:
    lookups, *_ = looked_up()
    for _ in range(1_001):
        lookups.obey(Order(Verb.HISTORY, "bob"), "")
    with pytest.raises(TooMany, match="lookups that wait"):
        lookups.obey(Order(Verb.HISTORY, "bob"), "")


def test_more_of_nothing_is_refused() -> None:
    lookups, *_ = looked_up()
    with pytest.raises(NotAllowed, match="nothing further back"):
        lookups.obey(MORE, "")


def test_a_history_of_nobody_is_refused() -> None:
    lookups, *_ = looked_up()
    with pytest.raises(NotAllowed, match="history of whom"):
        lookups.obey(Order(Verb.HISTORY), "")


def test_while_the_server_is_away_the_archive_answers_page_after_page() -> None:
    lookups, session, shelf = looked_up()
    session.receive_eof()
    page = lookups.obey(Order(Verb.HISTORY, "bob"), "")
    assert page == HistoryListed(0, "bob", ROWS, more=True, before=100)
    lookups.obey(MORE, "")
    lookups.obey(Order(Verb.SEARCH, "", "x"), "")
    lookups.obey(MORE, "")
    assert shelf.asked == [
        ("bob", None, 20),
        ("bob", 100, 20),
        ("x", None, None, 20),
        ("x", None, 100, 20),
    ]


def test_a_server_that_keeps_nothing_is_not_asked() -> None:
    lookups, _, shelf = looked_up(keeps_history=False)
    assert lookups.obey(Order(Verb.SEARCH, "bob", "x"), "") is not None
    assert shelf.asked == [("x", "bob", None, 20)]


def test_without_an_archive_the_server_is_asked_when_it_is_back() -> None:
    session = signed_in(keeps_history=True)
    session.receive_eof()
    assert Lookups(session, None).obey(Order(Verb.HISTORY, "bob"), "") is None
    assert session.unanswered == 1
