"""How a client gets to its server: the settings that client and launcher share."""

from typing import Annotated

from common.settings import setting

__all__ = ["Ca", "Fingerprint", "Tls"]

Tls = Annotated[
    bool | None,
    setting(
        "speak TLS, which nobody on the way can read",
        unset="except to this machine",
        # The server's words, for all may read one file.
        words={"required": True, "optional": None},
    ),
]
Ca = Annotated[
    str,
    setting(
        "PEM file of who vouches for the server; without, its certificate is "
        "remembered at the first meeting",
        metavar="FILE",
    ),
]
# A wrong value may be a line that joins, which holds an invitation.
Fingerprint = Annotated[
    str,
    setting(
        "fingerprint of the one certificate to accept, SHA256:…",
        metavar="FINGERPRINT",
        hides=True,
    ),
]
