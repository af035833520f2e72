import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.stream import in_turns, open_stream
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


@contextlib.contextmanager
def dead_end(address: str, port: int) -> Iterator[None]:
    """Take a port where connections are neither accepted nor refused."""
    with contextlib.ExitStack() as closing:
        listener = closing.enter_context(
            socket.create_server((address, port), backlog=0)
        )
        # What comes when its queue is full gets no answer.
        for _ in range(3):
            peer = closing.enter_context(socket.socket())
            peer.setblocking(False)
            peer.connect_ex(listener.getsockname())
        yield


def called_by(name: str, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have the domain name system know a name with these addresses."""
    real = socket.getaddrinfo

    def look_up(host: str, *args: object, **fields: object) -> list[object]:
        hosts = addresses if host == name else (host,)
        return [way for one in hosts for way in real(one, *args, **fields)]  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_dead_address_of_a_name_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called_by("chat.test", monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with dead_end("127.0.0.2", port), dead_end("127.0.0.3", port):
            begun = time.monotonic()
            assert opened("chat.test", port) == (1, 1)
            took = time.monotonic() - begun
    assert 0.5 <= took < 5


def test_a_refused_address_of_a_name_costs_no_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called_by("chat.test", monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        assert opened("chat.test", server.getsockname()[1]) == (1, 1)
        assert time.monotonic() - begun < 0.25


def test_of_several_reasons_the_refusal_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called_by("chat.test", monkeypatch, "127.0.0.1", "255.255.255.255", "127.0.0.2")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable, match="connection refused"):
        opened("chat.test", port)


def test_all_addresses_together_have_the_time_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called_by("chat.test", monkeypatch, "127.0.0.2", "127.0.0.3")
    with socket.create_server(("127.0.0.4", 0)) as free:
        port = free.getsockname()[1]
    with (
        dead_end("127.0.0.2", port),
        dead_end("127.0.0.3", port),
        pytest.raises(Unreachable, match=r"no answer in 0\.4 s"),
    ):
        opened("chat.test", port, 0.4)


def test_both_kinds_of_addresses_take_turns() -> None:
    four = [(socket.AF_INET, 1, 6, "", (f"192.0.2.{n}", 1)) for n in range(2)]
    six = [(socket.AF_INET6, 1, 6, "", (f"2001:db8::{n}", 1, 0, 0)) for n in range(3)]
    assert in_turns([*six, *four]) == [six[0], four[0], six[1], four[1], six[2]]
