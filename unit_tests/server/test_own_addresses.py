"""Which addresses are told to others, and in which order."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from common.addresses import is_loopback
from common.names import Label
from server.certificates import own_pair
from server.own_addresses import Interface, own_addresses, ranked
from server.place import Place, join_lines

LAN = Interface("192.168.1.5")
SECOND = Interface("10.0.0.9")
DOCKER = Interface("172.17.0.1", is_inner=True)
ITSELF = Interface("127.0.0.1")
SELF_MADE = Interface("169.254.3.4")
GLOBAL = Interface("2001:db8::5")
LINK = Interface("fe80::5")

#: Of which interfaces, by which default route: what is told.
ORDERS = {
    "one network": ([ITSELF, LAN], [], ["192.168.1.5"]),
    "a container engine": ([DOCKER, LAN], [], ["192.168.1.5", "172.17.0.1"]),
    "two networks": (
        [SECOND, LAN, DOCKER],
        ["192.168.1.5"],
        ["192.168.1.5", "10.0.0.9", "172.17.0.1"],
    ),
    "a route by the bridge": ([DOCKER, LAN], ["172.17.0.1"], None),
    "no DHCP": ([SELF_MADE, LAN], [], ["192.168.1.5", "169.254.3.4"]),
    "both kinds": ([GLOBAL, LINK, LAN], ["2001:db8::5"], ["192.168.1.5"]),
    "IPv6 alone": ([ITSELF, GLOBAL, LINK], [], ["2001:db8::5"]),
    "IPv6 and a bridge": ([DOCKER, GLOBAL], [], ["2001:db8::5"]),
    "no network": ([ITSELF], [], []),
}


@pytest.mark.parametrize("case", ORDERS)
def test_the_address_that_others_are_likely_to_reach_goes_first(case: str) -> None:
    interfaces, outside, wanted = ORDERS[case]
    found = ranked(interfaces, outside)
    if wanted is None:
        wanted = [*outside, "192.168.1.5"]
    assert found[: len(wanted)] == wanted


@pytest.mark.parametrize("ip", ["", "*", "::", "0.0.0.0", "127.0.0.1,0.0.0.0"])
def test_all_addresses_are_told_one_by_one_and_loopback_last(ip: str) -> None:
    found = own_addresses(ip)
    assert not {"", "*", "::", "0.0.0.0"} & set(found)
    assert len(set(found)) == len(found)
    is_own = [is_loopback(one) for one in found]
    assert is_own == sorted(is_own)
    assert is_own[-1]


TOLD = {
    ("127.0.0.1", ""): ["127.0.0.1"],
    ("127.0.0.1,192.0.2.9", ""): ["192.0.2.9", "127.0.0.1"],
    ("chat.example", ""): ["chat.example"],
    ("fe80::1%lan0", ""): ["fe80::1%lan0"],
    ("127.0.0.1", "chat.example"): ["chat.example", "127.0.0.1"],
    ("192.0.2.9", "chat.example:443,[2001:db8::1]:9"): [
        "chat.example:443",
        "[2001:db8::1]:9",
        "192.0.2.9",
    ],
}


@pytest.mark.parametrize(("ip", "public"), TOLD)
def test_what_is_given_is_told_and_what_its_owner_calls_it_first(
    ip: str, public: str
) -> None:
    assert own_addresses(ip, public) == TOLD[ip, public]


def test_localhost_is_told_by_its_numbers() -> None:
    ways = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)
    assert set(own_addresses("localhost")) == {where[0] for *_, where in ways}


LINES = {
    ("192.0.2.9", "127.0.0.1"): ["192.0.2.9:7777"],
    ("chat.example:443", "192.0.2.9", "::1"): ["chat.example:443", "192.0.2.9:7777"],
    ("2001:db8::1", "127.0.0.1"): ["[2001:db8::1]:7777"],
    ("127.0.0.1", "::1"): ["127.0.0.1:7777"],
}


@pytest.mark.parametrize("addresses", LINES)
def test_each_address_for_others_gets_a_line(addresses: tuple[str, ...]) -> None:
    place = Place(addresses, 7777)
    assert join_lines(place) == LINES[addresses]
    assert place.is_here_alone == addresses[0].startswith("127.")


def test_the_certificate_names_what_is_told(tmp_path: Path) -> None:
    told = [Label("chat.example:443"), Label("192.0.2.9"), Label("fe80::1%lan0")]
    own_pair(tmp_path, told, datetime.now(UTC))
    certificate = x509.load_pem_x509_certificate((tmp_path / "tls.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    assert "chat.example" in names.get_values_for_type(x509.DNSName)
    found = {str(one) for one in names.get_values_for_type(x509.IPAddress)}
    assert {"192.0.2.9", "fe80::1", "127.0.0.1"} <= found
