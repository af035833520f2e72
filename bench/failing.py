"""Have system calls of the server fail, and see what it still tells anybody."""

import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from bench.images import DATABASE, judge
from bench.numbered import leave, meet, people, talk
from bench.outcome import faults_in
from bench.syscalls import read_calls
from bench.tracing import read_record, traced_server

__all__ = ["IO_ERROR", "Failure", "calls_of_a_start", "fail_calls"]

IO_ERROR = 74  # the exit code
_WINDOW = 3
# A server that still takes messages after so many has not noticed.
_PATIENCE_MESSAGES = 20_000


class Failure(NamedTuple):
    """What was told before and after a call of the server failed, and how it ended.

    Acknowledgements and deliveries are counted. `said` are the server's lines on
    stderr; `lost` and `fault` tell of the file afterwards.
    """

    call: str
    told_before: int
    told_after: int
    exit_code: int
    said: list[str]
    lost: int
    fault: str

    def broken(self) -> list[str]:
        """Return a sentence for each promise that was broken."""
        wrong = {
            "nobody had been told of anything before": not self.told_before,
            f"{self.told_after} messages were told of afterwards": self.told_after,
            f"the server ended with {self.exit_code}": self.exit_code != IO_ERROR,
            f"it said {self.said}": len(self.said) != 1,
            f"{self.lost} promised messages are missing": self.lost,
            f"the file is broken: {self.fault}": self.fault,
        }
        return [
            f"failing {self.call}: {text}" for text, is_so in wrong.items() if is_so
        ]


def calls_of_a_start() -> Counter[str]:
    """Return how many calls of each name the loop makes till the first is told of.

    strace counts the calls of each thread for itself; the first thread is the loop's.
    """
    with tempfile.TemporaryDirectory(prefix="jim-failing-") as name:
        folder, output = Path(name, "data"), Path(name, "run")
        folder.mkdir()
        with people() as crowd, traced_server(folder, output, []) as server:
            meet(crowd, server.port)
            talk(crowd, 1, 1)
            leave(crowd)
            server.stop(signal.SIGTERM)
        first_told = read_record(folder, [output]).promises[0].line
        with output.open(encoding="ascii") as lines:
            calls = sorted(read_calls(lines), key=lambda call: call.started)
    return Counter(
        call.name
        for call in calls
        if call.started < first_told and call.thread == calls[0].thread
    )


def fail_calls(call: str, when: int) -> Failure:
    """Let people talk until calls fail with EIO, from the `when`th of a thread on."""
    with tempfile.TemporaryDirectory(prefix="jim-failing-") as name:
        folder, output = Path(name, "data"), Path(name, "run")
        folder.mkdir()
        inject = f"{call}:error=EIO:when={when}+"
        with people() as crowd, traced_server(folder, output, [], inject) as server:
            meet(crowd, server.port)
            ended = talk(crowd, _PATIENCE_MESSAGES, _WINDOW).ended
            exit_code = server.wait() if ended else server.stop(signal.SIGTERM)
        said = faults_in(server.errors.read_text())
        record = read_record(folder, [output])
        failed = min(line for line, path in record.failed if DATABASE in path)
        promised = {one.message_id: one.text for one in record.promises}
        after = sum(promise.line > failed for promise in record.promises)
        before = len(record.promises) - after
        lost, fault = judge(folder, promised)
    return Failure(call, before, after, exit_code, said, lost, fault)
