"""Say that a server is not the one that we know, and the way out if it is."""

from __future__ import annotations

from client.stream import Address
from common.fingerprints import shown
from decorators import log
from errors import Distrusted

__all__ = ["not_the_given", "not_the_known"]


@log
def not_the_known(
    where: Address, known: str, fingerprint: str, line: str
) -> Distrusted:
    """Return what to say of a certificate that has changed; `line` remembers it."""
    way_out = f"start once with --fingerprint {shown(fingerprint)}"
    if line:
        way_out = f"remove {line}, or\n{way_out}"
    return Distrusted(
        f"THE CERTIFICATE OF {where} HAS CHANGED.\n"
        f"  known: {shown(known)}\n"
        f"  shown: {shown(fingerprint)}\n"
        "Either its owner has made a new one, or somebody stands between you and\n"
        "the server and would read all you write. Nothing was sent. Ask the\n"
        "owner, on another way, which one is right. If it is the new one:\n"
        f"{way_out}"
    )


@log
def not_the_given(where: Address, given: str, fingerprint: str) -> Distrusted:
    """Return what to say of a certificate that is not the one that was given."""
    return Distrusted(
        f"{where} shows another certificate than the one you were given.\n"
        f"  given: {shown(given)}\n"
        f"  shown: {shown(fingerprint)}\n"
        "Somebody may stand between you and the server; nothing was sent. Ask the\n"
        "server's owner which one is right."
    )
