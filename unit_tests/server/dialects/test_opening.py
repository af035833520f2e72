"""The first bytes choose the dialect, and how they are cut never changes the choice."""

import pytest

from common.limits import Limits
from errors import TooLate
from server.dialects.foreign import ForeignDialect
from server.dialects.jim import JimDialect
from server.dialects.opening import Opening, choose
from server.events import Event, Foreign, Goodbye
from unit_tests.server.dialects.feeding import comparable, cut, presence, said, told

FIRST_BYTES = [
    (presence(), "JIM"),
    (b" \r\n" + presence(), "JIM"),
    (b"\x16\x03\x01\x02\x00\x01\x00", "TLS"),
    (b"GET / HTTP/1.1\r\n", "HTTP"),
    (b"POST /x HTTP/1.1\r\n", "HTTP"),
    (b"PRI * HTTP/2.0\r\n", "HTTP"),
    (b"OPTIONS * HTTP/1.1\r\n", "HTTP"),
    (b"NICK bob\r\n", "IRC"),
    (b"CAP LS 302\r\n", "IRC"),
    (b"PASS x\r\n", "IRC"),
    (b"USER a b c :d\r\n", "IRC"),
    (b"GETTER\n", "JIM"),
    (b"GET\r\n", "JIM"),
    (b"get / http\r\n", "JIM"),
    (b"hello there\r\n", "JIM"),
    (b"\x00\x01\x02", "JIM"),
    (b"\xff\xfe", "JIM"),
]


@pytest.mark.parametrize(("data", "protocol"), FIRST_BYTES)
def test_the_first_bytes_tell_the_protocol(data: bytes, protocol: str) -> None:
    assert choose(data) == protocol


@pytest.mark.parametrize(("data", "protocol"), FIRST_BYTES)
def test_no_beginning_is_taken_for_another_protocol(data: bytes, protocol: str) -> None:
    for length in range(len(data)):
        assert choose(data[:length]) in (None, protocol)


@pytest.mark.parametrize("data", [b"", b"G", b"GET", b"P", b"NICK", b"OPTIONS", b"CA"])
def test_what_may_still_become_a_verb_is_waited_for(data: bytes) -> None:
    assert choose(data) is None


@pytest.mark.parametrize(("data", "protocol"), FIRST_BYTES)
def test_every_cut_leads_to_the_same_dialect_and_events(
    data: bytes, protocol: str
) -> None:
    whole = Opening(Limits())
    expected = comparable(whole.receive_data(data))
    for place in range(1, len(data)):
        opening = Opening(Limits())
        events: list[Event] = []
        for piece in cut(data, [place]):
            # As the loop does: the chosen dialect takes over at once.
            events += (opening.chosen or opening).receive_data(piece)
        kind = JimDialect if protocol == "JIM" else ForeignDialect
        assert isinstance(opening.chosen, kind)
        if protocol == "JIM":
            assert comparable(events) == expected
        else:
            assert events[0] == Foreign(protocol)


def test_what_came_before_the_choice_is_not_lost() -> None:
    opening = Opening(Limits())
    events = opening.receive_data(presence().strip() + said().strip())
    assert len(events) == 2


def test_who_has_not_chosen_hears_goodbye_in_jim() -> None:
    opening = Opening(Limits())
    opening.receive_data(b"GE")
    (found,) = told(opening, [Goodbye(TooLate("you did not sign in", 15.0))])
    assert found["response"] == 408


def test_who_leaves_before_the_choice_has_asked_for_nothing() -> None:
    opening = Opening(Limits())
    opening.receive_data(b"GE")
    assert list(opening.receive_eof()) == []
    assert opening.data_to_send(0.0) == b""
    assert opening.end_of_object(b"abc\nd") == 4
