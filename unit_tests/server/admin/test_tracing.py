"""What `trace` says of a message, with whoever it has come to and whoever not."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from server.admin.receipt_times import receipt_times
from unit_tests.helpers import Peer, Server, run_server
from unit_tests.server.admin.conftest import Owner

TEXT = "MARKED-text-77aa"


class House:
    """A running server, its owner, and people on devices of theirs."""

    def __init__(self, owner: Owner, server: Server, stack: ExitStack) -> None:
        self.owner = owner
        self.server = server
        self._stack = stack

    def enter(self, name: str, **fields: Any) -> Peer:
        peer = self.server.signed_in(name, device=f"device of {name}", **fields)
        return self._stack.enter_context(peer)

    def says(self, peer: Peer, to: str) -> int:
        """Let somebody say it; return the id."""
        peer.say(to, TEXT, id=1)
        return int(peer.wait_for(lambda one: one.get("id") == 1)["message_id"])

    def tells(self, peer: Peer, **request: Any) -> None:
        """Send a request, and wait until it is answered."""
        peer.send(request | {"id": 99})
        answer = peer.wait_for(lambda one: one.get("id") == 99)
        assert answer["response"] in (200, 202), answer

    def trace(self, message: int, *words: str) -> list[tuple[str, str, str]]:
        """Return who, how far and why, as JSON has it; see that no text is in it."""
        said = self.owner.does("trace", message, "--json", *words)
        shown = self.owner.does("trace", message, *words)
        assert TEXT not in said.out + shown.out
        people = said.document["people"]
        assert all(one["reason"] in shown.out for one in people)
        return [(one["account_name"], one["state"], one["reason"]) for one in people]


@pytest.fixture
def house(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    flags = ("--data-dir", str(owner.folder), "--message-rate", "0")
    with ExitStack() as stack, run_server(*flags) as server:
        monkeypatch.setenv("JIM_LOG_DIR", str(server.log_file.parent))
        with stack.pop_all() as inner:
            yield House(owner, server, inner)


HERE = "is here, and has not said that it has it"


def test_a_message_is_followed_from_its_sender_to_its_readers_eyes(
    house: House,
) -> None:
    alice, bob = house.enter("alice"), house.enter("bob")
    message = house.says(alice, "bob")
    assert house.trace(message) == [("bob", "written", HERE)]
    house.tells(bob, action="received", message_id=message)
    assert house.trace(message) == [("bob", "delivered", "")]
    house.tells(bob, **{"action": "read", "with": "alice", "message_id": message})
    found = house.owner.does("trace", message, "--json").document
    (row,) = found.pop("people")
    assert found["stored"] <= row["got"] <= row["read"] < found["stored"] + 60
    assert (found["from"], found["to"]) == ("alice", "bob")
    assert (found["characters"], found["number"]) == (len(TEXT), 1)
    assert TEXT not in house.server.log()


def test_who_is_not_here_is_said_with_when_they_were(house: House) -> None:
    alice, bob = house.enter("alice"), house.enter("bob")
    bob.send({"action": "quit"})
    bob.read_to_end()
    message = house.says(alice, "bob")
    ((name, state, why),) = house.trace(message)
    assert (name, state) == ("bob", "waits")
    assert why.startswith("was last here 20")
    assert house.server.stop() == 0
    assert house.trace(message) == [(name, state, why)]


def test_who_is_away_is_said_to_be(house: House) -> None:
    alice, bob = house.enter("alice"), house.enter("bob")
    house.tells(bob, action="profile", away=True)
    message = house.says(alice, "bob")
    away = "is here, away, and has not said that it has it"
    assert house.trace(message) == [("bob", "written", away)]


def test_who_had_blocked_the_sender_or_came_later_is_said(house: House) -> None:
    alice, bob, carl = (house.enter(name) for name in ("alice", "bob", "carl"))
    for peer in (alice, bob, carl):
        house.tells(peer, action="join", room="#r")
    house.tells(carl, action="block", user={"account_name": "alice"})
    message = house.says(alice, "#r")
    dave = house.enter("dave")
    house.tells(dave, action="join", room="#r")
    assert house.trace(message) == [
        ("bob", "written", HERE),
        ("carl", "not for them", "had blocked alice"),
        ("dave", "not for them", "came into the room behind it"),
    ]
    assert house.trace(message, "--for", "Carl") == house.trace(message)[1:2]
    eve = [("eve", "not for them", "is not in it now")]
    assert house.trace(message, "--for", "eve") == eve


def test_who_does_not_read_is_said_with_what_waits_for_them(house: House) -> None:
    alice = house.enter("alice")
    with Peer(house.server.port, window=4096) as slow:
        slow.sign_in("slow", device="d")
        for _ in range(300):
            alice.say("slow", "x" * 16_000)
        message = house.says(alice, "slow")
        ((name, state, why),) = house.trace(message)
        assert (name, state) == ("slow", "queued")
        assert why.startswith("does not read: ")
        assert " bytes wait for it" in why


def test_the_other_devices_of_the_sender_are_readers_too(house: House) -> None:
    house.owner.does("user", "add", "ann", "--open")
    first = house.server.signed_in("ann", device="one")
    second = house.server.signed_in("ann", device="two")
    bob = house.enter("bob")
    with first, second:
        message = house.says(first, "bob")
        house.tells(second, action="received", message_id=message)
        assert house.trace(message) == [
            ("ann", "delivered", ""),
            ("bob", "written", HERE),
        ]
        house.tells(bob, action="received", message_id=message)


def test_what_is_not_there_is_said_with_the_reason(house: House) -> None:
    message = house.says(house.enter("alice"), "#all")
    said = house.owner.types("trace", message + 7)
    assert (said.code, said.out) == (1, "")
    assert f"there is no message {message + 7} yet: the last one is" in said.err
    assert house.server.stop() == 0
    with closing(sqlite3.connect(house.owner.folder / "messenger.db")) as database:
        database.execute("DELETE FROM messages")
        database.commit()
    said = house.owner.types("trace", message)
    assert said.code == 1
    assert "it was deleted by age or size (keep_days, keep_mbytes)" in said.err


@pytest.mark.parametrize("word", ["0", "-1", "x", "9" * 30])
def test_what_is_no_id_is_a_wrong_command_line(owner: Owner, word: str) -> None:
    assert owner.types("trace", word).code == 2


# ------------------------------------------------------------------- the times


def test_times_are_found_in_rotated_files_and_in_lines_of_json(tmp_path: Path) -> None:
    lines = {
        "receipts.log.2": "x INFO [1] server.receipts: at 100.0 got 7:9 read \n",
        "receipts.log.1": '{"message": "at 101.5 got 8:9 7:10 read 3/4:9"}\nbroken\n',
        "receipts.log": "at 102.0 got 7:11 8:12 read 3/4:11 5/4:10\n\xff at 9 got\n",
    }
    for name, text in lines.items():
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    wanted = {"7", "8", "9", "3/4", "5/4"}
    assert receipt_times(tmp_path, 10, 99.0, wanted) == (
        {"7": 101.5, "8": 102.0, "3/4": 102.0, "5/4": 102.0}
    )
    # A position of before the message was stored is one of another life of the store.
    assert receipt_times(tmp_path, 10, 101.9, {"7"}) == {"7": 102.0}
    assert receipt_times(tmp_path / "nowhere", 10, 0.0, {"7"}) == {}
