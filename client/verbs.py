"""What a typed line can ask for."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

__all__ = ["EVERYWHERE", "Order", "Unclear", "Verb"]

#: Stands for the whole server where a room could stand.
EVERYWHERE: Final = "everywhere"


class Verb(enum.Enum):
    """What is to be done."""

    NOTHING = "an empty line"
    SAY = "send a text; without a target it goes to whom plain lines go"
    ME = "say what we do"
    NICK = "say how one takes another name"
    CLEAR = "empty the screen"
    MESSAGE = "ask for a recipient and a text"
    EDIT = "write a text in an editor; without a target to whom plain lines go"
    HELP = "show the help, of all or of one word or group"
    EXIT = "leave"
    USERS = "list people"
    ROOMS = "list rooms"
    JOIN = "enter a room"
    LEAVE = "leave a room"
    TO = "set or show whom plain lines go to"
    HISTORY = "show what was said; without a target to whom plain lines go"
    SEARCH = "find messages by their words; without a target in all conversations"
    MORE = "show one page further back"
    CONVERSATIONS = "list conversations"
    UNREAD = "list conversations with something unread"
    REGISTER = "make an account of our name"
    REDEEM = "take an invitation"
    LOGIN = "sign in to an account"
    PASSWD = "change the password"
    DEVICES = "list our devices"
    LOGOUT = "sign a device out, by its number; 0 is this one"
    DELETE = "delete the account"
    TOPIC = "say what a room is about, or show it"
    OPEN = "open a room to everybody"
    CLOSE = "let only those into a room who are invited"
    REMOVE = "end a room"
    LET_IN = "let somebody into a room"
    INVITE = "make an invitation to the server"
    INVITES = "list invitations"
    REVOKE = "make an invitation worthless, by its number"
    KICK = "take somebody out"
    BAN = "keep somebody out"
    MUTE = "let somebody say nothing"
    UNBAN = "end a ban"
    UNMUTE = "end a mute"
    BANS = "list who is banned or muted"
    ROLE = "give somebody a role"
    WHOIS = "show what is known of somebody"
    CONTACTS = "list our contacts"
    ADD = "take somebody into our contacts"
    FORGET = "take somebody out of our contacts"
    BLOCK = "hear nothing more of somebody"
    UNBLOCK = "hear somebody again"
    BLOCKED = "list whom we have blocked"
    AWAY = "say that we are away, perhaps why"
    BACK = "say that we are back"
    STATUS = "set the text that stands beside our name"
    SEEN = "let others see when we were here last, or not"
    BELL = "ring for nothing, mentions or everything"


class Order(NamedTuple):
    """A line that is understood.

    `number` counts rows or names a device or an invitation. `room` is a room besides
    the target, EVERYWHERE for the whole server, "" where none was named; `seconds` None
    means for good. `choice` is one word of a few: a role, on or off.

    A text is `doubtful` that begins like a command: whoever watches is asked about it.
    """

    verb: Verb
    target: str = ""
    text: str = ""
    number: int = 0
    room: str = ""
    seconds: float | None = None
    choice: str = ""
    doubtful: bool = False


class Unclear(NamedTuple):
    """A line that is not; `hint` says what would be."""

    hint: str
