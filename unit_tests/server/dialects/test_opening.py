"""The first bytes choose the dialect, and how they are cut never changes the choice."""

import pytest

from common.limits import Limits
from errors import NotAllowed, TooLate
from server.dialects.foreign import ForeignDialect
from server.dialects.jim import JimDialect
from server.dialects.opening import Opening, choose
from server.dialects.text import TextDialect
from server.events import Event, Faulty, Foreign, Goodbye
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
    (b"\n\n\n{}", "JIM"),
    (b" " * 4095 + b"{}", "JIM"),
    (b" " * 4096 + b"{}", "text"),
    (b"GETTER\n", "text"),
    (b"GET\r\n", "text"),
    (b" GET / HTTP/1.1\r\n", "HTTP"),
    (b"\r\nPOST / HTTP/1.1\r\n", "HTTP"),
    (b"\xef\xbb\xbfGET / HTTP/1.1\r\n", "HTTP"),
    (b"PROPFIND /x HTTP/1.1\r\n", "HTTP"),
    (b"get /x http/1.0\n", "HTTP"),
    (b"Host: example.org\r\n", "HTTP"),
    (b"\xef\xbb\xbf" + presence(), "JIM"),
    (b"\xef\xbb\xbf \n" + presence(), "JIM"),
    ("\ufeffалиса\n".encode(), "text"),
    (b"\xef\xbb\xbfalice\n", "text"),
    (b"\xef\xbb\xbf\xef\xbb\xbf{}\n", "text"),
    (b"\xef\xbb\n", "text"),
    (b"get / http\r\n", "text"),
    (b"hello there\r\n", "text"),
    (b"\r\nalice\r\n", "text"),
    ("алиса\n".encode(), "text"),
    (b"[1,2,3]\n", "text"),
    (b"\x00\x01\x02", "text"),
    (b"\xff\xfe", "text"),
]
_KINDS: dict[str, type] = {"JIM": JimDialect, "text": TextDialect}


@pytest.mark.parametrize(("data", "protocol"), FIRST_BYTES)
def test_the_first_bytes_tell_the_protocol(data: bytes, protocol: str) -> None:
    assert choose(data) == protocol


@pytest.mark.parametrize(("data", "protocol"), FIRST_BYTES)
def test_no_beginning_is_taken_for_another_protocol(data: bytes, protocol: str) -> None:
    for length in range(0, len(data), max(1, len(data) // 64)):
        assert choose(data[:length]) in (None, protocol)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n\t",
        b"G",
        b"GET",
        b"P",
        b"NICK",
        b"OPTIONS",
        b"CA",
        b"alice",
        b"\xef\xbb",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbfGE",
        b"FOO /bar HTT",
    ],
)
def test_what_may_still_become_a_verb_is_waited_for(data: bytes) -> None:
    assert choose(data) is None


@pytest.mark.parametrize(("data", "protocol"), FIRST_BYTES)
def test_every_cut_leads_to_the_same_dialect_and_events(
    data: bytes, protocol: str
) -> None:
    whole = Opening(Limits())
    expected = comparable(whole.receive_data(data))
    for place in range(1, len(data), max(1, len(data) // 64)):
        opening = Opening(Limits())
        events: list[Event] = []
        for piece in cut(data, [place]):
            # As the loop does: the chosen dialect takes over at once.
            events += (opening.chosen or opening).receive_data(piece)
        kind = _KINDS.get(protocol, ForeignDialect)
        assert isinstance(opening.chosen, kind)
        if kind is ForeignDialect:
            assert events[0] == Foreign(protocol)
        else:
            assert comparable(events) == expected


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


# ------------------------------------------------------------------------ TLS


def test_a_tls_hello_is_kept_whole_where_tls_is_spoken() -> None:
    hello = b"\x16\x03\x01\x02\x00\x01\x00"
    opening = Opening(Limits(), takes_tls=True)
    assert list(opening.receive_data(hello)) == []
    assert opening.hello == hello
    assert opening.chosen is None


def test_inside_tls_there_is_no_second_tls() -> None:
    inside = Opening(Limits())
    assert list(inside.receive_data(b"\x16\x03\x01")) == [Foreign("TLS")]
    assert inside.hello == b""


@pytest.mark.parametrize(
    ("data", "protocol"),
    [(data, protocol) for data, protocol in FIRST_BYTES if protocol != "TLS"],
)
def test_where_tls_is_required_plain_words_end_in_one_refusal(
    data: bytes, protocol: str
) -> None:
    opening = Opening(Limits(), takes_tls=True, takes_plain=False)
    (event,) = opening.receive_data(data)
    assert isinstance(event, Faulty)
    assert event.fatal
    assert isinstance(event.error, NotAllowed)
    assert opening.chosen is not None
    refusal = opening.chosen.send([Goodbye(event.error)], 0.0, 0.0)
    assert b"TLS" in refusal
    if protocol == "JIM":
        (found,) = told(opening.chosen, [Goodbye(event.error)])
        assert found["response"] == 403


def test_where_tls_is_required_a_hello_is_what_is_wanted() -> None:
    opening = Opening(Limits(), takes_tls=True, takes_plain=False)
    assert list(opening.receive_data(b"\x16")) == []
    assert opening.hello == b"\x16"
