"""How addresses are written, which never leave this machine, which are one peer's."""

import pytest

from common.addresses import (
    Endpoint,
    is_loopback,
    network_of,
    place,
    plain,
    read_endpoint,
    read_endpoints,
)
from common.names import Label


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1"],
)
def test_an_address_of_this_machine_itself_is_loopback(address: str) -> None:
    assert is_loopback(Label(address))


@pytest.mark.parametrize(
    "address",
    [
        "192.0.2.7",
        "10.0.0.1",
        "0.0.0.0",
        "128.0.0.1",
        "::",
        "::2",
        "fe80::1%eth0",
        "2001:db8::1",
        "::ffff:192.0.2.7",
    ],
)
def test_every_other_address_is_not(address: str) -> None:
    assert not is_loopback(Label(address))


@pytest.mark.parametrize("address", ["", "localhost", "127.0.0.1:80", "127.1", "127"])
def test_what_is_no_numeric_address_is_not(address: str) -> None:
    assert not is_loopback(Label(address))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:0:0:2", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::1", "::1"),
        ("no address", "no address"),
    ],
)
def test_the_network_is_what_one_peer_can_not_leave(address: str, network: str) -> None:
    assert network_of(Label(address)) == network


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("", ""),
    ],
)
def test_an_address_is_shown_as_people_know_it(address: str, shown: str) -> None:
    assert plain(Label(address)) == shown


WRITTEN = {
    "localhost": ("localhost", None),
    "localhost:7777": ("localhost", 7777),
    " chat.example:1 ": ("chat.example", 1),
    "chat.example.:80": ("chat.example.", 80),
    "имя.example:7777": ("имя.example", 7777),
    "127.0.0.1": ("127.0.0.1", None),
    "127.0.0.1:65535": ("127.0.0.1", 65535),
    "0.0.0.0:0": ("0.0.0.0", 0),
    "::": ("::", None),
    "::1": ("::1", None),
    "[::1]": ("::1", None),
    "[::1]:7777": ("::1", 7777),
    "2001:db8::7": ("2001:db8::7", None),
    "[2001:db8::7]:443": ("2001:db8::7", 443),
    "::ffff:192.0.2.1": ("::ffff:192.0.2.1", None),
    "fe80::1%lan0": ("fe80::1%lan0", None),
    "[fe80::1%lan0]:7777": ("fe80::1%lan0", 7777),
    # Without brackets it is an address of its own, as everywhere.
    "::1:7777": ("::1:7777", None),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_an_address_is_read_as_people_write_it(text: str) -> None:
    assert read_endpoint(text) == Endpoint(*WRITTEN[text])
    assert read_endpoint(str(read_endpoint(text))) == read_endpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":7777",
        "[]:7777",
        "[::1",
        "::1]",
        "[::1]7777",
        "[::1]:",
        "[::1]:7:7",
        "[chat.example]:7777",
        "[127.0.0.1]:7777",
        "host:",
        "host:x",
        "host:-1",
        "host:65536",
        "host:\u0667",
        "host: 7777",
        "ho st",
        "a,b",
        "http://host:80/",
        "me@host",
        "host#AAAA&invite=inv_marked",
        "host%lan0",
        "host\x1b[2J",
        "1::2::3",
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_endpoint(text)
    said = str(caught.value)
    assert "an address is HOST" in said or "a port is at most" in said
    assert "marked" not in said


def test_several_addresses_stand_between_commas() -> None:
    assert read_endpoints("") == []
    assert read_endpoints("a:1, [::1], fe80::1%lan0") == [
        Endpoint("a", 1),
        Endpoint("::1"),
        Endpoint("fe80::1%lan0"),
    ]
    with pytest.raises(ValueError, match="an address is HOST"):
        read_endpoints("a,,b")


def test_an_address_is_written_as_people_do() -> None:
    assert place("localhost", 7777) == "localhost:7777"
    assert place("::1", 7777) == "[::1]:7777"
