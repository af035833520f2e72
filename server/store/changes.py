"""What is said to the store now and written by its next commit."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, ClassVar

from common.names import Name, RoomName, fold
from decorators import log

__all__ = ["FORGET_PERSON", "Change", "Changes"]

#: A statement and its parameters.
Change = tuple[str, tuple[Any, ...]]
#: A statement for what only the last of counts, and whose it is.
_Place = tuple[str, tuple[int, ...]]

_ADD_GUEST = (
    "INSERT INTO identities(number, name, folded, kind) VALUES (?, ?, ?, 'guest')"
)
_KEEP_GUEST = "UPDATE identities SET kept_until = ? WHERE number = ? AND kind = 'guest'"
#: All that is forgotten of somebody; messages and lines stay. What others do not see
#: because they had them blocked is still hidden, and a guest's name is still banned.
FORGET_PERSON = (
    "DELETE FROM sanctions"
    " WHERE identity IN (SELECT identity FROM accounts WHERE identity = ?)",
    "DELETE FROM invites WHERE creator = ?",
    "DELETE FROM permits WHERE identity = ?",
    "DELETE FROM blocks WHERE identity = ?",
    "DELETE FROM contacts WHERE identity = ?",
    "DELETE FROM contacts WHERE other = ?",
    "DELETE FROM tokens WHERE identity = ?",
    "DELETE FROM accounts WHERE identity = ?",
    "DELETE FROM devices WHERE identity = ?",
    "DELETE FROM members WHERE identity = ?",
    "DELETE FROM read_positions WHERE identity = ?",
    "UPDATE identities SET kind = 'former', kept_until = NULL, status = '', away = 0"
    " WHERE number = ?",
)
_ADD_DEVICE = (
    "INSERT INTO devices(number, identity, digest, created, seen) "
    "VALUES (?, ?, ?, ?, ?)"
)
_FORGET_DEVICE = (
    "DELETE FROM tokens WHERE device = ?",
    "DELETE FROM devices WHERE number = ?",
)
_FORGET_DEVICES = "DELETE FROM devices WHERE seen < ?"
_ADD_CONVERSATION = "INSERT INTO conversations(number, kind) VALUES (?, ?)"
_ADD_ROOM = "INSERT INTO rooms(conversation, name, folded, owner) VALUES (?, ?, ?, ?)"
_END_ROOM = (
    "DELETE FROM members WHERE conversation = ?",
    "DELETE FROM permits WHERE conversation = ?",
    "DELETE FROM sanctions WHERE conversation = ?",
    "UPDATE rooms SET ended = 1 WHERE conversation = ?",
)
_ADD_LINE = "INSERT INTO lines(conversation, low, high) VALUES (?, ?, ?)"
_ENTER = (
    "INSERT INTO members(conversation, identity, since) VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET since = excluded.since"
)
_LEAVE = "DELETE FROM members WHERE conversation = ? AND identity = ?"
_USE_TOKEN = "UPDATE tokens SET used = ?, device = ? WHERE number = ?"
_FORGET_TOKENS = "DELETE FROM tokens WHERE coalesce(used, created) < ?"
_REVOKE_TOKEN = "DELETE FROM tokens WHERE number = ?"

# Positions: only the last of each counts, whatever is said in between. The parameters
# are the position, then what has it. (None is numbered: from Python 3.14 on sqlite3
# takes ?1 for a name, and names from no tuple.)
_SEEN = "UPDATE devices SET seen = ? WHERE number = ?"
_STATUS = "UPDATE identities SET status = ?, away = ? WHERE number = ?"
_TOKEN_SEEN = "UPDATE tokens SET used = ? WHERE number = ?"
_RECEIVED = "UPDATE devices SET received = max(received, ?) WHERE number = ?"
_READ = (
    "INSERT INTO read_positions(message, conversation, identity) VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET message = max(message, excluded.message)"
)
_ADVANCING = frozenset({_RECEIVED, _READ})


class Changes:
    """The part of a store that only takes note; see `Store` for what is promised.

    Positions are kept apart from the other changes and written behind them: however
    long a disk is full, there is one for each device or reader.
    """

    __slots__ = ("_changes", "_new_positions", "_positions", "_taken")

    # Of these the third parameter is a message behind which something begins or ends.
    _with_an_id: ClassVar = frozenset({_ENTER})

    @log
    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._taken = 0
        self._positions: dict[_Place, tuple[Any, ...]] = {}
        self._new_positions: dict[_Place, tuple[Any, ...]] = {}

    @property
    @log
    def has_changes(self) -> bool:
        """Tell whether something waits to be written."""
        return bool(self._changes or self._positions)

    @log
    def take_changes(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Yield what is new since the last time, neighbours of one kind together.

        It waits on until `clear_changes`; after `rewind` all of it is yielded again.
        """
        new, self._taken = self._changes[self._taken :], len(self._changes)
        for statement, group in groupby(new, lambda one: one[0]):
            yield statement, [parameters for _, parameters in group]
        kinds: dict[str, list[tuple[Any, ...]]] = {}
        for (statement, key), position in self._new_positions.items():
            kinds.setdefault(statement, []).append((*position, *key))
        self._new_positions.clear()
        yield from kinds.items()

    @log
    def rewind(self) -> None:
        """Take note that nothing of what was taken is written."""
        self._taken = 0
        self._new_positions = dict(self._positions)

    @log
    def limit_ids(self, last_id: int) -> None:
        """Cut what waits back to messages that exist, after others came to nothing."""
        self._changes = [
            (statement, (*given[:2], min(given[2], last_id)))
            if statement in self._with_an_id
            else (statement, given)
            for statement, given in self._changes
        ]
        for place, position in self._positions.items():
            if place[0] in _ADVANCING:
                self._positions[place] = (min(position[0], last_id),)
        self.rewind()

    @log
    def clear_changes(self) -> None:
        """Take note that everything is written."""
        self._changes.clear()
        self._positions.clear()
        self.rewind()

    @log
    def add_guest(self, identity: int, name: Name) -> None:
        """Somebody came as a guest."""
        self._changes.append((_ADD_GUEST, (identity, name, fold(name))))

    @log
    def keep_guest(self, identity: int, until: float | None) -> None:
        """A guest's name waits for its device; with None the guest is here again."""
        self._changes.append((_KEEP_GUEST, (until, identity)))

    @log
    def note_status(self, identity: int, status: str, away: bool) -> None:
        """Somebody says this of themselves, for all their sessions."""
        self._place((_STATUS, (identity,)), (status, int(away)))

    @log
    def forget_person(self, identity: int) -> None:
        """A guest or account is gone for good."""
        # Positions are written last, and would bring these back.
        for place in list(self._positions):
            if place == (_STATUS, (identity,)) or (
                place[0] is _READ and place[1][1] == identity
            ):
                del self._positions[place]
                self._new_positions.pop(place, None)
        self._changes += [(statement, (identity,)) for statement in FORGET_PERSON]

    @log
    def add_device(self, device: int, identity: int, digest: str, now: float) -> None:
        """Somebody came with a new device."""
        self._changes.append((_ADD_DEVICE, (device, identity, digest, now, now)))

    @log
    def note_device(self, device: int, seen: float) -> None:
        """A device was here."""
        self._place((_SEEN, (device,)), (seen,))

    @log
    def note_received(self, device: int, message_id: int) -> None:
        """A device has everything up to `message_id`."""
        self._advance((_RECEIVED, (device,)), message_id)

    @log
    def add_room(self, conversation: int, name: RoomName, owner: int | None) -> None:
        """A room was made."""
        self._changes.append((_ADD_CONVERSATION, (conversation, "room")))
        self._changes.append((_ADD_ROOM, (conversation, name, fold(name), owner)))

    @log
    def end_room(self, conversation: int) -> None:
        """A room has ended: its name is free, its messages stay."""
        self._changes += [(statement, (conversation,)) for statement in _END_ROOM]

    @log
    def add_line(self, conversation: int, one: int, other: int) -> None:
        """Two people talk for the first time."""
        low, high = sorted((one, other))
        self._changes.append((_ADD_CONVERSATION, (conversation, "line")))
        self._changes.append((_ADD_LINE, (conversation, low, high)))

    @log
    def enter(self, conversation: int, identity: int, since: int) -> None:
        """A membership begins behind the message `since`."""
        self._changes.append((_ENTER, (conversation, identity, since)))

    @log
    def leave(self, conversation: int, identity: int) -> None:
        """A membership ends."""
        self._changes.append((_LEAVE, (conversation, identity)))

    @log
    def note_read(self, conversation: int, identity: int, message_id: int) -> None:
        """Somebody has read a conversation up to `message_id`."""
        self._advance((_READ, (conversation, identity)), message_id)

    @log
    def note_token(self, token: int, used: float, device: int | None) -> None:
        """A token was used, from a device that is kept or not."""
        self._changes.append((_USE_TOKEN, (used, device, token)))

    @log
    def note_token_seen(self, token: int, used: float) -> None:
        """A session that a token has opened was here."""
        self._place((_TOKEN_SEEN, (token,)), (used,))

    @log
    def forget_device(self, device: int) -> None:
        """A device and its tokens are worthless from now on."""
        self._changes += [(statement, (device,)) for statement in _FORGET_DEVICE]

    @log
    def forget_devices(self, unseen_since: float) -> None:
        """Devices that were not here since then are gone; their tokens stay."""
        self._changes.append((_FORGET_DEVICES, (unseen_since,)))

    @log
    def forget_tokens(self, unused_since: float) -> None:
        """Tokens that nobody used since then are worthless."""
        self._changes.append((_FORGET_TOKENS, (unused_since,)))

    @log
    def revoke_token(self, token: int) -> None:
        """A token is worthless from now on."""
        self._changes.append((_REVOKE_TOKEN, (token,)))

    @log
    def _advance(self, place: _Place, position: int) -> None:
        before = self._positions.get(place)
        self._place(place, (max(position, before[0]) if before else position,))

    @log
    def _place(self, place: _Place, last: tuple[Any, ...]) -> None:
        self._positions[place] = self._new_positions[place] = last
