"""The first start: how the owner gets in where nobody is an owner yet."""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from common.command_line import how_to_join
from common.names import Secret
from common.roles import Role
from decorators import log
from log_config.private_files import open_private
from log_config.typed import typed
from log_config.wrapped import wrapped
from server.entrance import entrance_of
from server.hub import Hub
from server.owner_words import OWNER_FILE, owners_command
from server.place import ALONE, join_lines

__all__ = ["invite_owner"]


@log
def invite_owner(hub: Hub, folder: Path) -> None:
    """Make an invitation for the owner, unless there is one or a good invitation.

    It is shown where stderr is a terminal; else it goes into the file
    `owner-invitation` of the data folder, which only we may read, and stderr says so.
    It works once, for a day; the next start behind that makes another one. The file is
    removed once there is an owner. Until then each start says who may come in.
    """
    if any(one.role is Role.OWNER for one in hub.people.by_number.values()):
        with contextlib.suppress(OSError):
            (folder / OWNER_FILE).unlink()
        return
    _say(*entrance_of(hub.settings).rows())
    if not hub.store.keeps_history:
        return  # nobody can be an owner there
    # Imported late: it is needed until there is an owner.
    from server.handlers.admin_table import carry_out

    good = carry_out(hub, "invite.list", {})["rows"]
    if any(row["role"] == Role.OWNER.word for row in good):
        kept = folder / OWNER_FILE
        _say(
            "this server has no owner yet; the invitation made before is still good",
            *(["and stands in", f"  {kept}"] if kept.exists() else []),
            "another one is made by",
            f"  {owners_command('invite --role owner', folder)}",
        )
        return
    made = carry_out(hub, "invite.make", {"role": Role.OWNER.word})
    hub.end_turn()
    assert hub.place is not None
    lines = join_lines(hub.place, Secret(made["invite"]))
    rows = [Secret(f"  {line}") for line in lines]
    said = "this server has no owner yet; it is whoever pastes, within a day,"
    if hub.place.is_here_alone:
        _say(ALONE)
    if sys.stderr.isatty():
        _say(f"{said} this line", *rows)
    else:
        _say(f"{said} the line in", f"  {_write(folder, rows)}")
    _say(
        "where the client asks for it; on this machine:",
        f"  {typed('my_client.py', sys.argv[0])} join",
        "elsewhere,",
        *how_to_join(),
    )


@log
def _say(*rows: str) -> None:
    sys.stderr.write("".join(f"{row}\n" for row in wrapped(rows, sys.stderr)))
    sys.stderr.flush()


@log
def _write(folder: Path, rows: Sequence[Secret]) -> Path:
    """Have the rows in a new file of ours alone."""
    path = folder / OWNER_FILE
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(f"{row}\n" for row in rows))
    return path
