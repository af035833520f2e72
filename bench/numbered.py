"""Clients that number what they say, in texts that tell who said which.

Eight senders, each a device, count their messages to rooms and to each other while
readers read; several messages of each are under way at once. Their names, devices and
numbers go on over restarts of the server.
"""

import json
import re
import selectors
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

__all__ = ["MARK", "Person", "Tally", "leave", "meet", "people", "talk", "text_of"]

#: Stands in each text once and nowhere else: the sender and the number.
MARK = re.compile(rb"<(\w+):(\d+)>")
_SHORT, _LONG = 64, 6000  # characters; the long ones need pages of their own
_SENDERS, _ROOMS = 8, 4
_READ_BYTES = 256 * 1024
_PATIENCE_SECONDS = 60.0


def text_of(name: str, number: int) -> str:
    """Return what `name` says under its number; every fiftieth text is long."""
    return f"<{name}:{number}>".ljust(_SHORT if number % 50 else _LONG, "x")


class Tally(NamedTuple):
    """What came of a talk; `ended` means that the server closed the connections."""

    acknowledged: int
    delivered: int
    refused: int
    ended: bool


class Person:
    """Somebody with a device, and where their messages go in turn (or nowhere)."""

    def __init__(self, name: str, rooms: Iterable[str], turns: Iterable[str]) -> None:
        self.name = name
        self.rooms = list(rooms)
        self.turns = list(turns)
        self.said = 0
        self.unanswered = 0
        self.rest = b""
        self.sock = socket.socket()

    def sign_in(self, port: int) -> Any:
        """Connect, sign in and join; return the session. Numbers go on."""
        self.sock.close()
        self.sock = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
        self.rest, self.unanswered = b"", 0
        session = self.ask(
            {
                "action": "presence",
                "type": "status",
                "user": {"account_name": self.name},
                "device": f"device-of-{self.name}",
            }
        )["session"]
        self.said = max(self.said, session["device_seq"])
        for room in self.rooms:
            self.ask({"action": "join", "room": room})
        return session

    def close(self) -> None:
        """Close the connection."""
        self.sock.close()

    def ask(self, request: dict[str, Any]) -> Any:
        """Send a request, wait for its answer, which must be a success."""
        self.sock.sendall(json.dumps({"time": 0, "id": 0, **request}).encode() + b"\n")
        while True:
            for found in self.read():
                if found.get("id") == 0 and "response" in found:
                    assert found["response"] < 300, found
                    return found

    def read(self) -> list[Any]:
        """Return the objects that one read brings; raises EOFError at the end."""
        data = self.sock.recv(_READ_BYTES)
        if not data:
            raise EOFError
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def say(self, count: int) -> None:
        """Send the next `count` messages."""
        lines = b""
        for _ in range(count):
            self.said += 1
            message = {
                "action": "msg",
                "time": 0,
                "to": self.turns[self.said % len(self.turns)],
                "message": text_of(self.name, self.said),
                "id": self.said,
            }
            lines += json.dumps(message).encode() + b"\n"
        self.unanswered += count
        self.sock.sendall(lines)


@contextmanager
def people() -> Iterator[list[Person]]:
    """Have eight senders and, first, the readers of the four rooms."""
    rooms = [f"#room{number}" for number in range(_ROOMS)]
    readers = [Person(f"r{number}", [room], []) for number, room in enumerate(rooms)]
    senders = []
    for number in range(_SENDERS):
        room = rooms[number % _ROOMS]
        turns = [room, f"s{(number + 1) % _SENDERS}", f"r{number % _ROOMS}", room]
        senders.append(Person(f"s{number}", [room], turns))
    crowd = readers + senders
    try:
        yield crowd
    finally:
        leave(crowd)


def meet(crowd: list[Person], port: int) -> None:
    """Sign everybody in, so that nobody is away when the first one speaks."""
    for person in crowd:
        person.sign_in(port)


def leave(crowd: list[Person]) -> None:
    """Close everybody's connection."""
    for person in crowd:
        person.close()


def talk(crowd: list[Person], count: int, window: int) -> Tally:
    """Have at least `count` messages sent, at most `window` unanswered ones a sender.

    Returns when all are answered, or the server has hung up.
    """
    senders = [person for person in crowd if person.turns]
    left = {person.name: -(-count // len(senders)) for person in senders}
    tally = {"acknowledged": 0, "refused": 0, "delivered": 0}
    ended = False
    with selectors.DefaultSelector() as selector:
        for person in crowd:
            selector.register(person.sock, selectors.EVENT_READ, person)
        try:
            for person in senders:
                _say_more(person, left, window)
            while any(left.values()) or any(p.unanswered for p in senders):
                ready = selector.select(_PATIENCE_SECONDS)
                assert ready, "the server is silent"
                for key, _ in ready:
                    _count(key.data, tally)
                    _say_more(key.data, left, window)
        except (EOFError, ConnectionError):
            ended = True
    return Tally(**tally, ended=ended)


def _say_more(person: Person, left: dict[str, int], window: int) -> None:
    more = min(window - person.unanswered, left.get(person.name, 0))
    if more > 0:
        left[person.name] -= more
        person.say(more)


def _count(person: Person, tally: dict[str, int]) -> None:
    for found in person.read():
        if found.get("action") == "msg":
            tally["delivered"] += 1
        elif found.get("id"):
            person.unanswered -= 1
            done = found["response"] in (200, 202)
            tally["acknowledged" if done else "refused"] += 1
