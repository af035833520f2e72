"""What a session can be asked for, as a word: it begins the sentence of a failure."""

from __future__ import annotations

import enum

__all__ = ["Kind"]


class Kind(enum.Enum):
    """What a request asks for."""

    MESSAGE = "message"
    JOIN = "join"
    LEAVE = "leave"
    USERS = "users"
    ROOMS = "rooms"
    REGISTER = "register"
    HISTORY = "history"
    CONVERSATIONS = "conversations"
    SEARCH = "search"
    READ = "read"
    TOKEN = "token"
    REVOKE_TOKEN = "revoke token"
    DEVICES = "devices"
    FORGET_DEVICE = "logout"
    PASSWORD = "passwd"
    DELETE_ACCOUNT = "delete account"
    CREATE_INVITE = "invite"
    INVITES = "invites"
    REVOKE_INVITE = "revoke"
    REDEEM = "redeem"
    LET_IN = "let in"
    KICK = "kick"
    BAN = "ban"
    MUTE = "mute"
    UNBAN = "unban"
    UNMUTE = "unmute"
    BANS = "bans"
    ROLE = "role"
    TOPIC = "topic"
    ACCESS = "open or close"
    REMOVE_ROOM = "remove"
    BLOCK = "block"
    UNBLOCK = "unblock"
    BLOCKED = "blocked"
    CONTACTS = "contacts"
    ADD = "add"
    FORGET = "forget"
    PROFILE = "profile"
    WHOIS = "whois"
