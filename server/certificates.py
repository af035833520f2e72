"""The server's certificate: the one that is given, else one that we make and keep.

`cryptography` takes a while to import: it is, where a certificate is made or one that
was given is looked at.
"""

import base64
import binascii
import contextlib
import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from common.addresses import read_endpoint
from common.fingerprints import fingerprint_of
from common.names import Label
from decorators import log
from errors import ExitCode, StartError
from log_config.private_files import open_private

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["Pair", "end_of", "end_of_der", "given_pair", "own_pair"]

# Clients pin it, so a new one is a nuisance to everybody.
_YEARS = 20
# A client whose clock is slow must not find it not yet valid.
_BACKDATED = timedelta(days=2)
_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL
)
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}\.?)*(?<![-.])")


class Pair(NamedTuple):
    """The files of a certificate and its key, its fingerprint, and itself as DER."""

    certificate: Path
    key: Path
    fingerprint: str
    der: bytes = b""


@log
def given_pair(certificate: Path, key: Path, now: datetime) -> Pair:
    """Return the pair of the settings.

    Raises StartError with a sentence: missing, unreadable, no certificate, expired.
    Whether the key fits is for server.tls to find out.
    """
    pair = _pair(certificate, key)
    _read(key)
    end = end_of(certificate)
    if end <= now:
        raise _wrong(certificate, f"it has expired on {end:%Y-%m-%d}")
    return pair


@log
def own_pair(folder: Path, addresses: Iterable[Label], now: datetime) -> Pair:
    """Return the pair that is kept in the folder; make one if there is none.

    `addresses` are names and addresses under which clients find this server. The key
    is written first, so that there is never a certificate without its key. Raises
    StartError with a sentence.
    """
    certificate, key = folder / "tls.crt", folder / "tls.key"
    if not certificate.exists():
        try:
            _make(certificate, key, addresses, now)
        except OSError as error:
            raise StartError(
                f"no certificate can be made in {folder} ({error.strerror}): name "
                "another folder with --data-dir, or do without TLS (--tls off)",
                ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None,
            ) from error
    _read(key)
    return _pair(certificate, key)


@log
def end_of_der(certificate: bytes) -> datetime:
    """Return when a certificate ends; raises ValueError where it is none."""
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).not_valid_after_utc


@log
def end_of(certificate: Path) -> datetime:
    """Return when a certificate ends; raises StartError with a sentence."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(_read(certificate)).not_valid_after_utc
    except ValueError as error:
        raise _wrong(certificate, "there is no certificate in it") from error


@log
def _pair(certificate: Path, key: Path) -> Pair:
    found = _PEM.search(_read(certificate))
    try:
        text = found[1] if found else b""
        der = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        der = b""
    if not der:
        raise _wrong(certificate, "there is no certificate in it")
    return Pair(certificate, key, fingerprint_of(der), der)


@log
def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _wrong(path, error.strerror or "it can't be read") from error


@log
def _wrong(path: Path, reason: str) -> StartError:
    return StartError(f"{path} can't be used for TLS: {reason}", ExitCode.SETTINGS)


# ------------------------------------------------------------------- making


@log
def _make(
    certificate: Path, key: Path, addresses: Iterable[Label], now: datetime
) -> None:
    """Make what is missing of the two."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _create(key, pem)
    try:
        kept = serialization.load_pem_private_key(_read(key), None)
    except (ValueError, TypeError) as error:
        raise _wrong(key, "it is no key of ours; remove it to get a new one") from error
    if not isinstance(kept, ec.EllipticCurvePrivateKey):
        raise _wrong(key, "it is no key of ours; remove it to get a new one")
    signed = _sign(kept, addresses, now)
    _create(certificate, signed.public_bytes(serialization.Encoding.PEM))


@log
def _sign(
    key: "ec.EllipticCurvePrivateKey", addresses: Iterable[Label], now: datetime
) -> "x509.Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "JIM messenger")])
    start = now.astimezone(UTC) - _BACKDATED
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False
        )
        .add_extension(x509.SubjectAlternativeName(_names(addresses)), False)
        .sign(key, hashes.SHA256())
    )


@log
def _names(addresses: Iterable[Label]) -> list["x509.GeneralName"]:
    """Return localhost, this machine's name and the addresses, each once."""
    from cryptography import x509

    names: dict[x509.GeneralName, None] = {}
    hosts = [read_endpoint(one).host for one in addresses]
    for one in ("localhost", socket.gethostname(), *hosts, "127.0.0.1", "::1"):
        try:
            names[x509.IPAddress(ipaddress.ip_address(one))] = None
        except ValueError:
            if _HOST_NAME.fullmatch(one):
                names[x509.DNSName(one)] = None
    return list(names)


@log
def _create(path: Path, data: bytes) -> None:
    """Have the data in a new file that only we may read; one that is there stays.

    It is never there without all of its content, whenever the power goes.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = open_private(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
