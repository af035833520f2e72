"""The way to a client: whether what is secret may cross it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NotAllowed
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["is_private_way", "require_private_way"]


@log
def is_private_way(hub: Hub, session: Session) -> bool:
    """Tell whether a password, token or invitation may be said here."""
    return hub.settings.plain_passwords or session.is_private


@log
def require_private_way(hub: Hub, session: Session) -> None:
    """Raise NotAllowed for a password, token or invitation that others can read."""
    if not is_private_way(hub, session):
        raise NotAllowed(
            "a password would cross the network for all to read: connect with TLS, "
            "or sign in on the server's own machine (its owner may allow it "
            "nevertheless: plain_passwords)"
        )
