"""`invite` and `invites`: the lines that let others in."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from common.command_line import how_to_join
from common.names import Secret
from decorators import log
from errors import ExitCode
from server.admin.office import data_folder, rows_of
from server.admin.printing import Column, Printer, moment
from server.admin.shell import Shell
from server.place import ALONE, Place, join_lines

__all__ = ["invite", "invites", "show_invitation"]

_INVITES = (
    Column("invite_id", "number"),
    Column("role", "role"),
    Column("room", "room"),
    Column("uses_left", "uses left"),
    Column("times_used", "used"),
    Column("created", "made"),
    Column("expires", "until"),
    Column("from", "by"),
)


@log
def invite(shell: Shell) -> int:
    """Make an invitation, and print the lines that join with it."""
    given = shell.given
    room = given.room
    if room is not None and not room.startswith("#"):
        room = f"#{room}"
    arguments = {
        "role": given.role,
        "uses": given.uses,
        "seconds": given.seconds,
        "room": room,
    }
    with shell.office(makes=True) as office:
        made = office.ask("invite.make", arguments)
    place = Place(**made.pop("place")) if made["place"] else _coming_place(shell)
    lines = join_lines(place, Secret(made["invite"]))
    if shell.out.as_json:
        shell.out.fields(made | {"lines": lines})
    else:
        show_invitation(shell.out, lines, made, qr=given.qr)
        if place.is_here_alone:
            shell.out.say(ALONE)
    return ExitCode.DONE


@log
def invites(shell: Shell) -> int:
    """List the invitations that are still good, or revoke one."""
    number = shell.given.revoke
    with shell.office() as office:
        if number is None:
            shell.out.table(rows_of(office, "invite.list"), _INVITES)
        else:
            gone = office.ask("invite.revoke", {"invite_id": number})
            shell.out.done(gone, f"invitation {number} is worthless now")
    return ExitCode.DONE


@log
def show_invitation(
    out: Printer, lines: Sequence[Secret], made: dict[str, Any], *, qr: bool = True
) -> None:
    """Print the lines, and for a terminal the QR code of the first one."""
    for line in lines:
        out.line(line)
    if qr and sys.stdout.isatty():
        import segno

        segno.make(lines[0], error="l", micro=False).terminal(compact=True)
    uses = "once" if made["uses"] == 1 else f"{made['uses']} times"
    out.say(f"good {uses} until {moment(made['expires'])}, role {made['role']}")
    out.say("the line is pasted where the client asks for it,")
    for row in how_to_join():
        out.say(row)


@log
def _coming_place(shell: Shell) -> Place:
    """Return where the server will be found once it is started."""
    from server.own_addresses import own_addresses

    settings = shell.settings
    addresses = own_addresses(settings.ip, settings.public_address)
    fingerprint = None
    if settings.tls != "off":
        from pathlib import Path

        from server.certificates import given_pair, own_pair

        now = datetime.now(UTC)
        if settings.tls_certificate:
            pair = given_pair(
                Path(settings.tls_certificate), Path(settings.tls_key), now
            )
        else:
            pair = own_pair(data_folder(settings), addresses, now)
        fingerprint = pair.fingerprint
    return Place(tuple(addresses), settings.port, fingerprint)
