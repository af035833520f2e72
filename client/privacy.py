"""What must not be readable on its way: passwords, tokens and invitations.

The server refuses them in the clear too, but then they have been read already.
"""

from __future__ import annotations

from client.asking import AnyRequest
from client.encoding import Credentials
from client.stream import Address
from common.messages import ChangePassword, CreateToken, DeleteAccount, Register
from common.messages_rules import CreateInvite, Redeem
from common.names import Name
from common.safe_text import visible
from decorators import log
from errors import Distrusted, NotAllowed

__all__ = ["check_request", "check_secrets", "check_sign_in", "in_the_clear"]


@log
def check_sign_in(name: Name | str, proof: Credentials, where: Address) -> None:
    """Raise Distrusted for a sign-in that others could read on its way to a server."""
    if not (proof.password or proof.token):
        return
    raise in_the_clear(name, "password" if proof.password else "token", where)


@log
def in_the_clear(name: Name | str, what: str, where: Address) -> Distrusted:
    """Return why nobody signs in with `what`, to be said before it is asked for."""
    return Distrusted(
        f"{visible(name)} signs in to {where} with a {what}, which goes over TLS only, "
        "so nothing was sent: leave --no-tls out, or come as a guest of another name"
    )


@log
def check_request(request: AnyRequest | None) -> None:
    """Raise NotAllowed for a request that holds a secret, or whose answer does."""
    match request:
        case Register(user=user, invite=invite) if user.password or invite:
            pass
        case DeleteAccount(password=password) if password:
            pass
        case ChangePassword() | CreateToken() | CreateInvite() | Redeem():
            pass
        case _:
            return
    check_secrets(is_private=False)


@log
def check_secrets(*, is_private: bool) -> None:
    """Raise NotAllowed before a secret is asked for that could not be sent."""
    if not is_private:
        raise NotAllowed(
            "passwords, tokens and invitations go over TLS only, and this connection "
            "has none: leave, and come again without --no-tls"
        )
