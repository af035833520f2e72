"""What begins like HTTP is known before anybody acts on it, however it is cut."""

import pytest

from server.dialects.web import HTTP_VERBS, Doorkeeper, begins_like_http

FORM = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\nalice\r\nhi\r\n"
FIELDS = [
    b"Host: localhost:8000", b"host: x", b"User-Agent: Mozilla/5.0", b"Accept: */*",
    b"Accept-Language: en", b"Content-Type: text/plain", b"Content-Length: 4",
    b"Origin: null", b"Sec-Fetch-Mode: no-cors", b"Referer: http://x", b"Cookie: a=b",
    b"Connection: keep-alive", b"Upgrade-Insecure-Requests: 1",
]  # fmt: skip
HTTP = [
    FORM,
    *(verb + b"/" for verb in HTTP_VERBS),
    b"\r\n\r\n" + FORM,
    b"\xef\xbb\xbf" + FORM,
    b"PROPFIND /x HTTP/1.1\r\n",
    b"M-SEARCH * HTTP/1.1\n",
    b"get / http/1.0\n",
    b"ANY http://x/ HTTP/3\r\n",
    *(field + b"\r\n" for field in FIELDS),
]
OTHERS = [
    b"alice\n",
    "алиса".encode(),
    b"al ice\n",
    b"GET\n",
    b"POST",
    b"what is HTTP/1.1 good for?\n",
    b"HTTP/1.1 200 OK\r\n",
    b"alice: hi\n",
    b"hostess\n",
    b"jim_0123456789abcdef\n",
    b"\x00\x01",
    b"\xff\xfd\x06",
    b"{}",
    b"x" * 5000,
]


@pytest.mark.parametrize("data", HTTP)
def test_requests_and_their_fields_are_known(data: bytes) -> None:
    assert begins_like_http(data)


@pytest.mark.parametrize("data", OTHERS)
def test_what_people_and_clients_say_is_none(data: bytes) -> None:
    assert not begins_like_http(data)


@pytest.mark.parametrize("data", HTTP)
def test_no_line_of_it_is_heard_before_it_is_known(data: bytes) -> None:
    """However it comes: what is judged to be something else has ended no line yet."""
    whole = Doorkeeper().receive_data(data)
    assert whole is not None
    for size in range(1, min(len(data), 200)):
        keeper = Doorkeeper()
        at = 0
        while keeper.receive_data(data[at : at + size]) is None:
            at += size
            heard = data[:at].removeprefix(b"\xef\xbb\xbf").strip(b"\r\n")
            assert b"\n" not in heard
            assert not keeper.is_over
            assert at < len(data)


@pytest.mark.parametrize(
    "data", [one for one in OTHERS if b"\n" in one or len(one) > 9]
)
def test_others_are_let_in_for_good(data: bytes) -> None:
    keeper = Doorkeeper()
    for at in range(len(data)):
        if not keeper.is_over:
            assert keeper.receive_data(data[at : at + 1]) is None
    assert keeper.is_over


def test_a_tls_hello_is_not_for_a_door_that_speaks_first() -> None:
    error = Doorkeeper().receive_data(b"\x16\x03\x01\x02\x00\x01\x00")
    assert error is not None
    assert "TLS" in str(error)


def test_the_line_behind_an_empty_one_is_looked_at_too() -> None:
    keeper = Doorkeeper()
    assert keeper.receive_data(b"\n") is None
    assert not keeper.is_over
    assert keeper.receive_data(b"POST / HTTP/1.1\r\n") is not None
