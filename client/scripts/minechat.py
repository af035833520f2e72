"""The MineChat protocol from the side of who sends, without sockets.

Lines. The server greets; we say a token or an empty line. A token that it knows is
answered by a line of JSON; else it asks for a name, and then says that JSON. Behind its
welcome messages are sent, each ended by an empty line and answered by a line. Servers
say this in different words, so only JSON is looked at; of the rest what counts is that
a line has come.
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec
from msgspec import Struct

from client.line_source import LineSplitter
from client.scripts.token_place import Account
from common.names import Name, Secret
from decorators import log
from errors import ProtocolError

__all__ = ["AccountMade", "Dialog", "Posted", "Refusal", "one_line"]

_NOTHING: Final = "null"


class Step(enum.Enum):
    """Which line of the server is to come."""

    GREETING = "its greeting, with which it asks for a token"
    ACCOUNT = "what it knows of our token"
    NAME = "its question for a name"
    NEW_ACCOUNT = "the account that it has made"
    WELCOME = "its welcome, with which it asks for messages"
    ANSWER = "its answer to the oldest message without one"


class AccountMade(Struct, frozen=True):
    """The server has made an account, perhaps under another name than ours."""

    account: Account


class Posted(Struct, frozen=True):
    """The oldest message without an answer has come."""


class Refusal(Struct, frozen=True):
    """The server does not know our token; nothing more is to be said to it."""


Event = AccountMade | Posted | Refusal


class Dialog:
    """One connection of somebody who sends; it begins with the server's first line."""

    @log
    def __init__(self, name: Name, token: Secret | None) -> None:
        """Come with a token, or without one make an account of a name."""
        self._name = name
        self._token = token
        self._step = Step.GREETING
        self._splitter = LineSplitter()
        self._out = bytearray()
        self._waiting: list[str] = []
        #: How many messages have no answer.
        self.unanswered = 0
        #: What the server has said in the place of an account, or "".
        self.objection = ""

    @log
    def post(self, text: str) -> None:
        """Send a message, which is one line and not empty, once that may be."""
        self.unanswered += 1
        self._waiting.append(text)
        self._post_waiting()

    @log
    def receive_data(self, data: bytes) -> list[Event]:
        """Take what the server says; raise ProtocolError for what is no MineChat."""
        events: list[Event] = []
        for line in self._splitter.receive_data(data):
            if not isinstance(line, str):
                raise ProtocolError(f"this is no MineChat server: {line}")
            if line.strip():
                events += self._receive_line(Secret(line.strip()))
        return events

    @log
    def data_to_send(self) -> bytes:
        """Return the bytes for the connection, and forget them."""
        data = bytes(self._out)
        self._out.clear()
        return data

    @log
    def _receive_line(self, line: Secret) -> list[Event]:
        match self._step:
            case Step.GREETING:
                self._say(self._token or "")
                self._step = Step.ACCOUNT if self._token else Step.NAME
            case Step.ACCOUNT if line == _NOTHING:
                return [Refusal()]
            case Step.ACCOUNT if _maybe_account(line):
                self._step = Step.WELCOME
            case Step.NAME if line != _NOTHING:
                self._say(self._name)
                self._step = Step.NEW_ACCOUNT
            case Step.NEW_ACCOUNT:
                account = _maybe_account(line)
                if account is not None:
                    self._step = Step.WELCOME
                    self.objection = ""
                    return [AccountMade(account)]
                # Or it asks in several lines, and the account is still to come.
                self.objection = line
            case Step.WELCOME:
                self._step = Step.ANSWER
                self._post_waiting()
            case Step.ANSWER if self.unanswered:
                self.unanswered -= 1
                return [Posted()]
        return []

    @log
    def _say(self, line: Secret | str) -> None:
        self._out += line.encode(errors="replace") + b"\n"

    @log
    def _post_waiting(self) -> None:
        if self._step is Step.ANSWER:
            for text in self._waiting:
                self._say(f"{text}\n")
            self._waiting.clear()


@log
def _maybe_account(line: Secret) -> Account | None:
    """Return the account that a line of JSON tells of; it holds a token."""
    try:
        account = msgspec.json.decode(line, type=Account)
    except msgspec.DecodeError:
        return None
    return account if account.account_hash else None


@log
def one_line(text: str) -> str:
    """Return a text as MineChat carries it: without newlines, which would end it."""
    return " ".join(part.strip() for part in text.splitlines() if part.strip())
