"""An invitation to the server, as somebody passes it on: a line, and its QR code."""

from __future__ import annotations

import contextlib
import re

from client.events_rules import InviteMade
from client.line import Line, Tone
from client.times import moment
from common.addresses import is_here
from common.command_line import how_to_join
from common.join_line import JoinLine, join_line, read_join_line
from common.names import Secret
from common.safe_text import visible
from decorators import log

__all__ = ["invitation_lines"]

# Without a space no part of it can pass for another line.
_ONE_WORD = re.compile("[!-~]+")


@log
def invitation_lines(
    made: InviteMade, server: JoinLine | None, now: float
) -> list[Line]:
    """Return what to show of an invitation to `server`, as we reach it.

    What the server says of itself goes before our own address, and our own knowledge
    of its certificate before what it says.
    """
    until = f"an invitation, number {made.invite_id}, good until "
    until += f"{moment(made.expires, now)}; it is shown this once"
    if server is None:
        return [Line(Tone.TALK, f"{until}:"), _whole(made.invite)]
    # A wrong one must not hide the invitation.
    with contextlib.suppress(ValueError):
        told = read_join_line(Secret(made.place))
        server = told._replace(fingerprint=server.fingerprint or told.fingerprint)
    line = join_line(server._replace(invite=made.invite))
    lines = [
        Line(Tone.TALK, f"{until}:"),
        _whole(line),
        Line(Tone.CODE, line),
    ]
    if is_here(server.host):
        words = (
            f"{visible(server.host)} is this machine alone: in the line for somebody "
            "on another one put the address that they reach it by"
        )
        lines.append(Line(Tone.TALK, words))
    rows = ["who gets it pastes it where the client asks,", *how_to_join()]
    return [*lines, *(Line(Tone.TALK, row) for row in rows)]


@log
def _whole(text: Secret) -> Line:
    """Return what somebody will copy; the invitation in it is the server's word."""
    tone = Tone.WHOLE if _ONE_WORD.fullmatch(text) else Tone.DATA
    return Line(tone, visible(text))
