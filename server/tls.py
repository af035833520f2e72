"""TLS without sockets: the server's context, and one connection's bytes in and out.

`ssl` takes a while to import, so this module is imported where TLS is not switched off.
"""

import contextlib
import errno
import ssl

from decorators import log
from errors import ExitCode, StartError
from server.certificates import Pair

__all__ = ["RECORD_BYTES", "Channel", "Keyring", "new_context"]

#: The most plaintext that one record carries (RFC 8446, section 5.1).
RECORD_BYTES = 16 * 1024
# What goes through OpenSSL's memory at once: that grows to the most that it has ever
# held, and never shrinks.
_PIECE_BYTES = 2 * 1024
_HEADER_BYTES = 5
# New keys are due after 16 million records; asking for them again and again would hold
# the loop up, and OpenSSL lets it pass.
_MOST_SILENT = 64
# What Mozilla calls intermediate: forward secrecy and authenticated encryption. The
# suites of TLS 1.3 are all of that kind.
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
_GROUPS = "X25519:P-256:P-384"
# The one that clients offer first. With P-256 instead OpenSSL keeps 3.5 KiB more for
# each connection, and most handshakes take one more round trip.
_ONLY_GROUP = "X25519"
_FLAWS = {
    "KEY_VALUES_MISMATCH": "the key does not fit the certificate",
    "EE_KEY_TOO_SMALL": "the key is too short to be safe",
    "CA_MD_TOO_WEAK": "the certificate is signed with a hash that is not safe",
    "EXCESSIVE_MESSAGE_SIZE": "the certificate's chain is too long",
}


class Keyring:
    """The certificate in force; `load` takes up a new one, and keeps the old on error.

    Connections keep the certificate that they began with.
    """

    @log
    def __init__(self, pair: Pair) -> None:
        """Load the pair; raises StartError with a sentence."""
        self._pair = pair
        self._context = new_context(pair)

    @log
    def load(self, pair: Pair) -> None:
        """Have new connections get this pair; raises StartError and changes nothing."""
        self._context = new_context(pair)
        self._pair = pair

    @property
    @log
    def fingerprint(self) -> str:
        """What people compare and clients pin (common/fingerprints.py)."""
        return self._pair.fingerprint

    @property
    @log
    def certificate(self) -> bytes:
        """What is shown to clients, as DER."""
        return self._pair.der

    @log
    def channel(self) -> "Channel":
        """Return our side of a new connection."""
        return Channel(self._context)


