"""Say who may come in, so that no owner takes an open door for a shut one."""

from typing import NamedTuple

from common.server_settings import ServerSettings
from decorators import log

__all__ = ["Entrance", "entrance_of"]


class Entrance(NamedTuple):
    """Who may come in, as a sentence, and the flags that keep strangers out, if any."""

    sentence: str
    flags: str = ""

    @log
    def rows(self) -> list[str]:
        """Return it for people: sentences, and what is typed on a row of its own."""
        how = ["only whom you invite, by these flags of the server:"]
        how += [f"  {self.flags}"]
        return [f"who comes in: {self.sentence}", *(how if self.flags else [])]


_ONLY = "only who has an account, or an invitation"
_BY_SETTINGS = {
    ("open", True): Entrance(
        "everybody who reaches the port, unasked, and reads what is said in #all",
        "--no-guests --registration invite",
    ),
    ("open", False): Entrance(
        "everybody who reaches the port and makes an account, unasked",
        "--registration invite",
    ),
    ("invite", False): Entrance(f"{_ONLY} to make one"),
    ("closed", False): Entrance(f"{_ONLY} from the owner's shell to make one"),
}
_GUESTS = Entrance(
    "everybody who reaches the port, as a guest, and reads what is said in #all",
    "--no-guests",
)


@log
def entrance_of(settings: ServerSettings) -> Entrance:
    """Return who may come in by the settings."""
    found = _BY_SETTINGS.get((settings.registration, settings.guests), _GUESTS)
    port = settings.minechat_read_port
    also = f"; at port {port} everybody reads what is said in #all" if port else ""
    return found._replace(sentence=found.sentence + also)
