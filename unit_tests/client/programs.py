"""The client as a process, behind pipes or a terminal, and a server with a script."""

import os
import pty
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from unit_tests.client.sessions import line, welcome
from unit_tests.helpers import PATIENCE, ROOT, Peer, clean_environment

__all__ = [
    "ScriptedServer",
    "Terminal",
    "answer_messages",
    "client_environment",
    "open_terminal",
    "run_client",
    "start_client",
]

_CLIENT = str(ROOT / "my_client.py")
# Makes the terminal ours, so that Ctrl-C becomes a signal for us.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
_GREETING = re.compile(r"help GROUP: talking|line goes to #all|lists the commands")
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])|\r(?!\n)")


class _AcceptedPeer(Peer):
    """The same as a Peer, from the other side."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        self.sock = sock
        self._buffer = b""


class ScriptedServer:
    """A listening socket; each connection is a Peer that the test speaks for.

    With a `context` it speaks TLS, and what a peer says is inside of that.
    """

    def __init__(self, port: int = 0, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.sock = socket.create_server(("127.0.0.1", port))
        self.sock.settimeout(PATIENCE)
        self.port: int = self.sock.getsockname()[1]
        self._peers: list[Peer] = []

    def __enter__(self) -> "ScriptedServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()
        for peer in self._peers:
            peer.sock.close()

    def accept(self) -> Peer:
        """Return the next connection, on which nothing is said yet."""
        sock, _ = self.sock.accept()
        if self.context is not None:
            sock.settimeout(PATIENCE)
            sock = self.context.wrap_socket(sock, server_side=True)
        peer = _AcceptedPeer(sock)
        self._peers.append(peer)
        return peer

    def welcome(self, **session: Any) -> Peer:
        """Return the next connection, signed in; `presence` is what it said."""
        peer = self.accept()
        presence = peer.receive()
        assert presence["action"] == "presence"
        name = presence["user"]["account_name"]
        peer.send_bytes(welcome(presence["id"], **{"name": name} | session))
        return peer


def answer_messages(peer: Peer, count: int) -> list[dict[str, Any]]:
    """Say 200 to the next `count` messages, and empty lists to what else comes."""
    messages: list[dict[str, Any]] = []
    while len(messages) < count:
        request = peer.receive()
        if request["action"] == "msg":
            messages.append(request)
            peer.send_bytes(line(response=200, id=request["id"]))
        elif "id" in request:
            peer.send_bytes(line(response=202, id=request["id"], data_list=[]))
    return messages


def client_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which the client writes into `folder` alone."""
    places = {
        name: str(folder)
        for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    }
    shown = {"TERM": "xterm", "LANG": "C.UTF-8"}
    return clean_environment(**(places | shown | variables))


def _command(folder: Path, port: int | None, flags: tuple[str, ...]) -> list[str]:
    log_dir = str(folder / "logs")
    where = () if port is None else ("127.0.0.1", str(port))
    return [_CLIENT, *where, "--log-dir", log_dir, *flags]


@contextmanager
def start_client(
    folder: Path,
    port: int | None,
    *flags: str,
    stdout: int | IO[str] = subprocess.PIPE,
    **variables: str,
) -> Iterator[subprocess.Popen[str]]:
    """Run `my_client.py` behind pipes while the block lasts."""
    with subprocess.Popen(
        [sys.executable, *_command(folder, port, flags)],
        cwd=folder,
        env=client_environment(folder, **variables),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def run_client(
    folder: Path, port: int | None, typed: str, *flags: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `my_client.py` to its end with `typed` as its input."""
    with start_client(
        folder, port, *flags, stdout=subprocess.PIPE, **variables
    ) as process:
        out, err = process.communicate(typed, timeout=PATIENCE)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


class Terminal:
    """A client in a pseudo-terminal: what it paints is read, keys are typed."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.painted = ""
        self._descriptor = descriptor
        self._seen = 0

    def type(self, keys: str) -> None:
        """Press keys, as the characters that a terminal sends for them."""
        os.write(self._descriptor, keys.encode())

    def enter(self, text: str) -> None:
        """Type a line."""
        self.type(f"{text}\r")

    def expect(self, text: str) -> str:
        """Wait until `text` is painted after what was expected before.

        Returns all that was painted in between, without escape sequences.
        """
        deadline = time.monotonic() + PATIENCE
        while (at := _plain(self.painted).find(text, self._seen)) < 0:
            left = deadline - time.monotonic()
            assert left > 0 and self._read(left), self._missing(text)
        before = _plain(self.painted)[self._seen : at + len(text)]
        self._seen = at + len(text)
        return before

    def expect_greeting(self) -> None:
        """Wait until it is said what can be typed: much the first time, then little."""
        deadline = time.monotonic() + PATIENCE
        while (found := _GREETING.search(_plain(self.painted), self._seen)) is None:
            left = deadline - time.monotonic()
            assert left > 0 and self._read(left), self._missing("the greeting")
        self._seen = found.end()

    def wait(self) -> int:
        """Wait for the end; return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline - time.monotonic()):
            assert time.monotonic() < deadline
        return self.process.wait(PATIENCE)

    @property
    def rest(self) -> str:
        """What was painted after what was expected last."""
        return _plain(self.painted)[self._seen :]

    def _read(self, seconds: float) -> bool:
        """Read what is painted next; False at the end, or when time is over."""
        ready, _, _ = select.select([self._descriptor], [], [], max(seconds, 0))
        if not ready:
            return False
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:
            # Linux says EIO when the last one has closed the terminal.
            return False
        self.painted += data.decode(errors="replace")
        return bool(data)

    def _missing(self, text: str) -> str:
        return f"{text!r} was not painted, but: {self.rest!r}"


def _plain(painted: str) -> str:
    return _ESCAPES.sub("", painted)


@contextmanager
def open_terminal(
    folder: Path, port: int | None, *flags: str, **variables: str
) -> Iterator[Terminal]:
    """Run `my_client.py` in a terminal of 80 x 24 while the block lasts.

    Without a `port` the `flags` say where it goes.
    """
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    command = [sys.executable, "-c", _TAKE_TERMINAL, *_command(folder, port, flags)]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=client_environment(folder, **variables),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        terminal = Terminal(process, master)
        try:
            yield terminal
            assert "Traceback" not in terminal.painted, terminal.painted
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            os.close(master)
