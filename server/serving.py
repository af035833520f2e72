"""Run a server: open what it needs, in order, and close it again."""

import contextlib
import gc
import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from common import __version__
from common.fingerprints import shown
from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from errors import ExitCode, NotStored, ProgramError, SettingsError, StartError
from log_config import loader
from log_config.private_files import make_private_folder
from server.audit import Audit
from server.clock import Clock, steady
from server.crew import make_crew
from server.doors import open_doors, ports_in_words
from server.first_owner import invite_owner
from server.hangup import reloads_on_hangup
from server.hub import Hub
from server.listening import listen
from server.local_socket import SOCKET_NAME, listen_at
from server.loop import Hooks, Loop
from server.notify import Notifier
from server.own_addresses import own_addresses
from server.place import Place
from server.rules_in_force import rules_in_force
from server.store.files import default_folder
from server.store.opening import open_store

if TYPE_CHECKING:
    import socket

    from server.certificates import Pair
    from server.tls import Keyring

__all__ = ["serve"]

_logger = logging.getLogger("server")


class _Ground(NamedTuple):
    """What a server stands on: its settings and folders, and where it is reached."""

    settings: ServerSettings
    data: Path
    log_folder: Path
    addresses: list[Label]
    reloads: bool


@log
def serve(settings: ServerSettings) -> int:
    """Serve until a signal ends it; return the exit code.

    Raises a ProgramError with a sentence where it can't start, or can't go on.
    """
    log_folder = Path(settings.log_dir) if settings.log_dir else loader.default_folder()
    data = Path(settings.data_dir) if settings.data_dir else default_folder()
    addresses = own_addresses(settings.ip, settings.public_address)
    reloads = reloads_on_hangup(settings.hangup, os.environ)
    ground = _Ground(settings, data, log_folder, addresses, reloads)
    _configure(ground)
    with contextlib.ExitStack() as closing:
        # Before the database, which may take a moment: who finds the port in use
        # should not wait for it.
        listeners = listen(settings.ip, settings.port)
        for listener in listeners:
            closing.enter_context(listener)
        doors = open_doors(settings, closing)
        _raise_descriptor_limit()
        store, kept = open_store(settings)
        closing.callback(store.close)
        if not settings.history:
            _make_folder(data)
        keyring = _open_keyring(ground)
        admin = closing.enter_context(_admin_socket(ground))
        crew = make_crew(store)
        closing.callback(crew.close)
        # With --no-history there is no database to keep the end of the audit log.
        folder = data if settings.history else None
        audit = Audit(
            folder,
            store.audit_head(),
            syncs=settings.durability == "full",
            keep_days=settings.keep_audit_days,
        )
        now, wall = time.monotonic(), time.time()
        try:
            clock = Clock(*store.clock(), steady(), wall)
            hub = Hub(settings, store, crew, now, clock, audit)
        except NotStored as error:
            raise StartError(str(error)) from error
        port = listeners[0].getsockname()[1]
        fingerprint = None if keyring is None else keyring.fingerprint
        log_file = str(log_folder / "server.log")
        shows = b"" if keyring is None else keyring.certificate
        hub.place = Place(
            tuple(ground.addresses), port, fingerprint, log_file, wall, shows
        )
        audit.note("started", who="server", how=rules_in_force(settings))
        invite_owner(hub, data)
        line = _start_line(ground, hub.place, kept)
        notifier = Notifier(os.environ)
        closing.callback(notifier.close)
        hooks = _hooks(ground, line, hub, keyring, notifier)
        loop = Loop(
            settings, hub, listeners, hooks, keyring=keyring, admin=admin, doors=doors
        )
        _relax_collector()
        in_peace = loop.run()
        hub.close()
    _logger.info("stopped")
    return ExitCode.DONE if in_peace else ExitCode.INTERRUPTED


# -------------------------------------------------------------------- opening


@log
def _configure(ground: _Ground) -> None:
    settings = ground.settings
    config = Path(settings.log_config) if settings.log_config else None
    folder = ground.log_folder
    loader.configure("server", folder, config, texts=settings.log_texts)


