"""Where the server listens, and the sentence where it can't."""

import socket

import pytest

from common.names import Label
from errors import ExitCode, StartError
from server.listening import listen, reachable_addresses
from unit_tests.helpers import PATIENCE


def _can_reach(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family) as sock:
        sock.settimeout(PATIENCE)
        return sock.connect_ex((host, port)) == 0


def test_an_address_is_listened_on_alone() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert not listener.getblocking()
        assert _can_reach(socket.AF_INET, "127.0.0.1", int(listener.getsockname()[1]))


def test_without_an_address_it_is_all_of_both_kinds() -> None:
    with listen("", 0) as listener:
        port = int(listener.getsockname()[1])
        assert _can_reach(socket.AF_INET, "127.0.0.1", port)
        if not socket.has_dualstack_ipv6():
            pytest.skip("this machine has no IPv6")
        assert _can_reach(socket.AF_INET6, "::1", port)


def test_an_ipv6_address_is_listened_on() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with listen("::1", 0) as listener:
        assert _can_reach(socket.AF_INET6, "::1", int(listener.getsockname()[1]))


def test_a_port_in_use_is_one_sentence() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = int(listener.getsockname()[1])
        with pytest.raises(StartError) as caught:
            listen("127.0.0.1", port)
    assert caught.value.exit_code == ExitCode.REFUSED
    assert f"port {port}" in str(caught.value)
    assert "in use" in str(caught.value)


@pytest.mark.parametrize("ip", ["192.0.2.1", "not an address", "a..b", "a" * 70])
def test_an_address_that_is_not_ours_is_one_sentence(ip: str) -> None:
    with pytest.raises(StartError) as caught:
        listen(ip, 0)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert ip in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_closed_port_can_be_taken_again_at_once() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = int(listener.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer:
            listener.setblocking(True)
            server_side, _ = listener.accept()
            server_side.close()
            assert peer.recv(1) == b""
    with listen("127.0.0.1", port) as listener:
        assert listener.getsockname()[1] == port


def test_the_addresses_told_are_the_one_given_or_all_and_loopback() -> None:
    assert reachable_addresses("127.0.0.1") == ["127.0.0.1"]
    everywhere = reachable_addresses("")
    assert {"127.0.0.1", "::1"} <= set(everywhere)
    assert len(set(everywhere)) == len(everywhere)


def test_the_port_of_another_door_is_named_with_its_setting() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = int(listener.getsockname()[1])
        with pytest.raises(StartError) as caught:
            listen("127.0.0.1", port, Label("text_port"))
    assert str(caught.value) == (
        f"text_port: {port} on 127.0.0.1 is in use, by another setting of this server; "
        "choose another"
    )
