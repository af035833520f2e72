"""Reading over real sockets: who sends too fast is read slowly, whole, in order."""

import time

from unit_tests.helpers import run_server


def test_who_signs_in_slowly_because_it_is_read_slowly_is_signed_in() -> None:
    flags = ("--message-burst", "1", "--message-rate", "5", "--sign-in-seconds", "1.5")
    with run_server(*flags) as server, server.connect() as alice:
        alice.send_bytes(b"{oops}\n")
        assert alice.sign_in("alice")["response"] == 400
        assert alice.receive()["response"] == 200
        # Another one's time begins after alice's, so hers has passed as well.
        with server.connect() as silent:
            assert silent.receive()["response"] == 408
        alice.say("alice", "note")
        alice.wait_for_text("note")


def test_who_is_read_slowly_is_not_taken_for_silent() -> None:
    flags = ("--message-burst", "1", "--message-rate", "4", "--silence-seconds", "0.3")
    with run_server(*flags) as server, server.signed_in("alice") as alice:
        # Two seconds to handle; silence of 1.2 would end it.
        alice.send(*({"action": "rooms", "id": number} for number in range(8)))
        assert alice.wait_for(lambda found: found.get("id") == 7)["response"] == 202


def test_a_burst_above_the_rate_is_read_slowly_whole_and_in_order() -> None:
    with (
        run_server() as server,
        server.signed_in("alice") as alice,
        server.signed_in("bob") as bob,
    ):
        started = time.monotonic()
        texts = [f"text {number}" for number in range(260)]
        objects = [
            {"action": "msg", "time": 0, "to": "bob", "message": text, "id": number}
            for number, text in enumerate(texts, 1)
        ]
        alice.send(*objects, {"action": "quit"})
        assert [bob.receive()["message"] for _ in texts] == texts
        # 200 at once; the presence before took one of them.
        assert time.monotonic() - started > 0.9
        assert [alice.receive()["id"] for _ in texts] == [*range(1, 261)]
        assert alice.read_to_end() == b""


def test_a_fast_writer_does_not_slow_its_neighbours() -> None:
    with (
        run_server() as server,
        server.signed_in("fast") as fast,
        server.signed_in("calm") as calm,
    ):
        # Each is refused with its id, and counts as one message.
        nowhere = {"action": "msg", "to": "#nowhere", "message": "x"}
        fast.send(*({**nowhere, "id": n} for n in range(1, 400)))
        fast.wait_for(lambda found: found.get("id") == 150)
        calm.say("calm", "note")
        calm.wait_for_text("note")
        # The fast one still waits for its turn, so nothing of it was hurried.
        fast.send({**nowhere, "id": 1000})
        assert fast.wait_for(lambda found: found["id"] > 198)["id"] == 199
