"""Every limit of the server: its name, unit, default and reason, in one table.

A limit is a setting like any other, and 0 switches it off. Clients are told those
that concern them when they sign in.
"""

from typing import Annotated

import msgspec

from common.settings import setting

__all__ = ["Limits"]


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """What one peer may cost; the units stand in the names."""

    name_characters: Annotated[
        int,
        setting(
            "longest name, in characters: a name must fit a line's margin", ge=1, le=64
        ),
    ] = 25
    object_bytes: Annotated[
        int,
        setting("largest JSON object, in bytes: it is held whole in memory", ge=0),
    ] = 64 * 1024
    text_bytes: Annotated[
        int,
        setting("longest message text, in bytes of UTF-8: a page, not a file", ge=0),
    ] = 16 * 1024
    nesting_levels: Annotated[
        int,
        setting("deepest nesting of an object: the protocol itself needs 2", ge=0),
    ] = 16
    broken_objects: Annotated[
        int,
        setting("broken objects in a row before the connection is closed", ge=0),
    ] = 50
    sign_in_seconds: Annotated[
        float,
        setting("time to sign in: who says nothing must not hold a place", ge=0),
    ] = 15.0
    text_sign_in_seconds: Annotated[
        float,
        setting("time to sign in at the doors where people type", ge=0),
    ] = 120.0
    handshake_seconds: Annotated[
        float,
        setting("time for a TLS handshake, in which nobody has said who it is", ge=0),
    ] = 10.0
    silence_seconds: Annotated[
        float,
        setting("silence after which a session is probed", ge=0),
    ] = 60.0
    unanswered_probes: Annotated[
        int,
        setting("probes without an answer after which a session is closed", ge=1),
    ] = 3
    connections: Annotated[
        int,
        setting("connections in all: each costs memory and a descriptor", ge=0),
    ] = 10_000
    connections_per_address: Annotated[
        int,
        setting("connections from one address (loopback has no limit)", ge=0),
    ] = 256
    minechat_readers: Annotated[
        int,
        setting(
            "readers at the MineChat door, who sign in nowhere (no limit an address)",
            ge=0,
        ),
    ] = 2_000
    message_burst: Annotated[
        int,
        setting("messages a session may send at once before it is slowed", ge=1),
    ] = 200
    message_rate: Annotated[
        float,
        setting("messages a second read from a session after its burst", ge=0),
    ] = 50.0
    owed_bytes: Annotated[
        int,
        setting("bytes kept for a reader that is too slow, before it is dropped", ge=0),
    ] = 4 * 1024 * 1024
    owed_seconds: Annotated[
        float,
        setting("time that a closing connection has to take what it is owed", ge=0),
    ] = 5.0
    rooms: Annotated[int, setting("rooms in all: each costs memory", ge=0)] = 10_000
    rooms_per_person: Annotated[
        int, setting("rooms that one person may be in; twice as many may be made", ge=0)
    ] = 100
    guest_rooms_per_address: Annotated[
        int, setting("rooms that the guests of one address may have made", ge=0)
    ] = 200
    kept_guests_per_address: Annotated[
        int,
        setting(
            "guests of one address whose names wait for them; beyond it the oldest "
            "are free at once",
            ge=0,
        ),
    ] = 256
    contacts_per_person: Annotated[
        int,
        setting("contacts that one person may have, and people they may block", ge=0),
    ] = 1000

    def told(self) -> dict[str, int | float]:
        """Return what a client should know, under the names of the protocol."""
        return {
            "name": self.name_characters,
            "object": self.object_bytes,
            "text": self.text_bytes,
            "nesting": self.nesting_levels,
            "burst": self.message_burst,
            "rate": self.message_rate,
            "silence": self.silence_seconds,
            "owed": self.owed_bytes,
        }
