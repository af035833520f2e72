"""Which way to a server is good enough: TLS or none, and whose certificate.

Nothing of ours is sent before the judgement. Without a CA any certificate passes
OpenSSL, and then it is its fingerprint that must be the known one, as ssh does it.
"""

from __future__ import annotations

import ssl

from client.known_servers import KnownServers, Pin
from client.stream import place
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
        self, settings: ClientSettings, known: KnownServers | None = None
    ) -> None:
        """Take the rules from the settings; raises SettingsError.

        Without a file of `known` servers all are met for the first time.
        """
        self.where = place(settings.address, settings.port)
        self._known = known
        self._tls = settings.tls
        self._given = _read(settings.fingerprint)
        self._accepted = ""
        #: The fingerprint of what was judged right last; "" where there was no TLS.
        self.seen = ""
        if settings.tls is False and (settings.ca or settings.fingerprint):
            raise SettingsError(
                "tls is switched off, but a ca or a fingerprint is given: only TLS "
                "has certificates",
                ExitCode.USAGE,
            )
        self._must_show = bool(settings.ca or settings.fingerprint)
        self._has_ca = bool(settings.ca)
        self._context = _context(settings.ca) if settings.ca else None

    @log
    def wants_tls(self, peer: Label) -> bool:
        """Tell whether a connection to the address `peer` is to be TLS.

        It is the connection's own address that counts: a name may lead anywhere.
        """
        if self._must_show:
            return True
        return not is_loopback(peer) if self._tls is None else self._tls

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
                raise self._not_the_given(fingerprint)
            self._remember(fingerprint, replace=True)
        elif not self._has_ca and not self._knows(fingerprint):
            return fingerprint
        self.seen = fingerprint
        return ""

    @log
    def _knows(self, fingerprint: str) -> bool:
        """Tell whether a server is known; raises Distrusted if by another one."""
        found = self._known.find(self.where) if self._known else None
        known = found or Pin(self._accepted, 0)
        if not known.fingerprint:
            return False
        self._compare(fingerprint, known)
        return True

    @log
    def accept(self, fingerprint: str) -> str:
        """Remember a certificate that somebody trusts; return what prevents it, or "".

        Raises Distrusted where another client has learned of another one meanwhile.
        """
        self._accepted = fingerprint
        return self._remember(fingerprint, replace=False)

    @log
    def _remember(self, fingerprint: str, *, replace: bool) -> str:
        if self._known is None:
            return ""
        try:
            known = self._known.pin(self.where, fingerprint, replace=replace)
        except OSError as error:
            return (
                f"{self._known.path} can't be written ({error.strerror}): the next "
                f"start will not know {self.where} again"
            )
        self._compare(fingerprint, known)
        return ""

    @log
    def _compare(self, fingerprint: str, known: Pin) -> None:
        if fingerprint == known.fingerprint:
            return
        way_out = f"start once with --fingerprint {shown(fingerprint)}"
        if self._known and known.line:
            way_out = f"remove line {known.line} of {self._known.path}, or\n{way_out}"
        raise Distrusted(
            f"THE CERTIFICATE OF {self.where} HAS CHANGED.\n"
            f"  known: {shown(known.fingerprint)}\n"
            f"  shown: {shown(fingerprint)}\n"
            "Either its owner has made a new one, or somebody stands between you and\n"
            "the server and would read all you write. Nothing was sent. Ask the\n"
            "owner, on another way, which one is right. If it is the new one:\n"
            f"{way_out}"
        )

    @log
    def _not_the_given(self, fingerprint: str) -> Distrusted:
        return Distrusted(
            f"{self.where} shows another certificate than the one you were given.\n"
            f"  given: {shown(self._given)}\n"
            f"  shown: {shown(fingerprint)}\n"
            "Somebody may stand between you and the server; nothing was sent. Ask the\n"
            "server's owner which one is right."
        )


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
