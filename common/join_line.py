"""The one line that joins: HOST:PORT#FINGERPRINT&invite=INVITE.

Fingerprint and invitation may each be missing: `HOST:PORT#&invite=…`, `HOST:PORT#…`,
`HOST:PORT`. An IPv6 address stands in brackets.
"""

import re
from typing import NamedTuple

from common.addresses import place, read_endpoint
from common.fingerprints import read_fingerprint
from common.names import Secret

__all__ = ["JoinLine", "join_line", "read_join_line"]

_INVITE = "invite="
# What is printed beside the line, and copied with it.
_COMMAND = re.compile(r"\S+\s+join\s+")
_BREAK = re.compile(r"\s*\n\s*")
# As far as an invitation may be long and what it may hold; a server makes shorter ones.
_INVITATION = re.compile(r"[A-Za-z0-9_-]{1,200}")


class JoinLine(NamedTuple):
    """Where a server is, how it is known, and what lets one in."""

    host: str
    port: int
    fingerprint: str | None = None
    invite: Secret | None = None


def read_join_line(text: Secret) -> JoinLine:
    """Return what a line says, as it was copied: with spaces, quotes, the command.

    Or in several rows, as a mail or a window breaks it.

    Raises ValueError with a sentence that quotes nothing of it, for any part may be
    the invitation.
    """
    whole = _BREAK.sub("", _COMMAND.sub("", text.strip(), 1))
    place, _, rest = whole.strip(" '\"").partition("#")
    host, port = _read_place(place)
    fingerprint, *others = rest.split("&")
    invite = None
    for other in others:
        if not other.startswith(_INVITE) or invite is not None:
            raise ValueError(
                "the line has something after & that is not one invite=…: was all of "
                "it copied, and nothing else?"
            )
        invite = _read_invitation(other.removeprefix(_INVITE))
    known = read_fingerprint(fingerprint) if fingerprint else None
    return JoinLine(host, port, known, invite)


def join_line(line: JoinLine) -> Secret:
    """Return the line that `read_join_line` reads; quote it where a shell sees it."""
    text = place(line.host, line.port)
    if line.fingerprint or line.invite:
        text += f"#{line.fingerprint or ''}"
    if line.invite:
        text += f"&{_INVITE}{line.invite}"
    return Secret(text)


def _read_place(place: str) -> tuple[str, int]:
    try:
        host, port = read_endpoint(place)
    except ValueError:
        host, port = "", None
    if not port:
        raise ValueError(
            "the line that joins begins with HOST:PORT, such as chat.example:7777 or "
            "[::1]:7777"
        )
    return host, port


def _read_invitation(text: str) -> Secret:
    if not _INVITATION.fullmatch(text):
        raise ValueError(
            "the invitation in the line is cut off or broken: copy it anew"
        )
    return Secret(text)
