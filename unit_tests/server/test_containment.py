"""A fault of ours, put in on purpose, stays in the connection that met it."""

import sys
from pathlib import Path

import pytest

from unit_tests.helpers import ROOT, run_server

#: Starts the server with one function replaced by one that fails for one text.
BROKEN = """
import sys
sys.path.insert(0, {root!r})
import {module} as broken
whole = broken.{function}
def fails(*arguments):
    if "trap" in repr(arguments):
        raise ZeroDivisionError("trap SECRET")
    return whole(*arguments)
broken.{function} = fails
import my_server
sys.argv[1:] = sys.argv[3:]
sys.exit(my_server.main())
"""


@pytest.mark.parametrize(
    ("module", "function", "request_", "victim"),
    [
        ("server.dialects.jim", "read_request", {"action": "trap"}, "alice"),
        (
            "server.handlers.rooms",
            "check_room",
            {"action": "join", "room": "#trap"},
            "alice",
        ),
        (
            "server.handlers.messages",
            "is_room",
            {"action": "msg", "to": "trap"},
            "alice",
        ),
        ("server.dialects.jim", "Message", {"action": "msg", "to": "bob"}, "bob"),
    ],
)
def test_the_others_go_on_and_the_log_says_where(
    tmp_path: Path, module: str, function: str, request_: dict[str, str], victim: str
) -> None:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN.format(root=str(ROOT), module=module, function=function))
    # `before` is what runs: the rest of the command are this script's arguments.
    with run_server(before=(sys.executable, str(script))) as server:
        with (
            server.signed_in("alice") as alice,
            server.signed_in("bob") as bob,
            server.signed_in("carol") as carol,
        ):
            if request_["action"] == "msg":
                request_ = {**request_, "message": "trap"}
            alice.send(request_)
            met = {"alice": alice, "bob": bob}[victim]
            goodbye = met.wait_for(lambda found: found.get("response") == 500)
            assert "made a mistake" in goodbye["error"]
            assert "trap" not in goodbye["error"]
            assert met.read_to_end() == b""
            carol.say("carol", "note")
            carol.wait_for_text("note")
        log = server.log()
    (line,) = (line for line in log.splitlines() if " ERROR " in line)
    assert "a fault of ours" in line
    assert "ZeroDivisionError" in line
    assert "SECRET" not in log


def test_behind_a_password_it_stays_in_its_connection_too(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    module, function = "server.handlers.rooms", "check_room"
    script.write_text(BROKEN.format(root=str(ROOT), module=module, function=function))
    user = {"account_name": "alice", "password": "correct horse"}
    with (
        run_server(before=(sys.executable, str(script))) as server,
        server.signed_in("bob") as bob,
        server.connect() as alice,
    ):
        # The request that meets the fault waits until a worker has checked.
        alice.send(
            {"action": "register", "user": user},
            {"action": "authenticate", "user": user},
            {"action": "join", "room": "#trap"},
        )
        goodbye = alice.wait_for(lambda found: found.get("response") == 500)
        assert "made a mistake" in goodbye["error"]
        assert alice.read_to_end() == b""
        bob.say("bob", "note")
        bob.wait_for_text("note")
        assert server.log().count("a fault of ours") == 1
