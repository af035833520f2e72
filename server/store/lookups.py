"""What the server asks of its database between two commits, and at its start."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any, TypeVar

import msgspec

from common.names import Name, fold
from common.roles import Role
from decorators import log
from server.store.base import (
    AccountRow,
    Contents,
    DeviceRow,
    GuestRow,
    InviteRow,
    MemberRow,
    PairRow,
    PermitRow,
    RoomRow,
    SanctionRow,
    TokenRow,
)

__all__ = [
    "audit_head",
    "clock",
    "find_device",
    "find_devices",
    "find_former_line",
    "find_line",
    "find_partners",
    "find_token",
    "find_tokens",
    "has_later_blocks",
    "homeless_guests",
    "load",
    "read_position",
    "store_id",
]

_T = TypeVar("_T")

_DEVICE = (
    "SELECT number, identity, digest, settled, refused, received, created, seen "
    "FROM devices WHERE "
)
_TOKEN = "SELECT number, identity, created, used, device FROM tokens WHERE "


@log
def store_id(connection: sqlite3.Connection) -> str:
    """Return the name of the id space."""
    return str(connection.execute("SELECT store_id FROM state").fetchone()[0])


@log
def load(connection: sqlite3.Connection) -> Contents:
    """Return everybody who is not gone, the open rooms and who is in them."""
    accounts = connection.execute(
        "SELECT identity, name, password IS NULL, role, seen, shows_seen, status, away "
        "FROM accounts CROSS JOIN identities ON number = identity ORDER BY identity"
    )
    guests = connection.execute(
        "SELECT number, name, kept_until, status, away FROM identities "
        "WHERE kind <> 'former' AND kind = 'guest' ORDER BY number"
    )
    rooms = connection.execute(
        "SELECT conversation, name, owner, access, topic, keep_days, keep_bytes "
        "FROM rooms WHERE ended = 0 ORDER BY conversation"
    )
    members = connection.execute(
        "SELECT conversation, identity, since FROM members "
        "ORDER BY identity, conversation"
    )
    invites = connection.execute(
        "SELECT number, digest, role, room, creator, created, expires, uses_left, used "
        "FROM invites ORDER BY number"
    )
    sanctions = connection.execute(
        "SELECT number, kind, conversation, identity, name, network, until, creator, "
        "created, reason FROM sanctions ORDER BY number"
    )
    # Blocks of people who are gone still hide what they said, but nobody can end them.
    blocks = connection.execute(
        "SELECT b.identity, b.other FROM blocks AS b "
        "CROSS JOIN identities AS i ON i.number = b.other "
        "WHERE b.until IS NULL AND i.kind <> 'former' ORDER BY b.identity, b.other"
    )
    return Contents(
        list(starmap(_account, accounts)),
        list(starmap(_guest, guests)),
        list(starmap(RoomRow, rooms)),
        list(starmap(MemberRow, members)),
        _pairs(connection, PermitRow, "SELECT conversation, identity FROM permits"),
        list(starmap(_invite, invites)),
        list(starmap(SanctionRow, sanctions)),
        list(starmap(PairRow, blocks)),
        _pairs(connection, PairRow, "SELECT identity, other FROM contacts"),
    )


@log
def _account(
    identity: int,
    name: Name,
    is_open: int,
    role: str,
    seen: float | None,
    shows_seen: int,
    status: str,
    away: int,
) -> AccountRow:
    return AccountRow(
        identity,
        name,
        bool(is_open),
        Role.of(role),
        seen,
        bool(shows_seen),
        status,
        bool(away),
    )


@log
def _guest(
    identity: int, name: Name, kept_until: float | None, status: str, away: int
) -> GuestRow:
    return GuestRow(identity, name, kept_until, status, bool(away))


@log
def _invite(number: int, digest: str, role: str, *rest: Any) -> InviteRow:
    return InviteRow(number, digest, Role.of(role), *rest)


@log
def _pairs(
    connection: sqlite3.Connection, row: Callable[[int, int], _T], statement: str
) -> list[_T]:
    return list(starmap(row, connection.execute(f"{statement} ORDER BY 1, 2")))


@log
def has_later_blocks(connection: sqlite3.Connection) -> bool:
    """Tell whether a block names messages of a turn that ended in a crash."""
    row = connection.execute(
        "SELECT 1 FROM blocks, state "
        "WHERE max(since, coalesce(until, 0)) > last_message"
    ).fetchone()
    return row is not None


@log
def homeless_guests(connection: sqlite3.Connection) -> set[int]:
    """Return the guests without a device: nobody can come back as one of them."""
    rows = connection.execute(
        "SELECT number FROM identities WHERE kind <> 'former' AND kind = 'guest' "
        "AND NOT EXISTS (SELECT 1 FROM devices WHERE identity = identities.number)"
    )
    return {number for (number,) in rows}


@log
def find_line(connection: sqlite3.Connection, one: int, other: int) -> int | None:
    """Return the conversation of two people."""
    low, high = sorted((one, other))
    return _number(
        connection,
        "SELECT conversation FROM lines WHERE low = ? AND high = ?",
        (low, high),
    )


@log
def find_former_line(
    connection: sqlite3.Connection, identity: int, name: str
) -> int | None:
    """Return one's newest line with somebody gone who had that name."""
    return _number(
        connection,
        "SELECT conversation FROM ("
        " SELECT conversation, high AS other FROM lines WHERE low = :me"
        " UNION ALL SELECT conversation, low FROM lines WHERE high = :me"
        ") JOIN identities ON number = other "
        "WHERE kind = 'former' AND folded = :name ORDER BY conversation DESC LIMIT 1",
        {"me": identity, "name": fold(name)},
    )


