"""The table of commands: their words, what follows them, what they do, by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from client.forms import Form
from client.verbs import Verb
from decorators import log

__all__ = ["COMMANDS", "GROUPS", "Command", "commands_of"]

#: The groups of the help, in its order, and what each is about.
GROUPS: Final[Mapping[str, str]] = {
    "talking": "messages, and what was said",
    "rooms": "rooms, their topic, and who is let in",
    "people": "who is here, contacts, blocking, what others see of you",
    "account": "your account and your devices",
    "rules": "invitations, roles, kicks, bans and mutes",
    "display": "what the screen shows and how it sounds",
}


class Command(NamedTuple):
    """One row of the table; `first` ones are shown at the first start.

    `slashed` words are the ones of other chats: too common to be read without a slash.
    """

    verb: Verb
    words: tuple[str, ...]
    form: Form
    group: str
    help: str
    first: bool = False
    slashed: tuple[str, ...] = ()

    @property
    @log
    def word(self) -> str:
        """The word that it is called by."""
        words = (*self.words, *self.slashed)
        return next(word for word in words if word.isalpha())

    @property
    @log
    def usage(self) -> str:
        """How it is written."""
        return f"{self.word} {self.form.usage}".rstrip()


@log
def _row(
    verb: Verb,
    words: str,
    form: Form,
    group: str,
    meaning: str,
    *,
    first: bool = False,
    slashed: str = "",
) -> Command:
    every = tuple(words.split())
    return Command(verb, every, form, group, meaning, first, tuple(slashed.split()))


COMMANDS: Final[Sequence[Command]] = (
    _row(
        Verb.MESSAGE,
        "1 message msg",
        Form.MESSAGE,
        "talking",
        "write to somebody: asks to whom, then what",
        first=True,
        slashed="w",
    ),
    _row(
        Verb.HELP,
        "2 help",
        Form.SUBJECT,
        "display",
        "all commands by group; one in full",
        first=True,
    ),
    _row(Verb.EXIT, "3 exit quit", Form.NOTHING, "display", "leave", first=True),
    _row(
        Verb.USERS,
        "users",
        Form.MAYBE_ROOM,
        "people",
        "who is here, or in a room",
        first=True,
        slashed="who names",
    ),
    _row(
        Verb.ROOMS,
        "rooms",
        Form.NOTHING,
        "rooms",
        "which rooms there are",
        first=True,
        slashed="list",
    ),
    _row(
        Verb.JOIN,
        "join",
        Form.ROOM,
        "rooms",
        "enter a room, and go there; a new one is made",
        first=True,
    ),
    _row(
        Verb.LEAVE,
        "leave",
        Form.MAYBE_ROOM,
        "rooms",
        "leave a room",
        first=True,
        slashed="part",
    ),
    _row(
        Verb.TO,
        "to",
        Form.ANYBODY,
        "talking",
        "send plain lines there; alone: say where",
        first=True,
        slashed="query",
    ),
    _row(
        Verb.ME,
        "",
        Form.TEXT,
        "talking",
        "say what you do: /me waves",
        slashed="me",
    ),
    _row(
        Verb.HISTORY,
        "history",
        Form.PAGE,
        "talking",
        "what was said, the last 20 or N",
        first=True,
    ),
    _row(
        Verb.SEARCH,
        "search",
        Form.WORDS,
        "talking",
        "messages with these words",
        first=True,
    ),
    _row(Verb.MORE, "more", Form.NOTHING, "talking", "one page further back"),
    _row(
        Verb.CONVERSATIONS,
        "conversations",
        Form.NOTHING,
        "talking",
        "with whom you talk, the latest first",
    ),
    _row(Verb.UNREAD, "unread", Form.NOTHING, "talking", "those with something unread"),
    _row(
        Verb.EDIT,
        "edit",
        Form.ANYBODY,
        "talking",
        "write in your editor ($VISUAL, $EDITOR)",
    ),
    _row(
        Verb.TOPIC,
        "topic",
        Form.TOPIC,
        "rooms",
        "what a room is about; - takes the topic away",
    ),
    _row(
        Verb.LET_IN,
        "invite",
        Form.INTO_ROOM,
        "rooms",
        "let somebody into a room that is by invitation",
    ),
    _row(
        Verb.CLOSE,
        "close",
        Form.MAYBE_ROOM,
        "rooms",
        "let only those in who are invited",
    ),
    _row(Verb.OPEN, "open", Form.MAYBE_ROOM, "rooms", "let everybody in"),
    _row(Verb.REMOVE, "remove", Form.ROOM, "rooms", "end a room for good"),
    _row(
        Verb.WHOIS,
        "whois",
        Form.PERSON,
        "people",
        "who somebody is, and whether they are here",
    ),
    _row(Verb.CONTACTS, "contacts", Form.NOTHING, "people", "your contacts"),
    _row(
        Verb.ADD,
        "add",
        Form.PERSON,
        "people",
        "a contact: you see them come and go",
    ),
    _row(
        Verb.FORGET,
        "forget",
        Form.PERSON,
        "people",
        "take somebody out of your contacts",
    ),
    _row(
        Verb.BLOCK,
        "block",
        Form.PERSON,
        "people",
        "hear nothing more of somebody; they are not told",
    ),
    _row(Verb.UNBLOCK, "unblock", Form.PERSON, "people", "hear somebody again"),
    _row(Verb.BLOCKED, "blocked", Form.NOTHING, "people", "whom you have blocked"),
    _row(
        Verb.AWAY, "away", Form.MAYBE_TEXT, "people", "say that you are away, and why"
    ),
    _row(Verb.BACK, "back", Form.NOTHING, "people", "say that you are back"),
    _row(
        Verb.STATUS,
        "status",
        Form.TEXT,
        "people",
        "the text that stands beside your name",
    ),
    _row(
        Verb.SEEN,
        "seen",
        Form.SWITCH,
        "people",
        "let others see when you were here last, or not",
    ),
    _row(
        Verb.REGISTER,
        "register",
        Form.NOTHING,
        "account",
        "make an account of your name",
    ),
    _row(
        Verb.REDEEM,
        "redeem",
        Form.NOTHING,
        "account",
        "take an invitation: asks for it; a guest becomes an account",
    ),
    _row(
        Verb.NICK,
        "",
        Form.MAYBE_PERSON,
        "account",
        "how one takes another name",
        slashed="nick",
    ),
    _row(Verb.LOGIN, "login", Form.MAYBE_PERSON, "account", "sign in to an account"),
    _row(Verb.PASSWD, "passwd", Form.NOTHING, "account", "change your password"),
    _row(Verb.DEVICES, "devices", Form.NOTHING, "account", "where you are signed in"),
    _row(
        Verb.LOGOUT,
        "logout",
        Form.DEVICE,
        "account",
        "sign out for good: here, or a device",
    ),
    _row(
        Verb.DELETE, "delete", Form.ACCOUNT, "account", "give your account up for good"
    ),
    _row(
        Verb.INVITE,
        "invite",
        Form.INVITATION,
        "rules",
        "an invitation to this server",
    ),
    _row(
        Verb.INVITES,
        "invites",
        Form.NOTHING,
        "rules",
        "which invitations are still good",
    ),
    _row(Verb.REVOKE, "revoke", Form.NUMBER, "rules", "make an invitation worthless"),
    _row(
        Verb.KICK,
        "kick",
        Form.KICK,
        "rules",
        "take somebody out; they may come back",
    ),
    _row(Verb.BAN, "ban", Form.SANCTION, "rules", "keep somebody out"),
    _row(Verb.MUTE, "mute", Form.SANCTION, "rules", "let somebody say nothing"),
    _row(Verb.UNBAN, "unban", Form.PARDON, "rules", "end a ban"),
    _row(Verb.UNMUTE, "unmute", Form.PARDON, "rules", "end a mute"),
    _row(Verb.BANS, "bans", Form.PLACE, "rules", "who is banned or muted"),
    _row(Verb.ROLE, "role", Form.ROLE, "rules", "what somebody may do on this server"),
    _row(
        Verb.BELL,
        "bell",
        Form.BELL,
        "display",
        "ring never, when you are meant, or for all",
    ),
    _row(Verb.CLEAR, "clear", Form.NOTHING, "display", "empty the screen"),
)


@log
def commands_of(word: str, *, slashed: bool = False) -> list[Command]:
    """Return the commands that begin with a word, none if it is no command's.

    With `slashed` there is a slash before it, which more words are known by.
    """
    return [
        one
        for one in COMMANDS
        if word in one.words or (slashed and word in one.slashed)
    ]
