"""Which addresses never leave this machine, and which are one peer's."""

import pytest

from common.addresses import is_loopback, network_of, plain
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
