"""A client as a process of its own that may be killed at any moment.

`python -m bench.mortal FOLDER PORT SEED RETURNS` with a part as JSON on the first line
of stdin; then it does what it reads there (`ORDERS`), each answered with the order's
own word. Its archive lies in the folder, and beside it a diary: what it was about to
send, and all that it was told, written before anything else happens.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.judge import Received, Record
from bench.outcome import Stuck
from bench.talkers import Part, Talker
from client.archive import open_archive

__all__ = ["ORDERS", "Diary", "archive_folder"]

#: Come and enter the rooms; talk; be silent and wait for all answers; break the
#: connection and come again. At the end of stdin it leaves.
ORDERS = ("come", "talk", "hush", "return")
_DIARY = "diary.jsonl"
_WINDOW, _PAUSE = 8, 0.05


def archive_folder(folder: Path) -> Path:
    """Return where a client's archive lies."""
    return folder / "archive"


class Diary(Record):
    """A record on disk that goes on where the one of a killed process ended."""

    def __init__(self, folder: Path, part: Part) -> None:
        super().__init__(part.device, part.person, (*part.rooms, "#all"))
        self.folder = folder
        path = folder / _DIARY
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        for line in path.read_text("utf-8").splitlines():
            kind, *rest = json.loads(line)
            self._take(kind, *rest)

    def send(self, number: int, to: str) -> None:
        """Note that a message is about to be sent."""
        self._note("send", number, to)

    def owe(self, number: int) -> None:
        """Note that the archive has the message."""
        self._note("owe", number)

    def store(self, number: int, message_id: int | None) -> None:
        """Note that a message was acknowledged."""
        self._note("store", number, message_id)

    def refuse(self, number: int, reason: str) -> None:
        """Note that a message was refused."""
        self._note("refuse", number, reason)

    def receive(self, one: Received) -> None:
        """Note what came."""
        self._note("receive", *one)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _note(self, kind: str, *rest: str | int | None) -> None:
        os.write(self._file, json.dumps([kind, *rest]).encode() + b"\n")
        self._take(kind, *rest)

    def _take(self, kind: str, *rest: str | int | None) -> None:
        if kind == "receive":
            super().receive(msgspec.convert(rest, Received))
        else:
            getattr(super(), kind)(*rest)


async def _obey(talker: Talker, order: str, dice: random.Random) -> None:
    match order:
        case "come":
            await talker.settle_in()
        case "talk":
            talker.talk(dice, _WINDOW, _PAUSE)
        case "hush":
            await talker.hush()
        case "return":
            await talker.come_again()


async def _live(talker: Talker, dice: random.Random) -> None:
    talker.come()
    while line := await asyncio.to_thread(sys.stdin.readline):
        await _obey(talker, line.strip(), dice)
        print(line.strip(), flush=True)
    await talker.go()
    if talker.troubles:
        sys.exit("\n".join(talker.troubles))


def main(arguments: Sequence[str]) -> None:
    """Live until stdin ends."""
    folder, port, seed, returns = arguments
    part = msgspec.json.decode(sys.stdin.readline(), type=Part)
    problems: list[str] = []
    archive = open_archive(
        archive_folder(Path(folder)),
        f"127.0.0.1:{port}",
        part.person,
        tell=problems.append,
    )
    talker = Talker(
        part,
        Diary(Path(folder), part),
        int(port),
        returns=returns == "yes",
        kept=archive.kept,
        keeper=archive,
    )
    talker.troubles = problems
    try:
        asyncio.run(_live(talker, random.Random(seed)))
    except Stuck as error:
        sys.exit(str(error))
    finally:
        archive.release()


if __name__ == "__main__":
    main(sys.argv[1:])
