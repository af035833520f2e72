"""Which way to a server is good enough: TLS or none, and whose certificate.

Nothing of ours is sent before the judgement. Without a CA any certificate passes
OpenSSL, and then it is its fingerprint that must be the known one, as ssh does it.
"""

from __future__ import annotations

import ssl

from client.distrust import not_the_given, not_the_known
from client.known_servers import KnownServers, Pin
from client.pins import Pins
from client.stream import Address, place
from common.addresses import is_loopback
from common.client_settings import ClientSettings
from common.fingerprints import fingerprint_of, read_fingerprint, shown
from common.names import Label
from decorators import log
from errors import Distrusted, ExitCode, SettingsError

__all__ = ["Trust"]


class Trust:
    """What one server has to show before anything is sent to it."""

    @log
    def __init__(
        self,
        settings: ClientSettings,
        known: KnownServers | None = None,
        notes: KnownServers | None = None,
    ) -> None:
        """Take the rules from the settings; raises SettingsError.

        Without a file of `known` servers all are met for the first time. In `notes`
        stand the servers of this machine, by what they said of themselves.
        """
        self.where = place(settings.address, settings.port)
        self.pins = Pins(settings.address, settings.port, known, notes)
        self._tls = settings.tls
        self._given = _read(settings.fingerprint)
        self._accepted = ""
        #: It was noted with another certificate, and may be another server.
        self.has_changed = False
        #: The fingerprint of what was judged right last; "" where there was no TLS.
        self.seen = ""
        if settings.tls is False and (settings.ca or settings.fingerprint):
            raise SettingsError(
                "tls is switched off, but a ca or a fingerprint is given: only TLS "
                "has certificates",
                ExitCode.USAGE,
            )
        self._has_ca = bool(settings.ca)
        self._context = _context(settings.ca) if settings.ca else None

    @log
    def wants_tls(self, peer: Label) -> bool:
        """Tell whether a connection to the address `peer` is to be TLS.

        It is the connection's own address that counts: a name may lead anywhere. What
        is known of a server of this machine has to be shown as well: whoever has taken
        its port would get what is meant for it.
        """
        if self._given or self._has_ca:
            return True
        if self._tls is not None:
            return self._tls
        return not is_loopback(peer) or self._pin() is not None

    @property
    @log
    def is_settled(self) -> bool:
        """Tell whether it is known what the server is, so that it has to prove it.

        One of this machine without TLS is as settled as it can be. Raises
        SettingsError.
        """
        pin = self._pin()
        if self._given:
            return pin is None or pin.fingerprint == self._given
        if self._has_ca or (self._tls is False and self.pins.is_here):
            return True
        return self._tls is not False and pin is not None

    @property
    @log
    def may_be_plain(self) -> bool:
        """Tell whether a stranger may be talked to without TLS, on this machine."""
        return self._tls is None and not self._given and self.pins.is_here

    @log
    def recognize(self, fingerprint: str) -> None:
        """Take a server of this machine for the known one whose certificate it shows.

        Whoever shows it has its key, at whatever port.
        """
        if self.pins.known_as(fingerprint) or self.pins.is_noted(fingerprint):
            self._accepted = fingerprint
            self.note(shown(fingerprint))

    @log
    def note(self, fingerprint: str) -> None:
        """Take what a server of this machine says of its certificate, without TLS.

        It has had all that was meant for it already, and from the next start on it
        proves what it is.
        """
        if self._tls is None and fingerprint:
            self.pins.note(fingerprint)

    @property
    @log
    def identity(self) -> Address:
        """What is known of the server, for what is filed under it (client/filing.py).

        Nothing that is filed under a certificate may go to who has not shown it; that
        is what `judge` sees to. Raises SettingsError.
        """
        if self._has_ca:
            return f"{self.pins.home} by its CA"
        fingerprint = self._fingerprint
        return shown(fingerprint) if fingerprint else self.pins.home

    @property
    @log
    def earlier(self) -> list[Address]:
        """Under what else it may be filed what belongs to this server."""
        fingerprint = "" if self._has_ca else self._fingerprint
        found = self.pins.places(fingerprint)
        if fingerprint and self.pins.former:
            # Somebody has trusted another certificate at this place since then.
            found.append(shown(self.pins.former))
        return [one for one in found if one != self.identity]

    @log
    def context(self) -> ssl.SSLContext:
        """Return the terms of a handshake."""
        if self._context is None:
            self._context = _context("")
        return self._context

    @log
    def judge(self, certificate: bytes) -> str:
        """Return "" where a certificate (DER) is the right one, and remember it.

        Returns its fingerprint where the server is met for the first time; raises
        Distrusted where it is another one than that which is known.
        """
        fingerprint = fingerprint_of(certificate)
        if self._given:
            if fingerprint != self._given:
                raise not_the_given(self.where, self._given, fingerprint)
            self._remember(fingerprint, replace=True)
        elif not self._has_ca and not self._knows(fingerprint):
            return fingerprint
        self.seen = fingerprint
        if not (self._has_ca or self.pins.is_here):
            self.pins.note(shown(fingerprint))
        return ""

    @property
    @log
    def _fingerprint(self) -> str:
        """The certificate that the server has to show, if that is known."""
        if self._tls is False:
            return ""
        pin = self._pin()
        return self._given or (pin.fingerprint if pin else "")

    @log
    def _pin(self) -> Pin | None:
        """Return by which certificate the server is known, the given one aside."""
        found = self.pins.find()
        if self._accepted and (found is None or self.pins.is_note(found)):
            return Pin(self._accepted, 0)
        return found

    @log
    def _knows(self, fingerprint: str) -> bool:
        """Tell whether a server is known; raises Distrusted if by another one."""
        known = self._pin()
        if known is None:
            return False
        if fingerprint != known.fingerprint and self.pins.is_note(known):
            # On one machine servers come and go: who is there may be asked.
            self.has_changed = True
            return False
        self._compare(fingerprint, known)
        return True

    @log
    def accept(self, fingerprint: str) -> str:
        """Remember a certificate that somebody trusts; return what prevents it, or "".

        Raises Distrusted where another client has learned of another one meanwhile.
        """
        self._accepted = fingerprint
        if self.has_changed:
            self.has_changed = False
            self.note(shown(fingerprint))
            return ""
        return self._remember(fingerprint, replace=False)

    @log
    def changed(self, fingerprint: str) -> Distrusted:
        """Return what to say of a certificate that is not the known one."""
        known = self._pin() or Pin("", 0)
        line = self.pins.line_of(known)
        return not_the_known(self.where, known.fingerprint, fingerprint, line)

    @log
    def _remember(self, fingerprint: str, *, replace: bool) -> str:
        try:
            known = self.pins.pin(fingerprint, replace=replace)
        except OSError as error:
            return (
                f"{self.pins.path} can't be written ({error.strerror}): the next "
                f"start will not know {self.where} again"
            )
        self._compare(fingerprint, known)
        return ""

    @log
    def _compare(self, fingerprint: str, known: Pin) -> None:
        if fingerprint != known.fingerprint:
            line = self.pins.line_of(known)
            raise not_the_known(self.where, known.fingerprint, fingerprint, line)


@log
def _read(fingerprint: str) -> str:
    if not fingerprint:
        return ""
    try:
        return read_fingerprint(fingerprint)
    except ValueError as error:
        raise SettingsError(f"the setting fingerprint is wrong: {error}") from error


@log
def _context(ca: str) -> ssl.SSLContext:
    """Return the terms: TLS 1.2 and up, and who vouches for the server, if anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if not ca:
        # The fingerprint is looked at instead, before anything is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        context.load_verify_locations(cafile=ca)
    except OSError as error:
        # OpenSSL's own errors are of this kind too, with words for nobody.
        is_file = not isinstance(error, ssl.SSLError)
        why = (error.strerror if is_file else "") or "it holds no PEM certificate"
        raise SettingsError(f"the CA file {ca} can't be used: {why}") from error
    return context
