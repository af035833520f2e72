"""Run programs under strace, our server among them, and read back what they did."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.record import Record
from bench.syscalls import read_calls

__all__ = ["TracedServer", "read_record", "traced", "traced_server", "why_not_here"]

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60.0
# "?": a call that this machine doesn't know is not asked for.
_CALLS = (
    "openat,?open,write,pwrite64,writev,pwritev,?pwritev2,ftruncate,?truncate,"
    "fallocate,fdatasync,fsync,mmap,?unlink,unlinkat,?rename,?renameat,?renameat2,"
    "?link,linkat,?symlink,symlinkat,sendto,sendmsg,?sendfile,?copy_file_range,splice"
)
_STRACE = ("strace", "-f", "-y", "-xx", "-s", "16777216", "-e", "signal=none")


def why_not_here() -> str:
    """Return why nothing can be recorded on this machine, "" if it can."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian: apt install strace)"
    tried = subprocess.run(
        ["strace", "-o", "/dev/null", "true"], capture_output=True, text=True
    )
    said = (tried.stderr.strip().splitlines() or ["no reason given"])[0]
    return f"strace may not trace here: {said}" if tried.returncode else ""


def traced(output: Path, command: Sequence[str], *inject: str) -> list[str]:
    """Return the command that runs another one and writes its calls to `output`.

    `inject` are strace's, like "fdatasync:error=EIO:when=5+".
    """
    faults = [word for one in inject for word in ("-e", f"inject={one}")]
    return [*_STRACE, "-e", f"trace={_CALLS}", *faults, "-o", str(output), *command]


def read_record(folder: Path, outputs: Sequence[Path]) -> Record:
    """Return what strace's outputs, one a run, say about a folder. May raise."""
    record = Record(folder)
    for output in outputs:
        with output.open(encoding="ascii", errors="replace") as lines:
            record.add(read_calls(lines, record.end + 1))
    return record


class TracedServer:
    """Our server under strace; `errors` is the file of what it says on stderr."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self._process = process
        self.errors = errors
        assert process.stdout is not None
        found = re.search(r"port (\d+)", process.stdout.readline())
        assert found is not None, f"the server did not start: {errors.read_text()}"
        self.port = int(found[1])

    def stop(self, number: signal.Signals) -> int:
        """Send the server itself a signal; return how it and strace have ended."""
        for child in psutil.Process(self._process.pid).children():
            child.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; return the server's exit code, negative for a signal."""
        return self._process.wait(_START_SECONDS)


@contextmanager
def traced_server(
    folder: Path, output: Path, flags: Sequence[str], *inject: str
) -> Iterator[TracedServer]:
    """Run our server under strace, its database in `folder`; the block ends it.

    What is left of it after the block is killed. Logs and stderr go beside `output`.
    """
    command = [sys.executable, str(_ROOT / "my_server.py"), "-p", "0"]
    command += ["-a", "127.0.0.1", "--log-dir", str(output.with_suffix(".logs"))]
    command += ["--message-rate", "0", "--data-dir", str(folder), *flags]
    errors = output.with_suffix(".errors")
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            traced(output, command, *inject),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        try:
            yield TracedServer(process, errors)
        finally:
            if process.poll() is None:
                for child in psutil.Process(process.pid).children():
                    child.kill()
