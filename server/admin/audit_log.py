"""`audit show` and `audit verify`: the audit log, read and checked."""

import contextlib
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from decorators import log
from errors import ExitCode, ProgramError, Refused
from server.admin.office import require_database, running
from server.admin.printing import Column
from server.admin.shell import Shell
from server.audit_file import Head, entries_of
from server.audit_verify import Verdict
from server.audit_verify import verify as verify_file

__all__ = ["look_over", "show", "verify"]

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
    try:
        verdict = look_over(shell.folder)
    except OSError as error:
        raise Refused(f"{path} can't be read: {error.strerror}") from error
    problems = verdict.problems
    if shell.out.as_json:
        document = {"ok": not problems, "problems": problems}
        shell.out.fields(document | {"remarks": verdict.remarks})
        return ExitCode.REFUSED if problems else ExitCode.DONE
    for sentence in problems:
        shell.out.line(sentence)
    if not problems:
        which = f"all {verdict.last} entries are"
        if verdict.first > 1:
            which = f"entries {verdict.first} to {verdict.last} are"
        shell.out.line(f"{which} as they were written")
    for sentence in verdict.remarks:
        shell.out.line(sentence)
    return ExitCode.REFUSED if problems else ExitCode.DONE


@log
def look_over(folder: Path) -> Verdict:
    """Return what is to be said of the audit log of `folder`; raises OSError.

    A running server has written entries before the database knows of them. It answers
    behind the end of a turn: then it does.
    """

    def known() -> Head:
        with contextlib.suppress(ProgramError), running(folder) as office:
            if office is not None:
                office.ask("status")
        return _known_head(folder)

    return verify_file(folder / "audit.log", known)


@log
def _known_head(folder: Path) -> Head:
    """Return what the database knows of the last entry."""
    from server.store.lookups import audit_head
    from server.store.outside import reading

    with reading(folder) as connection:
        return Head(*audit_head(connection))
