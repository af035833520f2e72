import asyncio
import socket
from pathlib import Path

import pytest

from client.stream import open_stream, place
from errors import ExitCode, Unreachable
from unit_tests.helpers import PATIENCE


def opened(address: str, port: int, seconds: float = PATIENCE) -> tuple[int, int]:
    """Connect; return the options that a dead or slow connection is noticed by."""

    async def connect() -> tuple[int, int]:
        _, writer = await open_stream(address, port, seconds)
        sock: socket.socket = writer.get_extra_info("socket")
        options = (
            sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
        )
        writer.close()
        await writer.wait_closed()
        return options

    return asyncio.run(connect())


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost"])
def test_a_server_on_ipv4_is_found(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert opened(address, server.getsockname()[1]) == (1, 1)


def test_a_server_on_ipv6_alone_is_found() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        assert opened("::1", server.getsockname()[1]) == (1, 1)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "no server answers at 127.0.0.1:{} (connection refused)"),
        ("::1", "no server answers at [::1]:{} ("),
        ("no.such.machine.invalid", "no machine is known as no.such.machine.invalid"),
        ("a" * 70 + ".invalid", "("),
        ("", "("),
    ],
)
def test_why_there_is_no_server_is_said(address: str, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        opened(address or "256.1.1.1.1", port)
    assert said.format(port) in str(caught.value) or "no machine" in str(caught.value)
    assert caught.value.exit_code is ExitCode.UNREACHABLE


def test_a_port_that_answers_itself_is_no_server() -> None:
    """TCP lets a socket connect to itself, if its own port is the one it looks for."""
    ports = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    port = int(ports[0])
    for _ in range(3):
        with pytest.raises(Unreachable):
            opened("127.0.0.1", port)


def test_an_address_is_written_as_people_do() -> None:
    assert place("localhost", 7777) == "localhost:7777"
    assert place("::1", 7777) == "[::1]:7777"
