"""The programs as processes, and a peer that speaks to the server over a socket."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from common.names import Label

__all__ = [
    "PATIENCE",
    "ROOT",
    "Peer",
    "Server",
    "clean_environment",
    "run_server",
    "spare_certificate",
]

ROOT = Path(__file__).resolve().parent.parent
#: Seconds to wait for what must happen: long, because a loaded machine is slow.
PATIENCE = 30.0


def clean_environment(**variables: str) -> dict[str, str]:
    """Return our environment without settings of the messenger, plus `variables`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JIM_")}
    return kept | variables


def spare_certificate(folder: Path) -> None:
    """Make the data folder of a server that is to be started, with its certificate.

    It is the one that the server would make there, and costs a third of its start:
    it would import what we have.
    """
    from server.certificates import own_pair

    folder.mkdir(mode=0o700, exist_ok=True)
    own_pair(folder, [Label("127.0.0.1")], datetime.now(UTC))


class Peer:
    """A blocking socket to the server: objects out, objects in, one per line.

    With a small `window` (bytes) the kernel takes little for who does not read.
    """

    def __init__(self, port: int, host: str = "127.0.0.1", window: int = 0) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(PATIENCE)
        if window:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        try:
            self.sock.connect((host, port))
        except BaseException:
            self.sock.close()
            raise
        self._buffer = b""
        self.missed: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sock.close()

    def send(self, *objects: Mapping[str, Any]) -> None:
        """Send objects in one go, a line each."""
        self.send_bytes(b"".join(json.dumps(o).encode() + b"\n" for o in objects))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def sign_in(self, name: str, **fields: Any) -> Any:
        """Sign in with a canonical presence (it names a store); return the answer.

        What was missed stands in `missed` then: it comes before "caught up".
        """
        self.send(
            {
                "action": "presence",
                "time": 0,
                "type": "status",
                "user": {"account_name": name, "status": "here"},
                "store": "",
                **fields,
            }
        )
        return self.receive_welcome()

    def receive_welcome(self) -> Any:
        """Return the answer to a sign-in; keep what follows it up to "caught up"."""
        answer = self.receive()
        self.missed = []
        if "session" in answer:
            while (found := self.receive()).get("alert") != "caught up":
                self.missed.append(found)
        return answer

    def say(self, to: str, text: str, **fields: Any) -> None:
        """Send a canonical message; its answer is not read."""
        self.send({"action": "msg", "time": 0, "to": to, "message": text, **fields})

    def receive_line(self) -> bytes:
        """Return the next line, b"" at the end; raises TimeoutError."""
        while b"\n" not in self._buffer:
            data = self.sock.recv(65536)
            if not data:
                rest, self._buffer = self._buffer, b""
                return rest
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def receive(self) -> Any:
        """Return the next object; fails where the connection has ended."""
        line = self.receive_line()
        assert line, "the server closed the connection"
        return json.loads(line)

    def wait_for(self, wanted: Callable[[Any], bool]) -> Any:
        """Return the first object that is wanted, and skip those before."""
        while True:
            found = self.receive()
            if wanted(found):
                return found

    def wait_for_text(self, text: str) -> Any:
        """Return the message of this text."""
        return self.wait_for(lambda found: found.get("message") == text)

    def read_to_end(self) -> bytes:
        """Return all that still comes until the server closes, or resets."""
        rest, self._buffer = self._buffer, b""
        try:
            while data := self.sock.recv(65536):
                rest += data
        except ConnectionError:
            pass
        return rest

    def is_silent(self, seconds: float = 0.0) -> bool:
        """Tell whether nothing has come, not even the end, within `seconds`."""
        return not self._buffer and not select.select([self.sock], [], [], seconds)[0]


class Server:
    """A running `my_server.py`. `start_line` is what it said; `folder` has its log."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        assert process.stdout is not None
        self.process = process
        self.folder = folder
        self.log_file = folder / "logs" / "server.log"
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        self.start_line = process.stdout.readline() if ready else ""
        assert "port " in self.start_line, f"no start line: {self.errors()}"
        self.port = int(self.start_line.partition("port ")[2].partition(";")[0])

    def connect(self) -> Peer:
        """Return a new peer, which nobody has signed in on."""
        return Peer(self.port)

    def signed_in(self, name: str, **fields: Any) -> Peer:
        """Return a new peer that is signed in as `name`."""
        peer = self.connect()
        answer = peer.sign_in(name, **fields)
        assert answer["response"] == 200, answer
        return peer

    def log(self) -> str:
        """Return what stands in server.log by now, rotated files first."""
        return self._log("server.log*")

    def admin_log(self) -> str:
        """Return what an administrator can read by now."""
        return self._log("server-admin.log*")

    def _log(self, names: str) -> str:
        files = sorted(self.log_file.parent.glob(names), reverse=True)
        return "".join(file.read_text("utf-8") for file in files)

    def errors(self) -> str:
        """Return what came on stderr by now."""
        return (self.folder / "stderr").read_text("utf-8")

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(PATIENCE)


@contextmanager
def run_server(
    *flags: str,
    environment: Mapping[str, str] | None = None,
    before: tuple[str, ...] = (),
) -> Iterator[Server]:
    """Run `my_server.py` on a free port of 127.0.0.1 while the block lasts.

    Its log folder and working directory are temporary. `flags` may override ours;
    `before` is a command that starts the program (like prlimit). Unless the block has
    ended it, it gets a SIGTERM and must exit with 0; and whatever happened, it must
    have said nothing on stderr that looks like a traceback.
    """
    with tempfile.TemporaryDirectory(prefix="jim-server-") as name:
        folder = Path(name)
        command = [*before, sys.executable, str(ROOT / "my_server.py")]
        command += ["-p", "0", "-a", "127.0.0.1", "--log-dir", str(folder / "logs")]
        command += ["--data-dir", str(folder / "data")]
        if not {"--data-dir", "--tls", "--tls-certificate"}.intersection(flags):
            spare_certificate(folder / "data")
        with (
            open(folder / "stderr", "wb") as stderr,
            subprocess.Popen(
                [*command, *flags],
                cwd=folder,
                env=clean_environment(**environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            ) as process,
        ):
            try:
                server = Server(process, folder)
                yield server
                if process.poll() is None:
                    assert server.stop() == 0, server.errors()
                assert "Traceback" not in server.errors(), server.errors()
            finally:
                if process.poll() is None:
                    process.kill()