@log
def find_partners(connection: sqlite3.Connection, identity: int) -> list[int]:
    """Return with whom somebody has lines in which something was said."""
    rows = connection.execute(
        "SELECT other FROM ("
        " SELECT conversation, high AS other FROM lines WHERE low = :me"
        " UNION ALL SELECT conversation, low FROM lines WHERE high = :me"
        ") AS line WHERE other <> :me AND EXISTS ("
        " SELECT 1 FROM messages WHERE conversation = line.conversation"
        ") ORDER BY other",
        {"me": identity},
    )
    return [other for (other,) in rows]


@log
def find_device(
    connection: sqlite3.Connection, identity: int, digest: str
) -> DeviceRow | None:
    """Return somebody's device."""
    where = f"{_DEVICE}identity = ? AND digest = ?"
    return next(_devices(connection, where, (identity, digest)), None)


@log
def find_devices(connection: sqlite3.Connection, identity: int) -> list[DeviceRow]:
    """Return somebody's devices in the order of their numbers."""
    where = f"{_DEVICE}identity = ? ORDER BY number"
    return list(_devices(connection, where, (identity,)))


@log
def find_token(connection: sqlite3.Connection, digest: str) -> TokenRow | None:
    """Return the token that has this digest."""
    row = connection.execute(f"{_TOKEN}digest = ?", (digest,)).fetchone()
    return row and TokenRow(*row)


@log
def find_tokens(connection: sqlite3.Connection, identity: int) -> list[TokenRow]:
    """Return the tokens of an account in the order of their numbers."""
    where = f"{_TOKEN}identity = ? ORDER BY number"
    return list(starmap(TokenRow, connection.execute(where, (identity,))))


@log
def read_position(
    connection: sqlite3.Connection, conversation: int, identity: int
) -> int:
    """Return the last message that somebody has read of a conversation, 0 if none."""
    position = _number(
        connection,
        "SELECT message FROM read_positions WHERE conversation = ? AND identity = ?",
        (conversation, identity),
    )
    return position or 0


@log
def audit_head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Return the number and the hash of the audit log's last entry."""
    row = connection.execute("SELECT audit_number, audit_digest FROM state").fetchone()
    return int(row[0]), str(row[1])


@log
def clock(connection: sqlite3.Connection) -> tuple[float | None, float | None]:
    """Return what was noted of the clock, and the newest message's time."""
    sure, newest = connection.execute(
        "SELECT sure, (SELECT time FROM messages ORDER BY id DESC LIMIT 1) FROM state"
    ).fetchone()
    return sure, newest


@log
def _number(
    connection: sqlite3.Connection,
    statement: str,
    given: Sequence[object] | Mapping[str, object],
) -> int | None:
    row = connection.execute(statement, given).fetchone()
    return row and int(row[0])


@log
def _devices(
    connection: sqlite3.Connection, statement: str, given: tuple[object, ...]
) -> Iterator[DeviceRow]:
    for row in connection.execute(statement, given).fetchall():
        number, identity, digest, settled, refused, received, created, seen = row
        kept = msgspec.json.decode(refused, type=list[int])
        yield DeviceRow(
            number, identity, digest, settled, kept, received, created, seen
        )
