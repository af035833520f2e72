"""An invitation to the server, as somebody passes it on: a line, and its QR code."""

from __future__ import annotations

from client.events_rules import InviteMade
from client.line import Line, Tone
from client.times import moment
from common.addresses import is_loopback
from common.join_line import JoinLine, join_line
from common.names import Label
from common.safe_text import visible
from decorators import log

__all__ = ["invitation_lines"]


@log
def invitation_lines(
    made: InviteMade, server: JoinLine | None, now: float
) -> list[Line]:
    """Return what to show of an invitation to `server`, as we reach it."""
    until = f"an invitation, number {made.invite_id}, good until "
    until += f"{moment(made.expires, now)}; it is shown this once"
    if server is None:
        return [Line(Tone.TALK, f"{until}:"), Line(Tone.DATA, visible(made.invite))]
    line = join_line(server._replace(invite=made.invite))
    lines = [
        Line(Tone.TALK, f"{until}. my_client.py join asks for this line:"),
        Line(Tone.DATA, visible(line)),
        Line(Tone.CODE, line),
    ]
    if is_loopback(Label(server.host)) or server.host == "localhost":
        words = (
            f"{visible(server.host)} is this machine alone: in the line for somebody "
            "on another one put the address that they reach it by"
        )
        lines.append(Line(Tone.TALK, words))
    return lines
