"""`backup`, `restore`, `export`: what is kept, copied and read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from decorators import log
from errors import ExitCode, ProgramError, Refused
from log_config.private_files import open_private
from server.admin.audit_log import look_over
from server.admin.office import require_database
from server.admin.printing import counted, json_line, size
from server.admin.shell import Shell

__all__ = ["back_up", "export", "restore"]


@log
def back_up(shell: Shell) -> int:
    """Copy the database, also while the server runs."""
    from server.store.backups import back_up as copy

    require_database(shell.folder)
    target = Path(shell.given.file)
    amount = copy(shell.folder, target)
    shell.out.done(
        {"file": str(target), "bytes": amount},
        f"{target} holds everything as of now, {size(amount)}",
    )
    return ExitCode.DONE


@log
def restore(shell: Shell) -> int:
    """Put a backup into the place of the database; no server may run."""
    from server.admin.offline import offline
    from server.store.restoring import restore as put_back

    source = Path(shell.given.file)
    problem = _problem_of_audit(shell.folder)
    former = put_back(source, shell.folder)
    # What the backup knows of the log's end is old, or of another folder's log.
    with offline(shell.settings, trusts_audit_log=True) as office:
        office.ask("restore.note", {"file": source.name, "problem": problem})
    before = f"; the database of before is {former}" if former else ""
    shell.out.done(
        {"file": str(source), "former": None if former is None else str(former)},
        f"{source} is restored{before}",
    )
    return ExitCode.DONE


@log
def _problem_of_audit(folder: Path) -> str:
    """Return the first thing that is wrong with the log: it can't be found later."""
    try:
        return next(iter(look_over(folder).problems), "")
    except (OSError, ProgramError):
        return ""  # there is no log, or no database that knows of one


@log
def export(shell: Shell) -> int:
    """Write what was said as JSON lines; who is concerned is told before."""
    from server.store.exporting import export as read

    given = shell.given
    room = given.room
    if room is not None and not room.startswith("#"):
        room = f"#{room}"
    if given.file != "-" and os.path.lexists(given.file):
        raise _taken(given.file)
    with shell.office() as office:
        asked = {"room": room, "person": given.person}
        told = office.ask("export.note", asked)["told"]
    count = 0
    with _output(given.file) as stream:
        for row in read(shell.folder, given.person, room):
            stream.write(json_line(row))
            count += 1
    summary = f"{counted(count, 'message')}; told of it: {told or 'nobody'}"
    if given.file == "-":
        shell.out.say(summary)
    else:
        document = {"file": given.file, "messages": count, "told": told}
        shell.out.done(document, f"{given.file}: {summary}")
    return ExitCode.DONE


@contextmanager
@log
def _output(file: str) -> Iterator[TextIO]:
    """Give standard output, or a new file that only we may read."""
    if file == "-":
        yield sys.stdout
        return
    try:
        descriptor = open_private(Path(file), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        raise _taken(file) from None
    except OSError as error:
        raise Refused(f"{file} can't be written: {error.strerror}") from error
    with open(descriptor, "w", encoding="utf-8") as stream:
        yield stream


@log
def _taken(file: str) -> Refused:
    return Refused(f"{file} is there already: name a new file, or remove that one")
