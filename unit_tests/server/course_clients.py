"""Small real clients, one for each family of keys, written from jim.md alone.

Each sends without delimiters and takes one `recv(1024)` for one whole object: two in
one read, or a part of one, raise ValueError, as they end the real ones. Each shows only
what is said in its own keys and to its own name.
"""

import json
import socket
from typing import Any, NamedTuple, Self

from unit_tests.helpers import PATIENCE

__all__ = ["FAMILIES", "CourseClient", "Family"]


class Family(NamedTuple):
    """How the clients of one family spell a message, and sign in."""

    action: str
    sender: str
    recipient: str
    text: str
    #: The fields of its presence besides `time`; NAME is the client's.
    presence: dict[str, Any]


NAME = "NAME"
_OWN = {"user": {"account_name": NAME}}
_STATUS = {"user": {"account_name": NAME, "status": "Yep, I am here!"}}
_PEM = "-----BEGIN PUBLIC KEY-----\nMIIBIjAN\n-----END PUBLIC KEY-----"

FAMILIES = {
    "the commonest": Family("message", "from", "to", "mess_text", _OWN),
    "with a status": Family("message", "sender", "destination", "mess_text", _STATUS),
    "the course text's": Family(
        "msg", "from", "to", "message", {"type": "status", **_STATUS}
    ),
    "msg with mess_text": Family("msg", "from", "to", "mess_text", _STATUS),
    "MESSAGE": Family("MESSAGE", "from", "to", "text", _OWN),
    "all in capitals": Family(
        "MESSAGE", "sender", "to", "message_text", {"action": "PRESENCE", **_OWN}
    ),
    "message_text": Family("message", "sender", "destination", "message_text", _OWN),
    "a flat name": Family(
        "message", "account_name", "message_receiver", "text", {"account_name": NAME}
    ),
    "a client's name": Family(
        "message", "sender", "recipient", "message", {"user": {"client_name": NAME}}
    ),
    "user is the name": Family("message", "from", "to", "mess_text", {"user": NAME}),
    "the name within user": Family("message", "user", "to", "text", _STATUS),
    "with a key": Family(
        "message",
        "from",
        "to",
        "mess_text",
        {"user": {"account_name": NAME, "pubkey": _PEM}},
    ),
}


class CourseClient:
    """One client of a family. With a small `window` its system takes little for it."""

    def __init__(self, port: int, family: Family, name: str, window: int = 0) -> None:
        self.family = family
        self.name = name
        self.sock = socket.socket()
        self.sock.settimeout(PATIENCE)
        if window:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.sock.connect(("127.0.0.1", port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, **fields: Any) -> None:
        """Send an object as it is, with nothing behind it."""
        self.sock.send(json.dumps(fields).encode("utf-8"))

    def receive(self) -> Any:
        """Return what one read holds, which is one object."""
        return json.loads(self.sock.recv(1024).decode("utf-8"))

    def sign_in(self, time: object = 1700000000.5) -> Any:
        """Send the presence of the family; return the answer."""
        written = json.dumps(self.family.presence)
        fields = json.loads(written.replace(NAME, self.name))
        self.send(**{"action": "presence", "time": time, **fields})
        return self.receive()

    def say(self, to: str | None, text: str, time: object = 1700000000.5) -> None:
        """Say something in the keys of the family; None leaves the recipient out."""
        family = self.family
        inside = {"account_name": self.name}
        fields: dict[str, Any] = {
            family.sender: inside if family.sender == "user" else self.name,
            family.text: text,
        }
        if to is not None:
            fields[family.recipient] = to
        self.send(action=family.action, time=time, **fields)

    def shown(self, found: Any) -> tuple[str, str]:
        """Return (sender, text) of an object, as this family shows it.

        Raises AssertionError for what it would only log as an error.
        """
        family = self.family
        assert found.get("action") == family.action, found
        assert found.get(family.recipient) == self.name, found
        sender = found[family.sender]
        return sender["account_name"] if family.sender == "user" else sender, (
            found[family.text]
        )

    def hear(self) -> tuple[str, str]:
        """Return (sender, text) of the next message, which must be for this client."""
        return self.shown(self.receive())
