"""`user` and `token`: accounts from the shell."""

from typing import Any

from decorators import log
from errors import ExitCode
from server.admin.asking import new_password_hash
from server.admin.office import rows_of
from server.admin.printing import Column, Printer, counted
from server.admin.shell import Shell

__all__ = [
    "add",
    "list_users",
    "remove",
    "set_password",
    "set_role",
    "show",
    "token",
]

_USERS = (
    Column("account_name", "name"),
    Column("role", "role"),
    Column("online", "here"),
    Column("seen", "last seen"),
    Column("open", "no password"),
    Column("sanctioned", "banned or muted"),
)
_TOKENS = (
    Column("token_id", "number"),
    Column("created", "made"),
    Column("used", "last used"),
    Column("device_id", "device"),
    Column("until", "good until"),
)


@log
def add(shell: Shell) -> int:
    """Make an account."""
    given = shell.given
    password = None
    if not given.open:
        password = new_password_hash(given.password_file, given.name, shell.out)
    arguments = {"name": given.name, "password": password, "role": given.role}
    with shell.office(makes=True) as office:
        made = office.ask("user.add", arguments)
    how = " without a password" if made["open"] else ""
    name, role = made["account_name"], made["role"]
    shell.out.done(made, f"{name} may sign in now{how} ({role})")
    return ExitCode.DONE


@log
def list_users(shell: Shell) -> int:
    """List the accounts."""
    with shell.office() as office:
        shell.out.table(rows_of(office, "user.list"), _USERS)
    return ExitCode.DONE


@log
def show(shell: Shell) -> int:
    """Show what there is to know of somebody."""
    with shell.office() as office:
        shell.out.fields(office.ask("user.show", {"name": shell.given.name}))
    return ExitCode.DONE


@log
def set_password(shell: Shell) -> int:
    """Give somebody another password."""
    given = shell.given
    with shell.office() as office:
        # First: who has no account shall not be typed a password for.
        name = office.ask("user.show", {"name": given.name})["account_name"]
        password = new_password_hash(given.password_file, name, shell.out)
        arguments = {"name": name, "password": password}
        changed = office.ask("user.passwd", arguments)
    ended = counted(changed["sessions_ended"], "session")
    shell.out.done(
        changed,
        f"{name} has a new password; all devices and tokens are signed out ({ended} "
        "ended)",
    )
    return ExitCode.DONE


@log
def remove(shell: Shell) -> int:
    """Give an account up."""
    with shell.office() as office:
        gone = office.ask("user.remove", {"name": shell.given.name})
    shell.out.done(
        gone, f"{gone['account_name']} is gone; what was said stays, the name is free"
    )
    return ExitCode.DONE


@log
def set_role(shell: Shell) -> int:
    """Make somebody a member, a moderator or an owner."""
    arguments = {"name": shell.given.name, "role": shell.given.role}
    with shell.office() as office:
        made = office.ask("user.role", arguments)
    shell.out.done(made, f"{made['account_name']} is {made['role']} now")
    return ExitCode.DONE


# ---------------------------------------------------------------------- tokens


@log
def token(shell: Shell) -> int:
    """Make a token of an account, or list or revoke them."""
    given = shell.given
    with shell.office() as office:
        if given.list:
            arguments = {"name": given.name}
            shell.out.table(rows_of(office, "token.list", arguments), _TOKENS)
        elif given.revoke is not None:
            arguments = {"name": given.name, "token_id": given.revoke}
            gone = office.ask("token.revoke", arguments)
            name = gone["account_name"]
            ended = counted(gone["sessions_ended"], "session")
            shell.out.done(
                gone,
                f"token {given.revoke} of {name} is worthless now ({ended} ended)",
            )
        else:
            _show_token(shell.out, office.ask("token.make", {"name": given.name}))
    return ExitCode.DONE


@log
def _show_token(out: Printer, made: dict[str, Any]) -> None:
    out.done(made, made["token"])
    if not out.as_json:
        number, name = made["token_id"], made["account_name"]
        out.say(f"token {number} of {name}: it is shown only now")
