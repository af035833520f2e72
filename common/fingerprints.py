"""Fingerprints of certificates: how a server is known again.

One is the SHA-256 of the certificate's DER, kept as base64url without padding: 43
characters that a shell, an address and a QR code take as they are. People see it with
`SHA256:` before it, as ssh shows a host's key.
"""

import base64
import binascii
import hashlib
import re

__all__ = ["fingerprint_of", "read_fingerprint", "shown"]

_PREFIX = "SHA256:"
_BYTES = hashlib.sha256().digest_size
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{2}(?::?[0-9a-fA-F]{2}){31}")
_BASE64 = re.compile(r"[A-Za-z0-9_-]{43}=?")


def fingerprint_of(der: bytes) -> str:
    """Return the fingerprint of a certificate."""
    return _as_text(hashlib.sha256(der).digest())


def read_fingerprint(text: str) -> str:
    """Return a fingerprint as a person gives it, in our form.

    It may have the prefix, be standard base64, or 64 hexadecimal digits as openssl
    shows them. Raises ValueError with a sentence, which does not quote the text: it
    may be a secret that went to the wrong place.
    """
    text = text.strip()
    if text[: len(_PREFIX)].upper() == _PREFIX:
        text = text[len(_PREFIX) :]
    if _HEXADECIMAL.fullmatch(text):
        return _as_text(bytes.fromhex(text.replace(":", "")))
    text = text.replace("+", "-").replace("/", "_")
    if _BASE64.fullmatch(text):
        try:
            digest = base64.urlsafe_b64decode(text.rstrip("=") + "=")
        except binascii.Error:
            digest = b""
        if len(digest) == _BYTES:
            return _as_text(digest)
    raise ValueError(
        "this is not a certificate's fingerprint: it is SHA256: and 43 letters, "
        "digits, - or _, or 64 hexadecimal digits"
    )


def shown(fingerprint: str) -> str:
    """Return a fingerprint as people see it."""
    return f"{_PREFIX}{fingerprint}"


def _as_text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
