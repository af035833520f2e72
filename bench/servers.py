"""Start the servers that are measured: ours, and ngircd where it is installed."""

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection, create_server
from typing import NamedTuple

__all__ = ["Server", "ngircd", "ours"]

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 20.0

_NGIRCD = """[Global]
Name = irc.test.local
Info = bench
MotdPhrase = hello
Listen = 127.0.0.1
Ports = {port}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local1
"""


class Server(NamedTuple):
    """A server that listens on loopback; `protocol` is "jim", "jims" or "irc"."""

    label: str
    protocol: str
    port: int
    pid: int


@contextlib.contextmanager
def ours(label: str, *flags: str, call_log: bool = True) -> Iterator[Server]:
    """Run our server, rate limits off; its logs are thrown away with its folder."""
    with tempfile.TemporaryDirectory() as folder:
        config = _ROOT / "log_config" / "server.yaml"
        text = config.read_text("utf-8")
        if not call_log:
            text = re.sub(r"level: DEBUG.*", "level: INFO", text)
        chosen = Path(folder, "log.yaml")
        chosen.write_text(text, "utf-8")
        command = [sys.executable, str(_ROOT / "my_server.py"), "-p", "0"]
        command += ["-a", "127.0.0.1", "--log-dir", folder, "--message-rate", "0"]
        command += ["--data-dir", folder]
        command += ["--log-config", str(chosen), *flags]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                found = re.search(r"port (\d+)", process.stdout.readline())
                assert found is not None, "the server did not start"
                yield Server(label, "jim", int(found[1]), process.pid)
            finally:
                process.terminate()


@contextlib.contextmanager
def ngircd() -> Iterator[Server | None]:
    """Run ngircd for comparison; None where it is not installed."""
    program = shutil.which("ngircd") or shutil.which("ngircd", path="/usr/sbin")
    if program is None:
        yield None
        return
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "ngircd.conf")
        config.write_text(_NGIRCD.format(port=port), "utf-8")
        Path(folder).chmod(0o755)
        process = subprocess.Popen(
            [program, "-n", "-f", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield Server("ngircd", "irc", port, process.pid)
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError), create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > until:
            raise SystemExit(f"nothing listens on port {port}")
        time.sleep(0.05)
