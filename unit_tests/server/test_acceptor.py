"""Newcomers at a real listening socket: counted, refused, and never fatal."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from common.limits import Limits
from common.names import Label
from errors import TooMany
from server.acceptor import Acceptor, Newcomer, Tally
from server.listening import listen
from unit_tests.helpers import PATIENCE

FAR = Label("192.0.2.7")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Door:
    """An acceptor on a free port of loopback, and those who knock."""

    def __init__(
        self,
        stack: ExitStack,
        *,
        tally: Tally | None = None,
        by_address: bool = True,
        **limits: Any,
    ) -> None:
        (self.listener,) = listen("127.0.0.1", 0)
        self.acceptor = Acceptor(
            self.listener, Limits(**limits), tally, by_address=by_address
        )
        stack.callback(self.acceptor.close)
        self._stack = stack

    def knock(self) -> tuple[socket.socket, Newcomer | None]:
        """Connect; return the socket and what the acceptor makes of it."""
        address = self.listener.getsockname()
        sock = socket.create_connection(address, timeout=PATIENCE)
        self._stack.enter_context(sock)
        newcomers, pause = self.acceptor.accept()
        assert not pause
        for newcomer in newcomers:
            self._stack.enter_context(newcomer.sock)
        return sock, newcomers[0] if newcomers else None


def test_a_newcomer_is_taken_without_delay_and_without_blocking(
    stack: ExitStack,
) -> None:
    _, newcomer = Door(stack).knock()
    assert newcomer is not None
    assert newcomer.refusal is None
    assert newcomer.address == "127.0.0.1"
    assert not newcomer.sock.getblocking()
    assert newcomer.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_nobody_there_is_nobody(stack: ExitStack) -> None:
    assert Door(stack).acceptor.accept() == ([], False)


def test_above_the_limit_newcomers_are_refused_until_one_leaves(
    stack: ExitStack,
) -> None:
    door = Door(stack, connections=2)
    found = [door.knock()[1] for _ in range(3)]
    refusals = [newcomer and newcomer.refusal for newcomer in found]
    assert refusals[:2] == [None, None]
    assert isinstance(refusals[2], TooMany)
    assert "2" in str(refusals[2])
    for _ in range(2):  # the refused one, and one of the others
        door.acceptor.forget(Label("127.0.0.1"))
    _, newcomer = door.knock()
    assert newcomer is not None
    assert newcomer.refusal is None


def test_a_flood_above_the_limit_is_cut_off_without_a_word(stack: ExitStack) -> None:
    door = Door(stack, connections=1)
    for _ in range(65):
        assert door.knock()[1] is not None
    sock, newcomer = door.knock()
    assert newcomer is None
    assert sock.recv(100) == b""


def test_loopback_has_no_limit_of_its_own(stack: ExitStack) -> None:
    door = Door(stack, connections_per_address=1)
    for _ in range(3):
        _, newcomer = door.knock()
        assert newcomer is not None
        assert newcomer.refusal is None


class FarListener:
    """A listening socket whose callers come from far away."""

    def __init__(self, listener: socket.socket, addresses: list[str]) -> None:
        self._listener = listener
        self._addresses = addresses

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        sock, _ = self._listener.accept()
        return sock, (self._addresses.pop(0), 4)

    def close(self) -> None:
        self._listener.close()


def test_an_address_may_have_only_so_many_connections(stack: ExitStack) -> None:
    door = Door(stack, connections_per_address=2)
    there = "198.51.100.9"
    far: Any = FarListener(door.listener, [FAR, FAR, FAR, there, FAR])
    door.acceptor.listener = far
    found = [door.knock()[1] for _ in range(4)]
    refusals = [newcomer.refusal for newcomer in found if newcomer is not None]
    assert [type(one) for one in refusals] == [
        type(None),
        type(None),
        TooMany,
        type(None),
    ]
    door.acceptor.forget(FAR)
    door.acceptor.forget(FAR)
    _, newcomer = door.knock()
    assert newcomer is not None
    assert newcomer.refusal is None


def test_several_doors_count_together_and_one_of_them_by_no_address(
    stack: ExitStack,
) -> None:
    limits = Limits(connections_per_address=1, connections=4)
    tally = Tally(limits)
    main, free = Door(stack, tally=tally), Door(stack, tally=tally, by_address=False)
    for door in (main, free):
        far: Any = FarListener(door.listener, [FAR] * 4)
        door.acceptor.listener = far
    found = [door.knock()[1] for door in (free, free, main, free, free, main)]
    refusals = [newcomer.refusal for newcomer in found if newcomer is not None]
    assert refusals[:4] == [None] * 4
    assert [str(one) for one in refusals[4:]] == [
        "too many connections to this server: the limit is 4"
    ] * 2
    for door in (free, free, free, free, main, main):
        door.acceptor.forget(FAR)
    assert tally.refusal(FAR, by_address=True) is None


class BrokenListener:
    """A listening socket that reports an error of the network (accept(2))."""

    def __init__(self, error: int) -> None:
        self._error = error

    def accept(self) -> Any:
        raise OSError(self._error, os.strerror(self._error))

    def close(self) -> None:
        pass


@pytest.mark.parametrize("error", [errno.EPROTO, errno.ENETDOWN, errno.EPERM])
def test_an_error_of_the_network_pauses_accepting(error: int) -> None:
    broken: Any = BrokenListener(error)
    acceptor = Acceptor(broken, Limits())
    assert acceptor.accept() == ([], True)
    acceptor.close()


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS])
def test_without_descriptors_accepting_pauses_and_goes_on(error: int) -> None:
    broken: Any = BrokenListener(error)
    acceptor = Acceptor(broken, Limits())
    for _ in range(3):
        assert acceptor.accept() == ([], True)
    acceptor.close()


@pytest.mark.parametrize("error", [errno.ECONNABORTED, errno.EAGAIN, errno.EINTR])
def test_who_left_before_being_taken_is_no_reason_to_pause(error: int) -> None:
    broken: Any = BrokenListener(error)
    acceptor = Acceptor(broken, Limits())
    assert acceptor.accept() == ([], False)
    acceptor.close()