@log
def _make_folder(folder: Path) -> None:
    """Make the data folder for certificate and socket: there is no store to do it."""
    # What is wrong with it, who needs it will say.
    with contextlib.suppress(OSError):
        make_private_folder(folder)


@log
def _open_keyring(ground: _Ground) -> "Keyring | None":
    """Return the certificate in force; None where TLS is switched off."""
    if ground.settings.tls == "off":
        return None
    # Imported late: TLS may be switched off.
    from server.tls import Keyring

    return Keyring(_find_pair(ground))


@log
def _find_pair(ground: _Ground) -> "Pair":
    from server.certificates import given_pair, own_pair

    settings, now = ground.settings, datetime.now(UTC)
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate and key:
        return given_pair(Path(certificate), Path(key), now)
    if certificate or key:
        raise SettingsError("tls_certificate and tls_key go together: name both")
    return own_pair(ground.data, ground.addresses, now)


@contextlib.contextmanager
@log
def _admin_socket(ground: _Ground) -> "Iterator[socket.socket | None]":
    """Give the socket for the owner's shell; remove it in the end.

    Without history nothing keeps two servers from one folder; the second then has no
    such socket, as has one whose folder can't be written.
    """
    path = ground.data / SOCKET_NAME
    try:
        admin = listen_at(path)
    except StartError as error:
        if ground.settings.history:
            raise
        _logger.warning("the owner's shell has no way in: %s", error)
        yield None
        return
    with admin:
        try:
            yield admin
        finally:
            # What ends the server goes before that it can't be removed.
            with contextlib.suppress(OSError):
                path.unlink()


@log
def _start_line(ground: _Ground, place: Place, kept: str) -> Label:
    where = ", ".join(place.addresses)
    alone = "only this machine reaches it; " if place.is_here_alone else ""
    tls: str = ground.settings.tls
    if place.fingerprint is not None:
        tls = f"{tls}, certificate {shown(place.fingerprint)}"
    return Label(
        f"listening on {where}, port {place.port}; {alone}"
        f"{ports_in_words(ground.settings)}{kept}; TLS {tls}; log: {place.log_file}"
    )


# ----------------------------------------------------------------- while it runs


@log
def _hooks(
    ground: _Ground,
    line: Label,
    hub: Hub,
    keyring: "Keyring | None",
    notifier: Notifier,
) -> Hooks:
    """Return what the loop calls outside."""

    def started() -> None:
        _announce(line)
        notifier.ready(line)

    def reload() -> None:
        notifier.reloading(time.monotonic())
        _reload("the logging configuration", lambda: _configure(ground))
        if keyring is not None:
            _reload("the certificate", lambda: keyring.load(_find_pair(ground)))
            # What invitations and sign-ins say from now on.
            assert hub.place is not None
            hub.place = hub.place._replace(
                fingerprint=keyring.fingerprint, certificate=keyring.certificate
            )
        notifier.ready(line)

    def end_turn(quiet: bool) -> None:
        loader.flush("server", quiet=quiet)

    def end_watched_turn(quiet: bool) -> None:
        loader.flush("server", quiet=quiet)
        notifier.turned(time.monotonic())

    watched = notifier.has_watchdog
    ends = end_watched_turn if watched else end_turn
    reload_hook = reload if ground.reloads else None
    return Hooks(started, reload_hook, notifier.stopping, ends)


@log
def _announce(line: Label) -> None:
    """Say where the server is, to the log first: who reads the line may look there."""
    _logger.info("started, version %s, %s", __version__, line)
    loader.flush("server")
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@log
def _reload(what: str, read: Callable[[], None]) -> None:
    """Follow an edited file; a wrong one is told, and nothing changes."""
    try:
        read()
    except ProgramError as error:
        _logger.warning("not followed: %s", error)
    else:
        _logger.info("%s was read again", what)


@log
def _relax_collector() -> None:
    """Collect garbage seldom: nearly all of ours has no cycles and frees itself.

    With the defaults, thousands of idle connections are walked again and again, which
    the busy ones feel as pauses of milliseconds.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


@log
def _raise_descriptor_limit() -> None:
    """Allow as many connections as the system lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
