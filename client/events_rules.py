"""What a session tells about who may do what, and about people one watches.

As in `client.events`, strings from the server are as they came.
"""

from __future__ import annotations

from client.events import Event
from client.kinds import Kind
from client.rows import InviteRow, Person, Sanction
from common.names import Secret

__all__ = [
    "ContactNews",
    "InviteMade",
    "InvitesListed",
    "PeopleListed",
    "RoomNews",
    "Ruling",
    "SanctionsListed",
    "Settled",
]


class InviteMade(Event, frozen=True):
    """An invitation, which is shown this once; it ends at `expires` (UNIX seconds).

    `place` is where the server says that others find it, a line that joins; empty where
    our own way is as good.
    """

    number: int
    invite: Secret
    invite_id: int
    expires: float
    place: str = ""


class InvitesListed(Event, frozen=True):
    """The invitations that are still good: the whole list."""

    number: int
    rows: list[InviteRow]


class SanctionsListed(Event, frozen=True):
    """Who is banned or muted, here or in `room`: the whole list."""

    number: int
    room: str
    rows: list[Sanction]


class PeopleListed(Event, frozen=True):
    """People of ours: CONTACTS, BLOCKED, or WHOIS with one row."""

    number: int
    kind: Kind
    people: list[Person]


class Settled(Event, frozen=True):
    """What we asked for is done.

    `whom` is the person, or the number of an invitation; `room` None the whole server.
    `value` is the new role, topic, access or status; `seconds` how long it lasts, None
    for good.
    """

    number: int
    kind: Kind
    whom: str = ""
    room: str | None = None
    value: str = ""
    seconds: float | None = None
    away: bool | None = None
    show_seen: bool | None = None


class Ruling(Event, frozen=True):
    """`by` has done something to `name`, in `room` or on the whole server (None).

    `kind` is KICK, BAN, UNBAN, MUTE, UNMUTE, LET_IN or ROLE; `until` is in UNIX
    seconds, None for good.
    """

    kind: Kind
    name: str
    room: str | None
    by: str
    reason: str = ""
    until: float | None = None
    role: str = ""


class RoomNews(Event, frozen=True):
    """A room that we are in has another topic or access, or was `removed`."""

    room: str
    by: str
    topic: str | None = None
    access: str | None = None
    removed: bool = False


class ContactNews(Event, frozen=True):
    """A contact of ours came, went, or has another status."""

    name: str
    online: bool
    away: bool = False
    status: str = ""
    seen: float | None = None
