"""Sessions without sockets: a clock that stands still, and answers of a server."""

import json
from typing import Any

from client.session import ClientSession

__all__ = ["NOW", "asked", "line", "new_session", "signed_in", "welcome"]

NOW = 1_000.5


def new_session(name: str = "alice", **options: Any) -> ClientSession:
    """Return a session whose clock says NOW."""
    return ClientSession(name, "device-1", clock=lambda: NOW, **options)


def line(**fields: Any) -> bytes:
    """Return an object as a server sends it."""
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def welcome(number: int = 1, **session: Any) -> bytes:
    """Return the answer to the presence with this number."""
    told = {
        "name": "alice",
        "guest": True,
        "store": "store-1",
        "device_seq": 0,
        "refused": [],
        "last_id": 0,
        "limits": {"text": 100, "object": 1000},
    }
    return line(response=200, time=NOW, id=number, session=told | session)


def asked(session: ClientSession) -> list[dict[str, Any]]:
    """Return the objects that the session wants to send."""
    return [json.loads(one) for one in session.data_to_send().splitlines()]


def signed_in(**session: Any) -> ClientSession:
    """Return a session that has just been welcomed; its next number is 2."""
    new = new_session()
    new.sign_in()
    new.data_to_send()
    new.receive_data(welcome(**session))
    return new
