"""The sentence that says who may come in."""

import msgspec
import pytest

from common.server_settings import ServerSettings
from server.entrance import entrance_of

_UNASKED = "everybody who reaches the port"


@pytest.mark.parametrize(
    ("guests", "registration", "begins", "flags"),
    [
        (True, "open", _UNASKED, "--no-guests --registration invite"),
        (True, "invite", _UNASKED, "--no-guests"),
        (True, "closed", _UNASKED, "--no-guests"),
        (False, "open", _UNASKED, "--registration invite"),
        (False, "invite", "only who has an account, or an invitation to make one", ""),
        (False, "closed", "only who has an account, or an invitation from the", ""),
    ],
)
@pytest.mark.parametrize("port", [0, 5000])
def test_who_comes_in_is_said_with_what_keeps_strangers_out(
    guests: bool, registration: str, begins: str, flags: str, port: int
) -> None:
    document = {"guests": guests, "registration": registration}
    document["minechat_read_port"] = port
    found = entrance_of(msgspec.convert(document, ServerSettings))
    assert found.sentence.startswith(begins)
    tail = f"; at port {port} everybody reads what is said in #all"
    assert found.sentence.endswith(tail) == bool(port)
    assert found.flags == flags
    first, *others = found.rows()
    assert first == f"who comes in: {found.sentence}"
    assert others[1:] == ([f"  {flags}"] if flags else [])


def test_nobody_is_kept_out_by_default() -> None:
    assert entrance_of(ServerSettings()).sentence.startswith(_UNASKED)
