"""Where the server listens, and the sentence where it can't."""

import contextlib
import socket
from collections.abc import Iterator

import psutil
import pytest

from common.names import Label
from errors import ExitCode, StartError
from server.listening import listen
from unit_tests.helpers import PATIENCE


def _can_reach(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family) as sock:
        sock.settimeout(PATIENCE)
        return sock.connect_ex((host, port)) == 0


@contextlib.contextmanager
def _listening(ip: str, port: int = 0) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as closing:
        yield [closing.enter_context(one) for one in listen(ip, port)]


def _port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _link_local() -> str:
    """Return an address of one of this machine's networks, with its name."""
    for name, addresses in psutil.net_if_addrs().items():
        for one in addresses:
            if one.family == socket.AF_INET6 and one.address.startswith("fe80:"):
                return f"{one.address.partition('%')[0]}%{name}"
    return ""


LISTENED_ON = {
    "127.0.0.1": {"127.0.0.1"},
    "127.0.0.1,127.0.0.2": {"127.0.0.1", "127.0.0.2"},
    "127.0.0.1,127.0.0.1": {"127.0.0.1"},
    "0.0.0.0": {"0.0.0.0"},
    "127.0.0.1,0.0.0.0": {"0.0.0.0"},
}
LISTENED_ON_WITH_IPV6 = {
    "": {"::"},
    "*": {"::"},
    "::": {"::"},
    "127.0.0.1,::": {"::"},
    "::1": {"::1"},
    "127.0.0.1,::1": {"127.0.0.1", "::1"},
    "0.0.0.0,::1": {"0.0.0.0", "::1"},
}


@pytest.mark.parametrize("ip", LISTENED_ON)
def test_each_address_is_listened_on_once_at_one_port(ip: str) -> None:
    with _listening(ip) as listeners:
        assert {one.getsockname()[0] for one in listeners} == LISTENED_ON[ip]
        assert len(listeners) == len(LISTENED_ON[ip])
        assert not any(one.getblocking() for one in listeners)
        (port,) = {_port_of(one) for one in listeners}
        assert _can_reach(socket.AF_INET, "127.0.0.1", port)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize("ip", LISTENED_ON_WITH_IPV6)
def test_each_ipv6_address_is_listened_on_once_at_one_port(ip: str) -> None:
    with _listening(ip) as listeners:
        assert {one.getsockname()[0] for one in listeners} == LISTENED_ON_WITH_IPV6[ip]
        assert len(listeners) == len(LISTENED_ON_WITH_IPV6[ip])
        (port,) = {_port_of(one) for one in listeners}
        assert _can_reach(socket.AF_INET6, "::1", port)
        if ip != "::1":
            assert _can_reach(socket.AF_INET, "127.0.0.1", port)


def test_a_name_is_listened_on_at_all_its_addresses() -> None:
    ways = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)
    with _listening("localhost") as listeners:
        found = {one.getsockname()[0] for one in listeners}
        assert found == {address[0] for *_, address in ways}


@pytest.mark.skipif(not _link_local(), reason="no link-local address here")
def test_an_address_of_one_network_is_listened_on_in_that_network() -> None:
    ip = _link_local()
    with _listening(ip) as listeners:
        (listener,) = listeners
        ways = socket.getaddrinfo(ip, _port_of(listener), type=socket.SOCK_STREAM)
        assert [where for *_, where in ways] == [listener.getsockname()]
        assert listener.getsockname()[3] == socket.if_nametoindex(ip.partition("%")[2])


def test_a_port_in_use_is_one_sentence() -> None:
    with _listening("127.0.0.1") as (listener,):
        port = _port_of(listener)
        with pytest.raises(StartError) as caught:
            listen("127.0.0.1", port)
    assert caught.value.exit_code == ExitCode.REFUSED
    assert f"port {port}" in str(caught.value)
    assert "in use" in str(caught.value)


@pytest.mark.parametrize(
    "ip", ["198.51.100.1", "not an address", "fe80::1%nowhere0", "a..b", "a" * 70]
)
def test_an_address_that_is_not_ours_is_one_sentence(ip: str) -> None:
    with pytest.raises(StartError) as caught:
        listen(ip, 0)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert ip in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_closed_port_can_be_taken_again_at_once() -> None:
    with _listening("127.0.0.1") as (listener,):
        port = _port_of(listener)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer:
            listener.setblocking(True)
            server_side, _ = listener.accept()
            server_side.close()
            assert peer.recv(1) == b""
    with _listening("127.0.0.1", port) as (listener,):
        assert _port_of(listener) == port


def test_the_port_of_another_door_is_named_with_its_setting() -> None:
    with _listening("127.0.0.1") as (listener,):
        port = _port_of(listener)
        with pytest.raises(StartError) as caught:
            listen("127.0.0.1", port, Label("text_port"))
    assert str(caught.value) == (
        f"text_port: {port} on 127.0.0.1 is in use, by another setting of this server; "
        "choose another"
    )


def test_where_one_of_several_addresses_is_taken_none_stays_open() -> None:
    with _listening("127.0.0.2") as (listener,):
        port = _port_of(listener)
        with pytest.raises(StartError, match=r"on 127\.0\.0\.2 is in use"):
            listen("127.0.0.1,127.0.0.2", port)
        assert not _can_reach(socket.AF_INET, "127.0.0.1", port)
