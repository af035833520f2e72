"""`status` and `check`: how the server is, and whether anything is wrong."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from common.fingerprints import shown
from common.server_settings import ServerSettings
from decorators import log
from errors import ExitCode, ProgramError, SettingsError, StartError
from server.admin.audit_log import look_over
from server.admin.office import require_database, running
from server.admin.printing import Column, moment
from server.admin.shell import Shell
from server.entrance import entrance_of

__all__ = ["check", "clock", "status"]

# Time to get a new certificate, which may take somebody else's signature.
_CERTIFICATE_DAYS = 14
_LEAST_FREE_BYTES = 200_000_000
_TROUBLES = (
    ("disk", "trouble"),
    ("clock", "clock_trouble"),
    ("audit log", "audit_trouble"),
)
_FINDINGS = (Column("about", "about"), Column("sentence", "what is wrong"))


@log
def status(shell: Shell) -> int:
    """Print how the server is; the exit code says whether one runs."""
    from server.store.counting import count

    document: dict[str, Any] = {"running": False, "data_folder": str(shell.folder)}
    code = ExitCode.UNREACHABLE
    with running(shell.folder) as office:
        if office is not None:
            state = office.ask("status")
            place = state.pop("place") or {}
            state["comes_in"] = state["comes_in"]["sentence"]
            document |= {"running": True} | place | state
            code = ExitCode.DONE
    if document.get("keeps_history", True) and (shell.folder / "messenger.db").exists():
        counts = msgspec.to_builtins(count(shell.folder))
        files = counts.pop("files")
        kept = {key: counts[key] for key in ("messages", "first_time", "last_time")}
        document |= kept | {
            "database_bytes": sum(files.values()),
            "free_bytes": shutil.disk_usage(shell.folder).free,
        }
    if not shell.out.as_json:
        words = "runs" if document.pop("running") else "does not run"
        shell.out.line(f"the server {words}")
        if document.get("fingerprint"):
            document["fingerprint"] = shown(document["fingerprint"])
    shell.out.fields(document)
    return code


@log
def clock(shell: Shell) -> int:
    """Print by which time the server deletes, or have it trust this machine's clock."""
    trusts = shell.given.trust
    with shell.office() as office:
        state = office.ask("clock.trust" if trusts else "clock.show")
    if trusts:
        until = moment(state["deletes_by"])
        shell.out.done(state, f"it is {until}: what is old by that is deleted again")
    else:
        shell.out.fields(state)
    return ExitCode.DONE


@log
def check(shell: Shell) -> int:
    """Look at everything that can be wrong; the exit code says whether something is."""
    require_database(shell.folder)
    in_force = _in_force(shell)
    findings = [
        {"about": about, "sentence": sentence}
        for about, sentence in _findings(in_force, shell.folder)
    ]
    entrance = entrance_of(in_force.settings)
    if shell.out.as_json:
        document = {"ok": not findings, "findings": findings}
        shell.out.fields(document | {"comes_in": entrance.sentence})
    elif findings:
        shell.out.table(findings, _FINDINGS)
    else:
        shell.out.line("all is well")
    if not shell.out.as_json:
        # No fault, for it may be wanted; but nobody should have to guess it.
        for row in entrance.rows():
            shell.out.line(row)
    return ExitCode.REFUSED if findings else ExitCode.DONE


class _InForce(msgspec.Struct):
    """What a server goes by: the one that runs, else one that would be started here.

    Paths among the settings begin from `folder`. `certificate` is what clients are
    shown, as DER; empty where none runs.
    """

    settings: ServerSettings
    folder: str = ""
    certificate: bytes = b""

    @log
    def path(self, text: str) -> Path:
        return Path(self.folder, text)


@log
def _in_force(shell: Shell) -> _InForce:
    # What hinders the one that runs from answering is found by `_of_server`.
    with contextlib.suppress(ProgramError), running(shell.folder) as office:
        if office is not None:
            return msgspec.convert(office.ask("in_force"), _InForce)
    return _InForce(shell.settings)


@log
def _findings(in_force: _InForce, folder: Path) -> Iterator[tuple[str, str]]:
    from server.store.checking import check as check_store

    for finding in check_store(folder):
        yield finding.about, finding.sentence
    yield from _of_certificate(in_force, folder)
    yield from _of_disk(folder)
    yield from _of_audit(folder)
    yield from _of_settings(in_force)
    yield from _of_server(folder)


@log
def _of_certificate(in_force: _InForce, folder: Path) -> Iterator[tuple[str, str]]:
    settings = in_force.settings
    if settings.tls == "off":
        return
    from server.certificates import end_of, end_of_der

    is_given = bool(settings.tls_certificate)
    path = in_force.path(settings.tls_certificate) if is_given else folder / "tls.crt"
    key = in_force.path(settings.tls_key) if is_given else folder / "tls.key"
    if not is_given and not path.exists():
        return  # the next start makes it
    ends = []
    if in_force.certificate:
        ends.append(end_of_der(in_force.certificate))
    try:
        ends.append(end_of(path))
        if is_given and key.stat().st_mode & 0o077:
            yield "certificate", f"others may read {key}: chmod 600 keeps them out"
    except StartError as error:
        yield "certificate", str(error)
    except OSError as error:
        yield "certificate", f"{key} can't be read: {error.strerror}"
    for end in sorted(ends)[:1]:
        left = end - datetime.now(UTC)
        if left.days < _CERTIFICATE_DAYS:
            verb = "ends" if left > timedelta(0) else "has ended"
            yield (
                "certificate",
                f"the certificate {verb} on {end:%Y-%m-%d}: put a new one there, "
                f"{path}, and reload a server that runs (SIGHUP)",
            )


@log
def _of_disk(folder: Path) -> Iterator[tuple[str, str]]:
    free = shutil.disk_usage(folder).free
    wanted = max(_LEAST_FREE_BYTES, (folder / "messenger.db").stat().st_size // 10)
    if free < wanted:
        yield (
            "disk",
            f"{free // 1_000_000:,} MB are free beside {folder}: make room, at least "
            f"{wanted // 1_000_000:,} MB",
        )


@log
def _of_audit(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        for sentence in look_over(folder).problems:
            yield "audit log", sentence
    except (OSError, ProgramError) as error:
        yield "audit log", str(error)


@log
def _of_settings(in_force: _InForce) -> Iterator[tuple[str, str]]:
    settings = in_force.settings
    # What is no setting at all has ended this program before.
    if settings.log_config:
        from log_config.plan import read_plan

        try:
            read_plan(in_force.path(settings.log_config))
        except SettingsError as error:
            yield "settings", str(error)
    folder = in_force.path(settings.log_dir)
    if settings.log_dir and folder.exists() and not os.access(folder, os.W_OK):
        yield "settings", f"log_dir: {folder} can't be written"
    if settings.plain_passwords:
        yield (
            "settings",
            "plain_passwords is on: passwords cross the network for all to read",
        )
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        yield "settings", "tls_certificate and tls_key belong together: give both"


@log
def _of_server(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what a running server has to complain of."""
    try:
        with running(folder) as office:
            if office is not None:
                state = office.ask("status")
                for about, key in _TROUBLES:
                    if state[key]:
                        yield about, state[key]
    except ProgramError as error:
        yield "server", str(error)
