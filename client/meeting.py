"""The first meeting with a server: somebody says whether it is the right one."""

from __future__ import annotations

from client.line import Line, Tone
from client.screen import Leave, Screen
from client.tls import Trust
from common.fingerprints import read_fingerprint, shown
from common.safe_text import visible
from decorators import log
from errors import Distrusted

__all__ = ["hint_at_tls", "meet"]

# What a server speaks of that takes nobody without it; with it nobody is told so.
_TLS = "TLS"


@log
async def meet(trust: Trust, screen: Screen, fingerprint: str) -> Leave | None:
    """Show a certificate's fingerprint, and remember it if somebody trusts it.

    Without a terminal it is shown and remembered. Returns how somebody leaves who is
    asked; raises Distrusted where the answer is no.
    """
    where, known_as = visible(trust.where), visible(trust.pins.known_as(fingerprint))
    was_changed = trust.has_changed
    if was_changed:
        if not screen.interactive:
            raise trust.changed(fingerprint)
        screen.show(Line(Tone.TROUBLE, str(trust.changed(fingerprint))))
    elif known_as:
        screen.show(Line(Tone.TALK, f"{where} is the server that you know: {known_as}"))
    else:
        screen.show(Line(Tone.TALK, _introduction(trust, fingerprint)))
    if screen.interactive and (was_changed or not known_as):
        answer = await _ask(screen, fingerprint)
        if isinstance(answer, Leave):
            return answer
        if not answer:
            raise Distrusted(f"{where} is not trusted, and nothing was sent to it")
    problem = trust.accept(fingerprint)
    if problem:
        screen.show(Line(Tone.TROUBLE, visible(problem)))
    return None


@log
def _introduction(trust: Trust, fingerprint: str) -> str:
    what = f"its certificate's fingerprint is {shown(fingerprint)}"
    if trust.pins.is_noted(fingerprint):
        what += ", as a server of this machine has said of its own"
    return f"{visible(trust.where)} is met for the first time; {what}"


@log
async def _ask(screen: Screen, fingerprint: str) -> bool | Leave:
    """Ask until the answer is yes, no, or a fingerprint, which is compared."""
    question = "is it the right one? (yes, no, or what the server's owner told you)"
    while True:
        answer = await screen.ask(question)
        if isinstance(answer, Leave):
            return answer
        word = answer.strip().casefold()
        if word in ("yes", "y"):
            return True
        if word in ("no", "n"):
            return False
        try:
            return read_fingerprint(answer) == fingerprint
        except ValueError:
            question = "yes, no, or the fingerprint that the server's owner told you?"


@log
def hint_at_tls(reason: str) -> str:
    """Return why a server has refused us, with the way out if it is for want of TLS."""
    return f"{reason} (with --tls this client speaks it)" if _TLS in reason else reason
