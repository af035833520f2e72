"""Say who may come in, so that no owner takes an open door for a shut one."""

from common.server_settings import ServerSettings
from decorators import log

__all__ = ["who_comes_in"]

_ONLY = "only who has an account, or an invitation"
_OPEN = {
    ("open", True): (
        "everybody who reaches the port, unasked, and reads what is said in #all; "
        "--no-guests --registration invite: only whom you invite"
    ),
    ("open", False): (
        "everybody who reaches the port and makes an account, unasked; "
        "--registration invite: only whom you invite"
    ),
    ("invite", False): f"{_ONLY} to make one",
    ("closed", False): f"{_ONLY} from the owner's shell to make one",
}
_GUESTS = (
    "everybody who reaches the port, as a guest, and reads what is said in #all; "
    "--no-guests: only whom you invite"
)


@log
def who_comes_in(settings: ServerSettings) -> str:
    """Return who may come in by the settings, and which flags keep strangers out."""
    sentence = _OPEN.get((settings.registration, settings.guests), _GUESTS)
    port = settings.minechat_read_port
    if port:
        sentence += f"; at port {port} everybody reads what is said in #all"
    return sentence
