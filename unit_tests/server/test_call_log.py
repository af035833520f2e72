"""What the running server writes about its own calls."""

import re
import time
from collections import Counter

from unit_tests.helpers import run_server

CALL = re.compile(
    r"^(?P<second>\S+ \d\d:\d\d:\d\d)\.\d{3} DEBUG \[\d+\] server\.calls: "
    r"(?P<function>[\w.<>]+)\((?P<arguments>.*)\) called by "
    r"(?P<caller>[\w.<>]+):\d+, took [\d.]+ us, (returned|raised) .+$"
)
SUM = re.compile(
    r"server\.calls: [\w.<>]+\(\.\.\.\) called \d+ times in 1 s by [\w.<>]+:\d+, took "
)
#: Calls a second that are written, and messages and refusals beside them.
CALLS_A_SECOND, OTHERS_A_SECOND = 2000, 200


def test_every_call_of_a_quiet_server_is_a_line_with_its_caller() -> None:
    with run_server() as server:
        with server.signed_in("alice") as alice:
            alice.say("#all", "hi")
            assert alice.receive()["response"] == 200
        assert server.stop() == 0
        lines = server.log().splitlines()
    calls = [found for line in lines if (found := CALL.match(line))]
    functions = {found["function"]: found for found in calls}
    for wanted, caller in (
        ("server.handlers.signing.sign_in", "server.hub.Hub.handle"),
        ("server.handlers.messages.say", "server.hub.Hub.handle"),
        ("server.handlers.messages._deliver", "server.handlers.messages.say"),
        ("server.transport.Transport.write", "server.sender.Sender.deliver"),
        ("server.states.moved", "server.connection.Connection.move"),
    ):
        assert functions[wanted]["caller"] == caller
    debug = [line for line in lines if " DEBUG " in line]
    assert len(calls) == len(debug)
    assert not any(SUM.search(line) for line in debug)


def test_info_tells_what_an_administrator_wants() -> None:
    with run_server() as server:
        with server.signed_in("alice") as alice:
            alice.send({"action": "join", "room": "#r"})
            alice.say("#r", "12345")
            alice.say("nobody", "x")
            alice.wait_for(lambda found: found["response"] == 404)
            alice.send({"action": "quit"})
            alice.read_to_end()
        assert server.stop() == 0
        log = server.log()
    for wanted in (
        r"INFO \[\d+\] server: started, version ",
        r"INFO \[\d+\] server\.hub: signed in: \d+ \(127\.0\.0\.1\) alice",
        r"alice entered #r",
        r"message 1 from alice to #r, 5 characters$",
        r"refused Said of \d+ \(127\.0\.0\.1\) alice: 404 NoSuchName",
        r"left: \d+ \(127\.0\.0\.1\) alice, said goodbye",
        r"the name alice is free again",
        r"server: stopped",
    ):
        assert re.search(wanted, log, re.MULTILINE), wanted


def test_under_load_calls_are_summed_and_lines_a_second_are_bounded() -> None:
    with run_server("--message-rate", "0") as server:
        with server.signed_in("alice") as alice, server.signed_in("bob") as bob:
            started = time.monotonic()
            number = 0
            # Each message in a turn of its own: the most calls for a message.
            while time.monotonic() - started < 3.2:
                number += 1
                alice.say("bob", "x", id=number)
                assert alice.receive()["id"] == number
                assert bob.receive()["message_id"] == number
        assert server.stop() == 0
        lasted = time.monotonic() - started
        lines = server.log().splitlines()
    debug = [line for line in lines if " DEBUG " in line]
    others = [line for line in lines if " INFO " in line and "message" in line]
    seconds = lasted + 1
    assert number * 10 > CALLS_A_SECOND * seconds, "this was no load"
    assert any(SUM.search(line) for line in debug)
    assert len(debug) <= CALLS_A_SECOND * seconds
    assert len(others) <= (OTHERS_A_SECOND + 2) * seconds
    # A second of the clock holds parts of two of the log's own.
    per_second = Counter(line[:19] for line in debug)
    assert max(per_second.values()) <= 2 * CALLS_A_SECOND


def test_messages_above_the_budget_of_lines_are_told_as_a_sum() -> None:
    with run_server("--message-rate", "0") as server:
        with server.signed_in("alice") as alice:
            for number in range(1, 401):
                alice.say("#all", "12345", id=number)
                alice.receive()
        # The sums of a running second are told when it ends.
        with server.signed_in("bob") as bob:
            while "more messages in this second" not in server.log():
                bob.send({"action": "rooms"})
                bob.receive()
        told = re.findall(r"and (\d+) more messages in this second", server.log())
        own = re.findall(r"message \d+ from alice to #all", server.log())
    assert sum(map(int, told)) + len(own) == 400


def test_an_idle_server_sums_its_ticks() -> None:
    with run_server("--silence-seconds", "1") as server:
        with server.signed_in("alice") as alice:
            # Who is silent is probed: once a second nothing but a timer is due.
            for _ in range(3):
                alice.wait_for(lambda found: found.get("action") == "probe")
                user = {"account_name": "alice", "status": "here"}
                alice.send({"action": "presence", "time": 0, "user": user})
                alice.wait_for(lambda found: "session" in found)
        assert server.stop() == 0
        lines = server.log().splitlines()
    for function, calls in (
        ("server.hub.Hub.expire(", 2),  # a timer's
        ("server.handlers.signing._sign_in_again(", 3),  # of the answers
    ):
        told = [line for line in lines if function in line]
        in_full = [line for line in told if " called by " in line]
        (summed,) = re.findall(r"called (\d+) times in \d+ s by", "\n".join(told))
        assert len(in_full) == 1
        assert len(in_full) + int(summed) >= calls
