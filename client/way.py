"""The way to a server, as private as the rules want it; before a byte of ours is sent.

It never falls back: a server that speaks no TLS is an error that says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from typing import NamedTuple

from client.stream import Address, open_socket
from client.tls import Trust
from common.addresses import is_loopback
from common.names import Label
from decorators import log
from errors import Distrusted, ProgramError, ProtocolError, TimedOut, Unreachable

__all__ = ["Way", "cut_off", "hang_up", "open_way"]

_GOODBYE_SECONDS = 1.0
# What OpenSSL makes of bytes that are no TLS, and the alerts of servers that have none.
_NO_TLS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "UNEXPECTED_MESSAGE",
        "HTTP_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSUPPORTED_PROTOCOL",
    }
)


class Way(NamedTuple):
    """A connection. `stranger` is the fingerprint of a server met for the first time.

    Nothing may be sent to a stranger; secrets only where it `is_private`: TLS, or one
    that never leaves this machine.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_tls: bool
    is_private: bool
    stranger: str = ""


@log
async def open_way(
    trust: Trust,
    address: Address,
    port: int,
    seconds: float,
    *,
    always_tls: bool = False,
) -> Way:
    """Connect within `seconds`, with TLS where that is wanted.

    Raises Distrusted or ProtocolError for what trying again does not cure, Unreachable
    or TimedOut for what it may, and SettingsError.
    """
    begun = time.monotonic()
    sock = await open_socket(address, port, seconds)
    try:
        peer = Label(sock.getpeername()[0])
        is_tls = always_tls or trust.wants_tls(peer)
        context = trust.context() if is_tls else None
    except OSError as error:
        sock.close()
        raise Unreachable(f"{trust.where} hung up at once") from error
    except BaseException:
        sock.close()
        raise
    if context is None:
        reader, writer = await asyncio.open_connection(sock=sock)
        return Way(reader, writer, False, is_loopback(peer))
    left = max(seconds - (time.monotonic() - begun), 0.1)
    try:
        async with asyncio.timeout(left):
            reader, writer = await asyncio.open_connection(
                sock=sock,
                ssl=context,
                server_hostname=address.partition("%")[0],
                # A little later than ours, whose sentence is the better one.
                ssl_handshake_timeout=left + 1,
            )
    except TimeoutError as error:
        raise TimedOut(
            f"{trust.where} does not answer the TLS handshake; if it speaks no TLS, "
            "--no-tls talks to it so that everybody on the way can read it"
        ) from error
    except OSError as error:
        raise _failure(trust.where, error) from error
    return Way(reader, writer, True, True, await _judge(trust, writer))


@log
async def _judge(trust: Trust, writer: asyncio.StreamWriter) -> str:
    """Return whether it is a stranger; hang up on whom we must not talk to."""
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    try:
        return trust.judge(certificate)
    except BaseException:
        await hang_up(writer)
        raise


@log
def _failure(where: Address, error: OSError) -> ProgramError:
    """Return why there was no handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".") or "it is not valid"
        return Distrusted(
            f"the certificate of {where} is not one that the given CA vouches for "
            f"({why}); nothing was sent"
        )
    if not isinstance(error, ssl.SSLError):
        return Unreachable(
            f"{where} hung up in the TLS handshake; if it speaks no TLS, --no-tls "
            "talks to it so that everybody on the way can read it"
        )
    if error.reason in _NO_TLS:
        return ProtocolError(
            f"{where} does not speak TLS as we do; nothing was sent. --no-tls talks "
            "to it without, so that everybody on the way can read it"
        )
    why = (error.reason or "no reason was given").replace("_", " ").lower()
    return ProtocolError(f"the TLS handshake with {where} failed: {why}")


@log
async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait a little until what was written is out."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await writer.wait_closed()
    # One whose other side does not say goodbye.
    cut_off(writer)


@log
def cut_off(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, also one that has ended already."""
    # Before 3.11.5 Python's own TLS transport stumbles over itself where it was closed
    # twice: its protocol is None then.
    with contextlib.suppress(AttributeError):
        writer.transport.abort()
