"""The first start: how the owner gets in where nobody is an owner yet."""

import contextlib
import os
import sys
from pathlib import Path

from common.command_line import client_of, program_name
from common.names import Secret
from common.roles import Role
from decorators import log
from server.hub import Hub
from server.place import join_lines

__all__ = ["invite_owner"]

_FILE = "owner-invitation"


@log
def invite_owner(hub: Hub, folder: Path) -> None:
    """Make an invitation for the owner, unless there is one or a good invitation.

    It is shown where stderr is a terminal; else it goes into the file
    `owner-invitation` of the data folder, which only we may read, and stderr says so.
    It works once, for a day; the next start behind that makes another one. The file is
    removed once there is an owner.
    """
    if not hub.store.keeps_history:
        return
    if any(one.role is Role.OWNER for one in hub.people.by_number.values()):
        with contextlib.suppress(OSError):
            (folder / _FILE).unlink()
        return
    # Imported late: it is needed until there is an owner.
    from server.handlers.admin_table import carry_out

    good = carry_out(hub, "invite.list", {})["rows"]
    if any(row["role"] == Role.OWNER.word for row in good):
        where = f" (in {folder / _FILE})" if (folder / _FILE).exists() else ""
        ours = program_name(sys.argv[0], "my_server.py")
        _say(
            f"this server has no owner yet; the invitation made before{where} is still "
            f"good, and {ours} invite --role owner makes another one\n"
        )
        return
    made = carry_out(hub, "invite.make", {"role": Role.OWNER.word})
    hub.end_turn()
    assert hub.place is not None
    lines = join_lines(hub.place, Secret(made["invite"]))
    text = "".join(f"  {line}\n" for line in lines)
    client = client_of(sys.argv[0])
    said = f"this server has no owner yet; it is whoever types {client} join and"
    if sys.stderr.isatty():
        _say(f"{said} pastes, within a day\n{text}")
    else:
        path = _write(folder, Secret(text))
        _say(f"{said} pastes, within a day, the line in {path}\n")


@log
def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@log
def _write(folder: Path, text: Secret) -> Path:
    """Have the text in a new file of ours alone."""
    path = folder / _FILE
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
