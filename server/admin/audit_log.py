"""`audit show` and `audit verify`: the audit log, read and checked."""

from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from decorators import log
from errors import ExitCode, Refused
from server.admin.office import require_database
from server.admin.printing import Column
from server.admin.shell import Shell
from server.audit_file import Head, entries_of
from server.audit_file import verify as verify_file

__all__ = ["known_head", "show", "verify"]

_ENTRIES = (
    Column("number", "number"),
    Column("time", "time"),
    Column("what", "what"),
    Column("who", "who"),
    Column("whom", "whom"),
    Column("where", "where"),
    Column("how", "how"),
)


@log
def show(shell: Shell) -> int:
    """Print the last entries, or all."""
    last: int = shell.given.last
    path = shell.folder / "audit.log"
    rows: deque[dict[str, Any]] = deque(maxlen=last or None)
    try:
        for _, entry in entries_of(path):
            if entry is not None:
                rows.append(msgspec.structs.asdict(entry))
    except FileNotFoundError:
        pass  # nothing was ever noted
    except OSError as error:
        raise Refused(f"{path} can't be read: {error.strerror}") from error
    shell.out.table(rows, _ENTRIES)
    return ExitCode.DONE


@log
def verify(shell: Shell) -> int:
    """Look for entries that were changed, taken out, put in or cut off."""
    require_database(shell.folder)
    path = shell.folder / "audit.log"
    known = known_head(shell.folder)
    try:
        problems = verify_file(path, known)
    except OSError as error:
        raise Refused(f"{path} can't be read: {error.strerror}") from error
    if shell.out.as_json:
        shell.out.fields({"ok": not problems, "problems": problems})
    elif problems:
        for problem in problems:
            shell.out.line(problem)
    else:
        shell.out.line(f"all {known.number} entries are as they were written")
    return ExitCode.REFUSED if problems else ExitCode.DONE


@log
def known_head(folder: Path) -> Head:
    """Return what the database knows of the last entry."""
    from server.store.lookups import audit_head
    from server.store.outside import reading

    with reading(folder) as connection:
        return Head(*audit_head(connection))
