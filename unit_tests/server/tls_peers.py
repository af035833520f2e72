"""The other end of TLS for tests: certificates, and a client without sockets."""

import errno
import ssl
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from common.fingerprints import fingerprint_of
from server.certificates import Pair
from unit_tests.helpers import Peer

with warnings.catch_warnings():
    # It looks for asyncore, which Python 3.11 still has and 3.12 has not.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import HandshakeSettings, TLSConnection
    from tlslite.constants import KeyUpdateMessageType

__all__ = [
    "RekeyingClient",
    "TlsClient",
    "fingerprint_of_peer",
    "make_pair",
    "secure",
    "trusting",
]

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@lru_cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """Return one key of that size; making it takes a while."""
    return rsa.generate_private_key(65537, bits)


def make_pair(
    folder: Path,
    name: str = "given",
    *,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    end: datetime = NOW + timedelta(days=30),
    passphrase: bytes = b"",
) -> Pair:
    """Write a certificate for localhost and its key; return the pair."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=90))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    hidden: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        hidden = serialization.BestAvailableEncryption(passphrase)
    pem = serialization.Encoding.PEM
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(signed.public_bytes(pem))
    pkcs8 = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(pem, pkcs8, hidden))
    fingerprint = fingerprint_of(signed.public_bytes(serialization.Encoding.DER))
    return Pair(*files, fingerprint)


def trusting() -> ssl.SSLContext:
    """Return the context of a client that trusts anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def secure(peer: Peer, context: ssl.SSLContext | None = None) -> Peer:
    """Have a peer, which has said nothing yet, talk inside TLS."""
    peer.sock = (context or trusting()).wrap_socket(peer.sock)
    return peer


def fingerprint_of_peer(peer: Peer) -> str:
    """Return the fingerprint of the certificate that the server has shown."""
    assert isinstance(peer.sock, ssl.SSLSocket)
    return fingerprint_of(peer.sock.getpeercert(binary_form=True) or b"")


class TlsClient:
    """A client's side: bytes in, bytes out. `exchange` carries bytes to the server."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = (context or trusting()).wrap_bio(self.incoming, self.outgoing)

    def shake_hands(self, exchange: Callable[[bytes], bytes]) -> None:
        """Finish the handshake; raises ssl.SSLError where it fails."""
        while True:
            try:
                self.object.do_handshake()
            except ssl.SSLWantReadError:
                answer = exchange(self.outgoing.read())
                assert answer, "the server says nothing"
                self.incoming.write(answer)
            else:
                exchange(self.outgoing.read())
                return

    def say(self, data: bytes) -> bytes:
        """Return what says `data`."""
        while data:
            data = data[self.object.write(data) :]
        return self.outgoing.read()

    def hear(self, data: bytes) -> bytes:
        """Return what was said."""
        self.incoming.write(data)
        said = b""
        try:
            while part := self.object.read(1 << 16):
                said += part
        except ssl.SSLWantReadError:
            pass
        return said


class _Wire:
    """Stands for a socket to a server that answers at once."""

    def __init__(self, exchange: Callable[[bytes], bytes] | None) -> None:
        self.exchange = exchange
        self.sent = bytearray()
        self.coming = bytearray()

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    sendall = send

    def recv(self, most: int) -> bytes:
        if not self.coming and self.exchange is not None:
            self.coming += self.exchange(self.take())
        if not self.coming:
            raise BlockingIOError(errno.EWOULDBLOCK, "nothing has come")
        part = bytes(self.coming[:most])
        del self.coming[:most]
        return part

    def take(self) -> bytes:
        """Return what was sent, once."""
        sent = bytes(self.sent)
        self.sent.clear()
        return sent


class RekeyingClient:
    """A client of another library, which can ask for new keys; Python's own can't."""

    def __init__(self, exchange: Callable[[bytes], bytes]) -> None:
        """Shake hands; `exchange` carries bytes to the server, and its answer back."""
        self._wire = _Wire(exchange)
        self._connection = TLSConnection(self._wire)
        settings = HandshakeSettings()
        settings.minVersion = (3, 4)  # TLS 1.3
        self._connection.handshakeClientCert(settings=settings)
        exchange(self._wire.take())
        self._wire.exchange = None

    def new_keys(self) -> bytes:
        """Return what asks for new keys, and says nothing."""
        request = KeyUpdateMessageType.update_requested
        for _ in self._connection.send_keyupdate_request(request):
            pass
        return self._wire.take()

    def say(self, data: bytes) -> bytes:
        """Return what says `data`."""
        self._connection.write(data)
        return self._wire.take()

    def hear(self, data: bytes) -> bytes:
        """Return what was said."""
        self._wire.coming += data
        said: bytes = self._connection.read(min=1)
        return said
