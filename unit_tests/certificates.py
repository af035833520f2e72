"""Certificates for tests, valid now: self-made, or signed by another one of them."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.fingerprints import fingerprint_of

__all__ = ["Certificate", "make_certificate"]


class Certificate(NamedTuple):
    """A certificate in PEM with its key behind it in one file."""

    file: Path
    fingerprint: str
    signed: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def context(self) -> ssl.SSLContext:
        """Return the terms of a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


def make_certificate(
    folder: Path,
    name: str = "server",
    *hosts: str,
    issuer: Certificate | None = None,
    days: int = 30,
) -> Certificate:
    """Write a certificate for `hosts`; one of none may sign others.

    With negative `days` it has expired so many days ago.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.signed.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=90))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), True)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        builder = builder.add_extension(names, False)
    signed = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    file = folder / f"{name}.pem"
    file.write_bytes(
        signed.public_bytes(pem)
        + key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    der = signed.public_bytes(serialization.Encoding.DER)
    return Certificate(file, fingerprint_of(der), signed, key)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
