"""Passwords and tokens: how they are checked, hashed, and made.

Passwords are hashed with argon2id, which takes tens of milliseconds and 19 MiB on
purpose: `hash_password` and `verify` belong on a worker thread. Tokens are random
enough that one round of SHA-256 hides them.
"""

import functools
import hashlib
import secrets
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from common.names import Secret
from decorators import log
from errors import BadRequest, NotAllowed, TooLong

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = [
    "LONGEST_PASSWORD_BYTES",
    "NO_PASSWORD",
    "SHORTEST_PASSWORD_CHARACTERS",
    "Verdict",
    "check_new_password",
    "check_password",
    "digest",
    "hash_password",
    "new_token",
    "verify",
]

#: Longer ones would let a stranger choose how much there is to hash.
LONGEST_PASSWORD_BYTES = 256
#: Of a new password (NIST SP 800-63B); an old one is only compared.
SHORTEST_PASSWORD_CHARACTERS = 8

#: Stands where the hash of an account would: no password opens it, only a token.
NO_PASSWORD = Secret("none")

# OWASP's password storage cheat sheet, argon2id.
_MEMORY_KIB = 19456
_ROUNDS = 2
_LANES = 1
# Compared with where there is no hash, so that a name that nobody has takes the time of
# one that somebody has. Made with the parameters above from bytes nobody kept.
_DUMMY = Secret(
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "sXh7L9BjDmdrPIOylBmTVg$O4FuSGMFqhKYq8m0p5PrWiJBPGWnmosN9ue3SwAZKQA"
)

_TOKEN_PREFIX = "jim_"  # so that a token that leaks somewhere can be searched for
_TOKEN_BYTES = 32


class Verdict(NamedTuple):
    """Whether a password is the right one; `rehashed` is to be stored in its place.

    It is None unless the stored hash was made with other parameters than today's.
    """

    ok: bool
    rehashed: Secret | None


@log
def check_password(password: Secret) -> None:
    """Raise BadRequest or TooLong if this can't be anybody's password."""
    if not password:
        raise BadRequest("the password is empty")
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        raise BadRequest("the password holds half a character") from None
    if size > LONGEST_PASSWORD_BYTES:
        raise TooLong("the password", LONGEST_PASSWORD_BYTES)


@log
def check_new_password(password: Secret) -> None:
    """Raise BadRequest, TooLong or NotAllowed if this can't become a password."""
    check_password(password)
    if len(password) < SHORTEST_PASSWORD_CHARACTERS:
        raise NotAllowed(
            "a new password needs at least "
            f"{SHORTEST_PASSWORD_CHARACTERS} characters; choose a longer one"
        )


@log
def hash_password(password: Secret) -> Secret:
    """Return the hash to store for a password. Slow: for a worker thread."""
    return Secret(_hasher().hash(_as_typed_anywhere(password)))


@log
def verify(stored: Secret | None, password: Secret) -> Verdict:
    """Tell whether `password` is the one that `stored` was made from; never raises.

    With None (nobody of that name, or no password) or with a hash that is none it does
    the same work and says no. Slow: for a worker thread.
    """
    typed = _as_typed_anywhere(password)
    ok = None if stored is None else _matches(stored, typed)
    if ok is None:
        _matches(_DUMMY, typed)
    if stored is None or not ok:
        return Verdict(False, None)
    return Verdict(True, _maybe_rehash(stored, password))


@log
def _matches(stored: Secret, typed: Secret) -> bool | None:
    """Compare; None where `stored` is no hash, so that nothing was compared."""
    from argon2.exceptions import Argon2Error, VerifyMismatchError

    try:
        return _hasher().verify(stored, typed)
    except VerifyMismatchError:
        return False
    except (Argon2Error, ValueError):
        return None


@log
def _maybe_rehash(stored: Secret, password: Secret) -> Secret | None:
    """Return a new hash where `stored` was made with other parameters."""
    from argon2.exceptions import Argon2Error

    try:
        stale = _hasher().check_needs_rehash(stored)
        return hash_password(password) if stale else None
    except (Argon2Error, ValueError):
        # Such as no memory left: the old hash still serves, the next sign-in tries.
        return None


@log
def _as_typed_anywhere(password: Secret) -> Secret:
    """Return the one spelling of what keyboards send differently (RFC 8265, NFC)."""
    return Secret(unicodedata.normalize("NFC", password))


@functools.cache
@log
def _hasher() -> "PasswordHasher":
    # Here, because it would cost each start 5 ms and most starts hash nothing.
    from argon2 import PasswordHasher

    return PasswordHasher(
        time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=_LANES
    )


@log
def new_token() -> Secret:
    """Return a token that nobody can guess. Show it once; store its `digest`."""
    return Secret(_TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES))


@log
def digest(secret: Secret) -> str:
    """Return what is stored of a token or a device's id: SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
