"""Each foreign protocol is refused in its own form."""

import pytest

from errors import BadRequest, NotSignedIn
from server.dialects.foreign import ForeignDialect
from server.events import Foreign, Goodbye, Refused

GOODBYE = Goodbye(BadRequest("this port speaks JIM"))


def test_http_gets_a_whole_response() -> None:
    data = ForeignDialect("HTTP").send([GOODBYE], 0.0, 0.0)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 501 ")
    assert b"Content-Length: %d" % len(body) in head
    assert b"Connection: close" in head
    assert b"my_client.py" in body


def test_tls_gets_a_fatal_alert_record() -> None:
    data = ForeignDialect("TLS").send([GOODBYE], 0.0, 0.0)
    kind, version, length, alert = data[0], data[1:3], data[3:5], data[5:]
    assert (kind, version) == (21, b"\x03\x01")
    assert int.from_bytes(length, "big") == len(alert) == 2
    assert alert[0] == 2  # fatal


def test_irc_gets_an_error_line() -> None:
    data = ForeignDialect("IRC").send([GOODBYE], 0.0, 0.0)
    assert data.startswith(b"ERROR :")
    assert data.endswith(b"\r\n")
    assert len(data) <= 512


@pytest.mark.parametrize("protocol", ["HTTP", "TLS", "IRC"])
def test_whatever_it_says_it_is_at_the_wrong_door(protocol: str) -> None:
    dialect = ForeignDialect(protocol)
    assert list(dialect.receive_data(b"anything")) == [Foreign(protocol)]
    assert list(dialect.receive_eof()) == []
    assert dialect.send([Refused(NotSignedIn())], 0.0, 0.0) == b""
    assert dialect.data_to_send(0.0) == b""
    assert dialect.end_of_object(b"rest") == 4


def test_where_tls_is_required_each_is_told_so_in_its_own_form() -> None:
    data = ForeignDialect("HTTP", needs_tls=True).send([GOODBYE], 0.0, 0.0)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426 ")
    assert b"Upgrade: TLS/1.2" in head
    assert b"Connection: Upgrade, close" in head
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert b"TLS" in body
    data = ForeignDialect("IRC", needs_tls=True).send([GOODBYE], 0.0, 0.0)
    assert data.startswith(b"ERROR :")
    assert b"TLS" in data
