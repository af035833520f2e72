"""Look up by which certificate one server is known: somebody trusts it, or it said so.

What somebody trusts stands in the file of known servers. What was met last at a place,
and what a server of this machine has said of itself without TLS, stands in notes.
"""

from __future__ import annotations

import contextlib

from client.filing import home_of, is_here, respelled, spellings
from client.known_servers import KnownServers, Pin
from client.stream import Address, place
from common.fingerprints import read_fingerprint
from decorators import log
from errors import SettingsError

__all__ = ["Pins"]


class Pins:
    """What is known of the server at one place, however that is spelled."""

    @log
    def __init__(
        self,
        address: Address,
        port: int,
        known: KnownServers | None,
        notes: KnownServers | None,
    ) -> None:
        """Read the notes, which count for as long as we run.

        A server that was taken for what it is without TLS stays so until the next
        start, or one that begins anew meanwhile would not be talked to again.
        """
        self.where = place(address, port)
        self.home = home_of(address, port)
        self._spellings = spellings(address, port)
        self._known = known
        self._notes = notes
        self._met: Pin | None = None
        try:
            self._met = notes.find(self.home) if notes else None
        except SettingsError:
            # People talk also where their state can't be read.
            self._notes = None
        # Elsewhere a certificate that somebody has taken out is to be met anew.
        self._noted = self._met if self.is_here else None

    @property
    @log
    def is_here(self) -> bool:
        """Tell whether the place is one of this machine, by how it is spelled."""
        return is_here(self.home)

    @log
    def find(self) -> Pin | None:
        """Return by which certificate the server is known; raises SettingsError."""
        for where in self._spellings if self._known else ():
            found = self._known.find(where) if self._known else None
            if found is not None:
                return found
        return self._noted

    @property
    @log
    def former(self) -> str:
        """The certificate with which a server was met here last, or ""."""
        return self._met.fingerprint if self._met else ""

    @log
    def is_note(self, pin: Pin) -> bool:
        """Tell whether nobody has looked at a certificate yet, so it may change."""
        return pin is self._noted

    @log
    def pin(self, fingerprint: str, *, replace: bool) -> Pin:
        """Remember a certificate that somebody trusts; return what is known now.

        Raises OSError and SettingsError as KnownServers does.
        """
        known = Pin(fingerprint, 0)
        if self._known is not None:
            spelled = [one for one in self._spellings if self._known.find(one)]
            for where in spelled or [self.where]:
                known = self._known.pin(where, fingerprint, replace=replace)
        return known

    @log
    def note(self, fingerprint: str) -> None:
        """Write down, for the next start, what the server here is."""
        if self._notes is None:
            return
        # It is told nothing different where it can't be kept.
        with contextlib.suppress(OSError, SettingsError, ValueError):
            self._notes.pin(self.home, read_fingerprint(fingerprint), replace=True)

    @property
    @log
    def are_any(self) -> bool:
        """Tell whether any server is known at all; raises SettingsError."""
        return any(file.are_any for file in (self._known, self._notes) if file)

    @log
    def known_as(self, fingerprint: str) -> Address:
        """Return where somebody has trusted a certificate, or ""."""
        found = self._known.places_of(fingerprint) if self._known else []
        return found[0] if found else ""

    @log
    def is_noted(self, fingerprint: str) -> bool:
        """Tell whether a server of this machine has said that this is its certificate.

        Nobody has compared it then.
        """
        found = self._notes.places_of(fingerprint) if self._notes else []
        return any(is_here(one) for one in found)

    @log
    def places(self, fingerprint: str = "") -> list[Address]:
        """Return how the place may be spelled, and where else a certificate was met."""
        found = [*self._spellings, self.home]
        for file in (self._known, self._notes) if fingerprint else ():
            for one in file.places_of(fingerprint) if file else ():
                found += respelled(one)
        return list(dict.fromkeys(found))

    @log
    def line_of(self, pin: Pin) -> str:
        """Return which line of which file says so, or "" where none does."""
        file = self._notes if self.is_note(pin) else self._known
        return f"line {pin.line} of {file.path}" if file and pin.line else ""

    @property
    @log
    def path(self) -> str:
        """Where the known servers are kept, for sentences."""
        return str(self._known.path) if self._known else ""