@log
def new_context(pair: Pair) -> ssl.SSLContext:
    """Return a server's context: TLS 1.2 and 1.3, and nothing of old habits.

    Raises StartError where the certificate or the key can't be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    _choose_groups(context)
    # Tickets: none. Their key would live as long as this process and undo the forward
    # secrecy, and each costs memory; our clients come back seldom.
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    try:
        context.load_cert_chain(pair.certificate, pair.key, password=_no_passphrase)
    except OSError as error:
        raise _unusable(pair, error) from error
    return context


@log
def _choose_groups(context: ssl.SSLContext) -> None:
    """Ask for the groups that keys are agreed on with, as far as this Python can."""
    if hasattr(context, "set_groups"):  # since Python 3.15
        context.set_groups(_GROUPS)
        return
    # Before, it is all of OpenSSL's or one, and Python 3.11 knows X25519 as one only
    # from 3.11.3 on (CPython's issue 77063). OpenSSL's own order begins with it too.
    with contextlib.suppress(ssl.SSLError, ValueError):
        context.set_ecdh_curve(_ONLY_GROUP)


@log
def _no_passphrase() -> str:
    """Answer instead of OpenSSL, which would ask the terminal for it."""
    return ""


@log
def _unusable(pair: Pair, error: OSError) -> StartError:
    if isinstance(error, ssl.SSLError):
        reason = _FLAWS.get(error.reason or "", "one of them is not PEM of its kind")
    else:
        reason = error.strerror or "they can't be read"
    return StartError(
        f"the certificate {pair.certificate} with the key {pair.key} can't be used: "
        f"{reason}",
        ExitCode.SETTINGS,
    )


class Channel:
    """Our side of one connection's TLS. It is handed bytes and gives bytes.

    What stands in `outgoing` after `shake_hands`, `decrypt` and `close` must be sent,
    and after an error as well: it is the alert then. `ended`: the peer has said that it
    will say no more.
    """

    __slots__ = (
        "_header",
        "_incoming",
        "_left",
        "_object",
        "_silent",
        "ended",
        "outgoing",
    )

    @log
    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self.outgoing, server_side=True)
        self.ended = False
        self._header = b""  # of a record, as much as has come of it
        self._left = 0  # bytes still to come of the record under way
        self._silent = 0  # records that said nothing

    @log
    def shake_hands(self, data: bytes) -> bool:
        """Take bytes of the peer's handshake; return whether it is done.

        Raises ConnectionError where it has failed.
        """
        self._incoming.write(data)
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            raise _broken(error) from error
        return True

    @property
    @log
    def has_unread(self) -> bool:
        """Tell whether bytes wait for `decrypt`, or for what completes them."""
        return self._incoming.pending > 0

    @log
    def decrypt(self, data: bytes) -> bytes:
        """Take what was read; return what the peer said, b"" while it is incomplete.

        Raises ConnectionError where it is not what the peer sent, or says nothing
        again and again.
        """
        incoming, read = self._incoming, self._object.read
        if incoming.pending:  # it came with the end of the handshake
            data = incoming.read() + data
        said: list[bytes] = []
        place = 0
        while place < len(data) and not self.ended:
            piece = self._next_piece(data, place)
            place += len(piece)
            incoming.write(piece)
            try:
                part = read(RECORD_BYTES)
            except ssl.SSLWantReadError:
                if not self._left:
                    self._note_silence()
            except ssl.SSLError as error:
                raise _broken(error) from error
            else:
                self.ended = not part
                said.append(part)
        return said[0] if len(said) == 1 else b"".join(said)

    @log
    def _next_piece(self, data: bytes, place: int) -> bytes:
        """Return what to decrypt next: never more than belongs to one record."""
        if not self._left:
            known = len(self._header)
            header = self._header + data[place : place + _HEADER_BYTES - known]
            if len(header) < _HEADER_BYTES:
                self._header = header
                return data[place:]
            self._header = b""
            self._left = _HEADER_BYTES + int.from_bytes(header[3:]) - known
        piece = data[place : place + min(self._left, _PIECE_BYTES)]
        self._left -= len(piece)
        return piece

    @log
    def _note_silence(self) -> None:
        """Count a record without words: each costs us as much as ten with words."""
        if self._header:
            return
        self._silent += 1
        if self._silent > _MOST_SILENT:
            raise ConnectionAbortedError(errno.ECONNABORTED, "TLS: too many new keys")

    @log
    def encrypt(self, data: bytes | bytearray) -> bytes:
        """Return what says it, behind all that had to be sent before.

        Raises ConnectionError where the peer has broken off.
        """
        written, secrets = 0, []
        try:
            while written < len(data):
                piece = data[written : written + _PIECE_BYTES]
                # Less than all of it where the peer has asked for smaller records.
                written += self._object.write(piece)
                secrets.append(self.outgoing.read())
        except ssl.SSLError as error:
            raise _broken(error) from error
        return b"".join(secrets)

    @log
    def close(self) -> None:
        """Say that nothing more will come."""
        # It wants to hear the same of the peer; our transport waits for that itself.
        with contextlib.suppress(ssl.SSLError):
            self._object.unwrap()


@log
def _broken(error: ssl.SSLError) -> ConnectionError:
    reason = (error.reason or "it broke").replace("_", " ").lower()
    return ConnectionAbortedError(errno.ECONNABORTED, f"TLS: {reason}")
