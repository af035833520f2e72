"""`room`, `who`, `kick`, `ban`, `unban`, `bans`, `say`."""

from typing import Any

from decorators import log
from errors import ExitCode, ProgramError
from server.admin.durations import spoken
from server.admin.office import rows_of
from server.admin.printing import Column, counted
from server.admin.shell import Shell

__all__ = [
    "ban",
    "kick",
    "list_bans",
    "list_rooms",
    "remove_room",
    "say",
    "set_room",
    "show_room",
    "unban",
    "who",
]

_ROOMS = (
    Column("room", "room"),
    Column("members", "members"),
    Column("access", "access"),
    Column("owner", "host"),
    Column("topic", "topic"),
)
_SESSIONS = (
    Column("account_name", "name"),
    Column("role", "role"),
    Column("address", "from"),
    Column("private", "private"),
    Column("away", "away"),
    Column("status", "status"),
)
_BANS = (
    Column("kind", "what"),
    Column("account_name", "name"),
    Column("room", "room"),
    Column("until", "until"),
    Column("from", "by"),
    Column("reason", "why"),
)


@log
def _room(shell: Shell) -> str | None:
    """Return the room that was given; a shell takes # for a comment, so it may lack."""
    room: str | None = shell.given.room
    return room if room is None or room.startswith("#") else f"#{room}"


@log
def list_rooms(shell: Shell) -> int:
    """List the rooms."""
    with shell.office() as office:
        shell.out.table(rows_of(office, "room.list"), _ROOMS)
    return ExitCode.DONE


@log
def show_room(shell: Shell) -> int:
    """Show what there is to know of a room."""
    with shell.office() as office:
        shell.out.fields(office.ask("room.show", {"room": _room(shell)}))
    return ExitCode.DONE


@log
def remove_room(shell: Shell) -> int:
    """End a room."""
    with shell.office() as office:
        gone = office.ask("room.remove", {"room": _room(shell)})
    shell.out.done(gone, f"{gone['room']} is gone, everybody is out of it")
    return ExitCode.DONE


@log
def set_room(shell: Shell) -> int:
    """Change a room's topic, who may enter it, and how long it is kept."""
    wanted: dict[str, Any] = {"room": _room(shell)}
    for key in ("topic", "access"):
        if getattr(shell.given, key) is not None:
            wanted[key] = getattr(shell.given, key)
    for key in ("keep_days", "keep_mbytes"):
        value = getattr(shell.given, key)
        if value is not None:
            wanted[key] = None if value == "default" else value
    if len(wanted) == 1:
        raise ProgramError(
            "nothing to change: give --topic, --access, --keep-days or --keep-mbytes",
            ExitCode.USAGE,
        )
    with shell.office() as office:
        shell.out.fields(office.ask("room.set", wanted))
    return ExitCode.DONE


# ---------------------------------------------------------------------- people


@log
def who(shell: Shell) -> int:
    """List who is here."""
    with shell.office() as office:
        shell.out.table(rows_of(office, "who"), _SESSIONS)
    return ExitCode.DONE


@log
def kick(shell: Shell) -> int:
    """Take somebody out of a room, or end all their sessions."""
    given = shell.given
    arguments = {"name": given.name, "room": _room(shell), "reason": given.reason}
    with shell.office() as office:
        done = office.ask("kick", arguments)
    where = f"out of {done['room']}" if done["room"] else "sent away"
    shell.out.done(done, f"{done['account_name']} is {where}, and may come back")
    return ExitCode.DONE


@log
def ban(shell: Shell) -> int:
    """Keep somebody out, for a while or for good."""
    given = shell.given
    arguments = {
        "name": given.name,
        "room": _room(shell),
        "reason": given.reason,
        "seconds": given.seconds,
    }
    with shell.office() as office:
        done = office.ask("ban", arguments)
    how_long = "for good" if given.seconds is None else f"for {spoken(given.seconds)}"
    where = done["room"] or "this server"
    shell.out.done(done, f"{done['account_name']} is banned from {where} {how_long}")
    return ExitCode.DONE


@log
def unban(shell: Shell) -> int:
    """Let somebody in again."""
    with shell.office() as office:
        done = office.ask("unban", {"name": shell.given.name, "room": _room(shell)})
    shell.out.done(done, f"{done['account_name']} may come back")
    return ExitCode.DONE


@log
def list_bans(shell: Shell) -> int:
    """List who is banned or muted."""
    with shell.office() as office:
        shell.out.table(rows_of(office, "bans", {"room": _room(shell)}), _BANS)
    return ExitCode.DONE


@log
def say(shell: Shell) -> int:
    """Tell everybody who is here."""
    with shell.office() as office:
        if not office.is_live:
            raise ProgramError(
                "no server runs here, so there is nobody to say it to",
                ExitCode.UNREACHABLE,
            )
        told = office.ask("say", {"text": " ".join(shell.given.text)})
    shell.out.done(told, f"said to {counted(told['sessions'], 'session')}")
    return ExitCode.DONE
