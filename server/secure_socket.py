"""A socket whose bytes are encrypted on the way, for the loop like any other."""

import contextlib
import errno
import socket

from decorators import log
from server.tls import RECORD_BYTES, Channel

__all__ = ["SecureSocket"]

_READ_BYTES = 4 * 1024
# A hello has some 2 KiB, also with the large keys that are to come.
_MOST_HANDSHAKE_BYTES = 16 * 1024
# What a peer makes us answer by itself (new keys, alerts) while it reads nothing.
_MOST_UNASKED_BYTES = 64 * 1024


class SecureSocket:
    """What `Connection.sock` is inside TLS; call `shake_hands` until it is done.

    `send` counts a record as taken once all of it has left. One that has not must be
    given again, with the same beginning: its `committed` bytes can't be taken back.
    So what a peer is owed is counted, and dropped, in plain bytes.
    """

    __slots__ = ("_channel", "_closing", "_rest", "_shaken", "_sock", "committed")

    @log
    def __init__(self, sock: socket.socket, channel: Channel) -> None:
        self._sock = sock
        self._channel = channel
        self._rest = b""  # encrypted, and not taken by the kernel yet
        self._shaken = 0  # bytes of the handshake
        self._closing = False
        self.committed = 0

    @log
    def shake_hands(self, data: bytes = b"") -> bool:
        """Take up `data`, else what has come; return whether the handshake is done.

        Raises OSError where it has failed; the peer has its alert then.
        """
        data = data or self._sock.recv(_READ_BYTES)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "TLS: no whole handshake")
        self._shaken += len(data)
        try:
            done = self._channel.shake_hands(data)
        finally:
            self._send_unasked()
        if not done and self._shaken > _MOST_HANDSHAKE_BYTES:
            raise ConnectionAbortedError(errno.ECONNABORTED, "TLS: an endless hello")
        return done

    @log
    def recv(self, most: int) -> bytes:
        """Return what the peer said, read from at most so many bytes; b"" at the end.

        Raises BlockingIOError where nothing is complete, OSError where it broke.
        """
        channel = self._channel
        if channel.ended and not self._closing:
            return b""
        try:
            data = self._sock.recv(most)
        except (BlockingIOError, ConnectionError):
            if not channel.has_unread:
                raise
            data = b""  # what came with the end of the handshake
        else:
            if self._closing or not (data or channel.has_unread):
                return data
        try:
            said = channel.decrypt(data)
        finally:
            if channel.outgoing.pending:
                self._send_unasked()
        if said and channel.ended:
            # The loop reads once more, and finds the end, only where the kernel says
            # that there is something.
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RD)
        if not said and not channel.ended:
            raise BlockingIOError
        return said

    @log
    def send(self, data: bytes | bytearray) -> int:
        """Encrypt and send; return how many bytes have left, all of them in the end.

        Raises BlockingIOError where none have, OSError where the connection broke.
        """
        if self._rest:
            self._flush()
            if self._rest:
                raise BlockingIOError
        taken, self.committed = self.committed, 0
        size = len(data)
        while taken < size:
            part = data[taken : taken + RECORD_BYTES]
            secret = self._channel.encrypt(part)
            try:
                sent = self._sock.send(secret)
            except (BlockingIOError, InterruptedError):
                sent = 0
            if sent < len(secret):
                self._rest = secret[sent:]
                self.committed = len(part)
                break
            taken += len(part)
        if not taken:
            raise BlockingIOError
        return taken

    @log
    def _flush(self) -> None:
        if self._rest:
            with contextlib.suppress(BlockingIOError, InterruptedError):
                self._rest = self._rest[self._sock.send(self._rest) :]

    @log
    def _send_unasked(self) -> None:
        """Send what the channel has to say by itself, now or with what comes next.

        Whoever closed at once behind their words gets none of it, and is still heard.
        """
        self._rest += self._channel.outgoing.read()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._flush()
        if len(self._rest) > _MOST_UNASKED_BYTES:
            raise ConnectionAbortedError(errno.ECONNABORTED, "TLS: too much to say")

    @log
    def shutdown(self, how: int) -> None:
        """Say goodbye in TLS, then as the socket does; what comes is only drained."""
        self._channel.close()
        self._closing = True
        self._send_unasked()
        self._sock.shutdown(how)

    @log
    def fileno(self) -> int:
        """Return the descriptor, for the selector."""
        return self._sock.fileno()

    @log
    def setsockopt(self, level: int, option: int, value: int) -> None:
        """Set an option of the socket below."""
        self._sock.setsockopt(level, option, value)

    @log
    def close(self) -> None:
        """Close the socket."""
        self._sock.close()
