"""What a web page makes a browser send is refused at every door, and not kept."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from unit_tests.helpers import PATIENCE, Peer
from unit_tests.server.test_doors import House, open_house

# A form with enctype="text/plain" is lines of NAME=VALUE: the page chooses both. These
# would sign somebody in and say something, at one door or another.
NAMES = ("intruder", "intruder2")
FORM = "".join(
    f"{line}\r\n"
    for line in (
        "=",
        "intruder",
        "said by a web page=",
        "",
        '{"action":"presence","user":{"account_name":"intruder2"}}',
        '{"action":"msg","to":"#all","message":"said by a web page"}',
        "",
    )
)
HEADERS = {"Content-Type": "text/plain", "Origin": "http://evil.example"}
DOORS: dict[str, Callable[[House], int]] = {
    "main": lambda house: house.server.port,
    "text": lambda house: house.text,
    "to read": lambda house: house.read,
    "to send": lambda house: house.send,
}
TRUSTING = ssl.create_default_context()
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with open_house() as house:
        yield house


def is_untouched(house: House) -> bool:
    """Tell whether nothing was said, and nobody has come in or got an account."""
    with Peer(house.server.port) as peer:
        answer = peer.sign_in("witness")
        last_id = answer["session"]["last_id"]
        peer.send({"action": "get_users", "id": 1})
        people = [one["account_name"] for one in peer.receive()["data_list"]]
        for number, name in enumerate(NAMES, 2):
            peer.send({"action": "whois", "user": {"account_name": name}, "id": number})
            assert peer.receive()["response"] == 404
    return last_id == 0 and people == ["witness"]


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "PROPFIND"])
@pytest.mark.parametrize("door", DOORS)
def test_a_browsers_request_is_refused_and_nothing_is_kept(
    house: House, door: str, method: str
) -> None:
    port = DOORS[door](house)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        client.request(method, "/", FORM.encode(), HEADERS)
        if door == "main":
            answer = client.getresponse()
            assert (answer.status, answer.getheader("Connection")) == (501, "close")
        else:
            # The door has greeted already: that is no answer in HTTP.
            with pytest.raises((http.client.BadStatusLine, ConnectionError)):
                client.getresponse()
    finally:
        client.close()
    assert is_untouched(house)


def test_a_browsers_request_inside_tls_is_refused_too(house: House) -> None:
    request = urllib.request.Request(
        f"https://127.0.0.1:{house.server.port}/", FORM.encode(), HEADERS, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=PATIENCE, context=TRUSTING)
    with refused.value as answer:
        assert answer.status == 501
    assert is_untouched(house)


@pytest.mark.parametrize("door", ["text", "to read", "to send"])
def test_a_browsers_hello_of_tls_is_refused_where_none_is_spoken(
    house: House, door: str
) -> None:
    client = http.client.HTTPSConnection(
        "127.0.0.1", DOORS[door](house), timeout=PATIENCE, context=TRUSTING
    )
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.request("POST", "/", FORM.encode(), HEADERS)
    client.close()
    assert is_untouched(house)


@pytest.mark.parametrize("door", ["text", "to send"])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_it_is_refused_however_it_comes_and_in_the_doors_own_words(
    house: House, door: str, size: int
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    data = f"\r\nPOST / HTTP/1.1\r\n{head}\r\n{FORM}".encode()
    with Peer(DOORS[door](house)) as peer:
        peer.receive_line()
        try:
            for at in range(0, len(data), size):
                peer.send_bytes(data[at : at + size])
        except ConnectionError:
            pass  # it was sent away before it had said everything
        assert b"speaks no HTTP" in peer.read_to_end()
    assert is_untouched(house)
