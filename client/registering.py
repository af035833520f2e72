"""One request on a connection of its own: make an account for who has none yet."""

from __future__ import annotations

import asyncio
import time

import msgspec

from client.credentials import LONGEST_PASSWORD_BYTES
from client.incoming import read_incoming
from client.tls import Trust
from client.way import Way, hang_up, open_way
from common.client_settings import ClientSettings
from common.framing import Broken, ObjectSplitter
from common.messages import UNSET, Answer, Quit, Register, User
from common.names import Name, Secret
from decorators import log
from errors import Distrusted, ProtocolError, TimedOut, Unreachable

__all__ = ["check_private", "register"]

_READ_BYTES = 64 * 1024
_LARGEST_OBJECT_BYTES = 64 * 1024
_DEEPEST_NESTING = 16
_NUMBER = 1


@log
async def register(
    trust: Trust,
    settings: ClientSettings,
    name: Name | str,
    password: Secret,
    invite: Secret | None,
) -> Answer | str:
    """Ask a server for an account; return what it answers.

    Returns the fingerprint of a server that is not known yet: nothing was sent to it.
    Raises ProgramError where there is no answer.
    """
    seconds = settings.timeout_seconds
    way = await open_way(trust, settings.address, settings.port, seconds)
    try:
        if way.stranger:
            return way.stranger
        check_private(trust, way)
        way.writer.write(_request(name, password, invite))
        async with asyncio.timeout(seconds):
            answer = await _read_answer(trust, way)
        way.writer.write(_encode(Quit(time=time.time())))
        return answer
    except TimeoutError as error:
        raise TimedOut(
            f"the server at {trust.where} has not answered for {seconds:g} s"
        ) from error
    finally:
        await hang_up(way.writer)


@log
def check_private(trust: Trust, way: Way) -> None:
    """Raise Distrusted where a password could be read on its way."""
    if not way.is_private:
        raise Distrusted(
            f"an account at {trust.where} is made over TLS only, for its password "
            "can be read on the way otherwise: leave --no-tls out"
        )


@log
def _request(name: Name | str, password: Secret, invite: Secret | None) -> bytes:
    assert len(password.encode()) <= LONGEST_PASSWORD_BYTES
    user = User(account_name=name, password=password)
    return _encode(
        Register(time=time.time(), id=_NUMBER, user=user, invite=invite or UNSET)
    )


@log
def _encode(request: Register | Quit) -> bytes:
    return msgspec.json.encode(request) + b"\n"


@log
async def _read_answer(trust: Trust, way: Way) -> Answer:
    """Return the answer to our request, or a refusal of the whole connection."""
    splitter = ObjectSplitter(_LARGEST_OBJECT_BYTES, _DEEPEST_NESTING)
    while True:
        try:
            data = await way.reader.read(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            raise Unreachable(f"the connection to {trust.where} is lost")
        for piece in splitter.receive_data(data):
            if isinstance(piece, Broken):
                raise ProtocolError(
                    f"{trust.where}: what the server says is not JIM: "
                    f"{piece.flaw.value}"
                )
            said = read_incoming(piece)
            if isinstance(said, Answer) and (
                said.id == _NUMBER or (said.id is UNSET and said.response >= 400)
            ):
                return said
