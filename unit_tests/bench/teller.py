"""A small program that stores messages and tells of them, rightly or wrongly.

`python -m unit_tests.bench.teller FOLDER COUNT WAY`: it writes `messenger.db` in WAL
mode and says to a socket what our server would. The way "full" is right. "normal"
leaves syncs to checkpoints, "early" tells before the commit, "behind" syncs the WAL
before the commit instead of after it, "elsewhere" syncs another file instead.
"""

import json
import os
import socket
import sqlite3
import sys
from collections.abc import Mapping

from bench.numbered import text_of


def main(folder: str, count: int, way: str) -> None:
    """Store and tell of `count` messages, in one of the ways."""
    database = sqlite3.connect(f"{folder}/messenger.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    syncs = {"normal": "NORMAL", "behind": "NORMAL", "elsewhere": "OFF"}
    database.execute(f"PRAGMA synchronous={syncs.get(way, 'FULL')}")
    database.execute("PRAGMA wal_autocheckpoint=40")
    database.execute("CREATE TABLE messages(id INTEGER PRIMARY KEY, text TEXT) STRICT")
    synced = "messenger.db-wal" if way == "behind" else "other"
    other = os.open(f"{folder}/{synced}", os.O_CREAT | os.O_RDWR)
    teller, listener = socket.socketpair()
    tell(teller, {"response": 200, "session": {"name": "alice"}})
    for number in range(1, count + 1):
        told = {"response": 200, "message_id": number, "id": number}
        if way == "early":
            tell(teller, told)
        os.fdatasync(other)
        database.execute(
            "INSERT INTO messages VALUES(?, ?)", (number, text_of("alice", number))
        )
        if way != "early":
            tell(teller, told)
        listener.recv(4096)
    database.close()


def tell(teller: socket.socket, said: Mapping[str, object]) -> None:
    teller.sendall(json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
