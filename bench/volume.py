"""What ten million messages cost: `python -m bench.volume [--rows N] [--keep FOLDER]`.

A script makes the database (rooms and direct lines of one account), the server builds
its search index; then everything is asked over the wire. Making and indexing ten
million rows takes about ten minutes and six gigabytes.
"""

import argparse
import contextlib
import json
import random
import socket
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.driver import throughput
from bench.servers import ours
from common.names import Name, RoomName
from server.store.sqlite import SqliteStore

__all__ = ["Figures", "Promise", "judge", "main", "make", "measure"]

_READER = "reader"
_ROOMS = 80
_LINES = 120
_RARE_WORD = "ornithorhynchus"
_RARE_ROWS = 10
_CHUNK_ROWS = 250_000
_PATIENCE_SECONDS = 3600.0
_ROUNDS = 3

_FILL = """
WITH RECURSIVE row(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM row WHERE n < :last)
INSERT INTO messages(id, conversation, sender, sender_name, device, time, text)
SELECT n, :place + (n * 2654435761 >> 7) % :places, :reader, :name, 0,
       1700000000 + n / 10, 'message ' || n || ' speaks of w' || (n % 50021)
       || ' and w' || (n * 31 % 9973)
       || CASE WHEN n % :rare = 7 THEN ' ' || :word ELSE '' END
FROM row
"""


class Figures(NamedTuple):
    """Seconds, but `sending`: the rate with all these rows, by that with none."""

    start: float
    slowest_page: float
    slowest_search: float
    sending: float


class Promise(NamedTuple):
    """A figure, what it must not pass, and whether it does not."""

    what: str
    found: float
    limit: float
    kept: bool


def main() -> None:
    """Make, measure, print; exit with 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--keep", type=Path, help="folder to make it in, and leave it")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not (folder / "messenger.db").exists():
            _step("rows made", lambda: make(folder, options.rows))
        promises = judge(measure(folder, sending=1000))
    for one in promises:
        verdict = "kept" if one.kept else "BROKEN"
        print(f"{one.what:<44}{one.found:>10.4f}  limit {one.limit:g}  {verdict}")
    raise SystemExit(not all(one.kept for one in promises))


def _step(what: str, do: Any) -> None:
    started = time.monotonic()
    do()
    print(f"{what} in {time.monotonic() - started:.0f} s", flush=True)


def make(folder: Path, rows: int) -> None:
    """Make a database of so many messages in the conversations of one account."""
    store = SqliteStore(folder)
    reader = store.new_number()
    store.add_account(reader, Name(_READER), None, was_guest=False)
    others = [store.new_number() for _ in range(_LINES)]
    for number, other in enumerate(others):
        store.add_guest(other, Name(f"other{number}"))
        store.add_device(store.new_number(), other, f"digest{number}", time.time())
    first = store.new_number()
    places = [first, *(store.new_number() for _ in range(_ROOMS + _LINES - 1))]
    for number, place in enumerate(places[:_ROOMS]):
        store.add_room(place, RoomName(f"#room{number}"), reader)
        store.enter(place, reader, 0)
    for place, other in zip(places[_ROOMS:], others, strict=True):
        store.add_line(place, reader, other)
    store.commit((), (), time.time())
    store.close()
    _fill(folder / "messenger.db", rows, reader, first)


def _fill(database: Path, rows: int, reader: int, place: int) -> None:
    given = {
        "place": place,
        "places": _ROOMS + _LINES,
        "reader": reader,
        "name": _READER,
        "rare": max(1, rows // _RARE_ROWS),
        "word": _RARE_WORD,
    }
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = OFF")
        for begin in range(1, rows + 1, _CHUNK_ROWS):
            last = min(rows, begin + _CHUNK_ROWS - 1)
            file.execute("BEGIN")
            file.execute(_FILL, {**given, "first": begin, "last": last})
            file.execute("UPDATE state SET last_message = ?", (last,))
            file.execute("COMMIT")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def measure(folder: Path, sending: int) -> Figures:
    """Ask a server over this folder everything; `sending` is how much each pair says.

    The first server builds the index, which takes as long as it takes.
    """
    with _server(folder) as (port, _), _Asker(port) as asker:
        _step("index built", asker.wait_for_index)
    with _server(folder) as (port, started), _Asker(port) as asker:
        pages = [asker.time(**page) for page in _pages()]
        searches = [asker.time(action="search", text=_RARE_WORD) for _ in range(20)]
    return Figures(started, max(pages), max(searches), _sending(folder, sending))


def _pages() -> list[dict[str, Any]]:
    places = [f"#room{number}" for number in range(_ROOMS)]
    places += [f"other{number}" for number in range(_LINES)]
    random.Random(1).shuffle(places)
    return [{"action": "history", "with": place, "limit": 50} for place in places]


def _sending(folder: Path, count: int) -> float:
    rates: dict[str, list[float]] = {"full": [], "empty": []}
    with (
        tempfile.TemporaryDirectory(dir=folder.parent) as empty,
        ours("full", "--data-dir", str(folder)) as full,
        ours("empty", "--data-dir", empty) as fresh,
    ):
        for _ in range(_ROUNDS):
            for server in (full, fresh):
                rates[server.label].append(throughput(server, 64, 8, count)[0])
    return statistics.median(rates["full"]) / statistics.median(rates["empty"])


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[tuple[int, float]]:
    """Run a server over `folder`; yield its port and the seconds its start took."""
    began = time.monotonic()
    with ours("full", "--data-dir", str(folder)) as server:
        yield server.port, time.monotonic() - began


class _Asker:
    """The account's own client: one request, one answer."""

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), 60)
        self._file = self._sock.makefile("rb")
        self._number = 0

    def __enter__(self) -> "_Asker":
        # With a device of its own, for what was never written to an open account's
        # plain presence would all come now.
        user = {"account_name": _READER}
        self.ask(action="presence", user=user, device="volume")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._sock.close()

    def ask(self, **fields: Any) -> dict[str, Any]:
        """Return the answer to a request; raises RuntimeError for a refusal."""
        self._number += 1
        request = {"time": 0, "id": self._number, **fields}
        self._sock.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer: dict[str, Any] = json.loads(self._file.readline())
            if answer.get("id") == self._number:
                break
        if answer["response"] >= 400:
            raise RuntimeError(f"{fields['action']}: {answer['error']}")
        return answer

    def time(self, **fields: Any) -> float:
        """Return the seconds that an answer with rows took."""
        began = time.perf_counter()
        answer = self.ask(**fields)
        took = time.perf_counter() - began
        if not answer["data_list"]:
            raise RuntimeError(f"{fields} found nothing")
        return took

    def wait_for_index(self) -> None:
        """Wait until a search looks at everything."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while self.ask(action="search", text=_RARE_WORD).get("lag"):
            if time.monotonic() > until:
                raise RuntimeError("the index was not built in time")
            time.sleep(0.2)


def judge(figures: Figures) -> list[Promise]:
    """Hold the figures against what is promised for ten million messages."""
    start, page, search, sending = figures
    return [
        Promise("start, seconds", start, 1.0, start < 1.0),
        Promise("first page, slowest of all, seconds", page, 0.005, page < 0.005),
        Promise("search for a rare word, slowest", search, 0.05, search < 0.05),
        Promise("sending, by an empty file's rate", sending, 0.75, sending >= 0.75),
    ]


if __name__ == "__main__":
    main()
