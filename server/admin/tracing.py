"""Trace a message (`trace`): to whom it came, and why not to others; no texts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.names import fold
from decorators import log
from errors import ExitCode, ProgramError
from server.admin.office import require_database, running
from server.admin.printing import Column, moment
from server.admin.receipt_times import receipt_times
from server.admin.shell import Shell

if TYPE_CHECKING:
    from server.store.tracing import HasIt, Reader, Traced

__all__ = ["trace"]

_PEOPLE = (
    Column("account_name", "for"),
    Column("device_id", "device"),
    Column("state", "state"),
    Column("got", "got it by"),
    Column("read", "read it by"),
    Column("reason", "because"),
)
_AT_ONCE = 500
_Rows = list[dict[str, Any]]


@log
def trace(shell: Shell) -> int:
    """Print when a message was stored, and how far it is with each of its readers."""
    from server.store import tracing

    require_database(shell.folder)
    tracing.trace(shell.folder, shell.given.message)  # else nobody has to be asked
    first = tracing.trace(shell.folder, shell.given.message)
    live = _connections(shell.folder, [reader.identity for reader in first.readers])
    # Again: what devices have said is in the database before the server answers.
    found = tracing.trace(shell.folder, shell.given.message)
    head = {
        "message_id": found.message_id,
        "stored": found.time,
        "from": found.sender_name,
        "to": found.to,
        "characters": found.characters,
        "device_id": found.device or None,
        "number": found.number,
    }
    rows = list(_rows(found, live))
    _add_times(shell, found, rows)
    only = shell.given.person
    if only is not None:
        rows = [one for one in rows if fold(one["account_name"]) == fold(only)]
        if not rows:
            rows = [_row(only, None, "not for them", "is not in it now")]
    if shell.out.as_json:
        shell.out.fields(head | {"people": rows})
        return ExitCode.DONE
    shell.out.fields(head | {"stored": moment(found.time, seconds=True)})
    shell.out.table([_as_told(row) for row in rows], _PEOPLE)
    return ExitCode.DONE


@log
def _connections(folder: Path, people: list[int]) -> _Rows | None:
    """Return the connections of people; None where no server says so."""
    try:
        with running(folder) as office:
            if office is None:
                return None
            rows = []
            for start in range(0, len(people), _AT_ONCE):
                page = people[start : start + _AT_ONCE]
                rows += office.ask("trace", {"people": page})["rows"]
            # It writes its log behind an answer, so before the next one.
            office.ask("trace", {"people": []})
            return rows
    except ProgramError:
        return None  # it does not answer: what the files know is shown all the same


@log
def _rows(found: "Traced", live: _Rows | None) -> Iterator[dict[str, Any]]:
    """Yield a row for each device of each reader, but the one it came from."""
    for reader in found.readers:
        mine = [one for one in live or () if one["identity"] == reader.identity]
        name, why = reader.name, _why_not(found, reader)
        if why:
            yield _row(name, None, "not for them", why)
            continue
        for device in reader.devices:
            if device.device == found.device:
                continue
            there = [one for one in mine if one["device_id"] == device.device]
            if device.has_it:
                state, why = "delivered", ""
            elif there:
                state, why = _on_its_way(there[0])
            else:
                state, why = "waits", f"was last here {moment(device.seen)}"
            yield _row(name, device.device, state, why) | _keys(found, reader, device)
        for one in mine:
            if not one["device_id"] and reader.identity != found.sender:
                state, why = _on_its_way(one)
                if reader.has_read:
                    state, why = "delivered", ""
                yield _row(name, None, state, why) | _keys(found, reader, None)
        if not reader.devices and not mine and reader.identity != found.sender:
            why = "is gone" if reader.kind == "former" else "has no device yet"
            yield _row(name, None, "waits", why) | _keys(found, reader, None)


@log
def _why_not(found: "Traced", reader: "Reader") -> str:
    """Return why a reader is not to have it; nothing where they are."""
    if reader.since >= found.message_id:
        return "came into the room behind it"
    if reader.had_blocked:
        return f"had blocked {found.sender_name}"
    return ""


@log
def _on_its_way(connection: dict[str, Any]) -> tuple[str, str]:
    """Return the state of what a connection has not confirmed, and the reason."""
    away = ", away" if connection["away"] else ""
    if connection["fed_up_to"] is not None:
        return "queued", f"gets what it has missed, now at {connection['fed_up_to']}"
    if connection["owed_bytes"]:
        owed = connection["owed_bytes"]
        return "queued", f"does not read: {owed:,} bytes wait for it{away}"
    return "written", f"is here{away}, and has not said that it has it"


@log
def _row(name: str, device: int | None, state: str, reason: str) -> dict[str, Any]:
    return {
        "account_name": name,
        "device_id": device,
        "state": state,
        "got": None,
        "read": None,
        "reason": reason,
    }


@log
def _keys(found: "Traced", reader: "Reader", device: "HasIt | None") -> dict[str, Any]:
    """Return how a row's times are found; true where they are to be looked for."""
    got = str(device.device) if device is not None and device.has_it else None
    read = f"{reader.identity}/{found.conversation}" if reader.has_read else None
    return {"got": got, "read": read}


@log
def _add_times(shell: Shell, found: "Traced", rows: _Rows) -> None:
    """Put times where they are known, and true where it is only known that it was."""
    from log_config.loader import default_folder

    folder = shell.settings.log_dir
    wanted = {row[key] for row in rows for key in ("got", "read") if row[key]}
    times = receipt_times(
        Path(folder) if folder else default_folder(),
        found.message_id,
        found.time,
        wanted,
    )
    for row in rows:
        for key in ("got", "read"):
            if row[key] is not None:
                row[key] = times.get(row[key], True)


@log
def _as_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for people: times as they read them."""
    told = dict(row)
    for key in ("got", "read"):
        if isinstance(row[key], float):
            told[key] = moment(row[key], seconds=True)
    return told
