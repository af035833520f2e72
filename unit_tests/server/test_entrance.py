"""The sentence that says who may come in."""

import msgspec
import pytest

from common.server_settings import ServerSettings
from server.entrance import who_comes_in

_UNASKED = "everybody who reaches the port"


@pytest.mark.parametrize(
    ("guests", "registration", "begins", "ends"),
    [
        (
            True,
            "open",
            _UNASKED,
            "--no-guests --registration invite: only whom you invite",
        ),
        (True, "invite", _UNASKED, "--no-guests: only whom you invite"),
        (True, "closed", _UNASKED, "--no-guests: only whom you invite"),
        (False, "open", _UNASKED, " --registration invite: only whom you invite"),
        (False, "invite", "only who has an account", "an invitation to make one"),
        (False, "closed", "only who has an account", "the owner's shell to make one"),
    ],
)
@pytest.mark.parametrize("port", [0, 5000])
def test_who_comes_in_is_said_with_what_keeps_strangers_out(
    guests: bool, registration: str, begins: str, ends: str, port: int
) -> None:
    document = {"guests": guests, "registration": registration}
    document["minechat_read_port"] = port
    said = who_comes_in(msgspec.convert(document, ServerSettings))
    assert said.startswith(begins)
    tail = f"; at port {port} everybody reads what is said in #all"
    assert said.endswith(tail) == bool(port)
    assert said.removesuffix(tail).endswith(ends)


def test_nobody_is_kept_out_by_default() -> None:
    assert who_comes_in(ServerSettings()).startswith(_UNASKED)
