"""Who the clients are."""

from __future__ import annotations

from common.names import Name, check_name, fold
from common.safe_text import visible
from decorators import log
from errors import ExitCode, NameRefused, SettingsError

__all__ = ["choose_names"]

_USUAL = (
    *("alice", "bob", "carol", "dave", "erin", "frank"),
    *("grace", "heidi", "ivan", "judy", "mallory", "niaj"),
)


@log
def choose_names(given: str, clients: int | None) -> list[Name]:
    """Return the clients' names: those `given`, filled up to `clients` with usual ones.

    Without `clients` there are as many as names. Raises SettingsError.
    """
    names = [_checked(word) for word in given.split()]
    taken = {fold(name) for name in names}
    if len(taken) < len(names):
        raise SettingsError("--names: two of them are the same name", ExitCode.USAGE)
    wanted = len(names) if clients is None else clients
    if len(names) > wanted:
        raise SettingsError(
            f"--names: {len(names)} names, but --clients says {wanted}", ExitCode.USAGE
        )
    numbered = (f"client{number}" for number in range(1, 2 * wanted + 2))
    for name in (*_USUAL, *numbered):
        if len(names) >= wanted:
            break
        if fold(name) not in taken:
            names.append(Name(name))
    return names


@log
def _checked(word: str) -> Name:
    shown = visible(word)
    if word.startswith("-"):
        raise SettingsError(
            f"--names: {shown}: a command line takes a name with - in front for a flag",
            ExitCode.USAGE,
        )
    try:
        return check_name(word)
    except NameRefused as error:
        raise SettingsError(f"--names: {shown}: {error}", ExitCode.USAGE) from error
