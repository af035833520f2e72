"""The token with which the next start signs in without a password."""

from __future__ import annotations

from collections.abc import Callable

from client.events import (
    Event,
    Kind,
    Registered,
    RequestDone,
    RequestFailed,
    TokenMade,
    Welcomed,
)
from client.session import ClientSession, Credentials
from common.names import Secret
from decorators import log

__all__ = ["Tokens"]

# The number of no request.
_NONE = -1


class Tokens:
    """Asks for a token when one has signed in by password, and hands it on."""

    @log
    def __init__(
        self, session: ClientSession, keep_token: Callable[[Secret], None]
    ) -> None:
        """Give `keep_token` each new token, and an empty one when it is worthless."""
        self._session = session
        self._keep_token = keep_token
        self._number = _NONE

    @log
    def take_event(self, event: Event) -> bool:
        """Follow the session; tell whether an event concerns nobody else."""
        match event:
            case Welcomed() if self._session.credentials.password:
                self._ask()
            case RequestDone(kind=Kind.PASSWORD):
                self.forget()
                self._ask()
            case Registered(token=token) if token:
                self._keep_token(token)
            case TokenMade(number=number, token=token) if number == self._number:
                self._number = _NONE
                self._session.credentials = Credentials(token=token)
                self._keep_token(token)
                return True
            case RequestFailed(number=number) if number == self._number:
                # The next start asks for the password, and that is all.
                self._number = _NONE
                return True
        return False

    @log
    def forget(self) -> None:
        """Let the token go that is worth nothing any more."""
        self._keep_token(Secret(""))

    @log
    def _ask(self) -> None:
        # One that a broken connection left without an answer is asked for again by
        # the session itself.
        if self._number == _NONE:
            self._number = self._session.create_token()
