"""The text door of a running server, as one comes to it by the main port."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from unit_tests.helpers import Peer, Server, run_server

GREETING = "Wellcome! Please enter your nickname"
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d: ")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as server:
        yield server
        assert "a fault of ours" not in server.log()


class Reader(Peer):
    """Somebody at the text door, by the main port."""

    def line(self) -> str:
        """Return the next line without its time."""
        line = self.receive_line().decode()
        assert line.endswith("\n"), line
        return _STAMP.sub("", line[:-1], count=1)

    def type(self, *lines: str) -> None:
        """Send lines in one go."""
        self.send_bytes("".join(f"{line}\n" for line in lines).encode())

    def lines_to(self, last: str) -> list[str]:
        """Return the lines up to one."""
        found: list[str] = []
        while not found or found[-1] != last:
            found.append(self.line())
        return found


@contextmanager
def person(server: Server, name: str) -> Iterator[Reader]:
    """Give somebody who has signed in, and has read what was said before."""
    with Reader(server.port) as reader:
        reader.type(name, "LIST")
        assert reader.line() == GREETING
        while " here: " not in reader.line():
            pass
        yield reader


def test_others_hear_who_comes_and_goes(server: Server) -> None:
    with person(server, "watcher") as watcher:
        with server.signed_in("visitor"):
            assert watcher.line() == "visitor connected!"
        assert watcher.line() == "visitor disconnected!"
        with person(server, "talker") as talker:
            assert watcher.line() == "talker connected!"
            talker.type("hello")
            assert talker.lines_to("YOU SEND USERS hello")[0] == "Server: ok!"
            assert watcher.line() == "talker sent hello"
            talker.sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
            )
        # Reset, not closed: it is all the same.
        assert watcher.line() == "talker disconnected!"
        watcher.type("anybody?")
        assert watcher.line() == "Server: there are no other users!"


def test_the_last_50_messages_come_first(server: Server) -> None:
    with person(server, "writer") as writer:
        writer.type(*(f"line {number}" for number in range(60)))
        for _ in range(60):
            assert writer.line() == "Server: there are no other users!"
    with Reader(server.port) as late:
        late.type("late")
        assert [late.line(), late.line()] == [GREETING, "Server: ok!"]
        expected = [f"writer sent line {number}" for number in range(10, 60)]
        assert [late.line() for _ in range(50)] == expected


def test_a_name_in_use_is_busy_and_the_next_line_is_another_try(server: Server) -> None:
    with person(server, "twin"), Reader(server.port) as other:
        other.type("tw in", "twin", "twin2", "LIST")
        assert other.line() == GREETING
        assert other.line() == (
            "Your nickname must contain only letters and numbers, at least one "
            'character. "tw in" is an incorrect nickname.'
        )
        assert other.line() == '"twin" is already busy.'
        assert other.line() == "Server: ok!"
        assert other.line() == "Server: you are twin2 here"
        assert other.lines_to("Server: 2 here: twin, twin2")


def test_an_account_is_asked_for_its_password(server: Server) -> None:
    password = "correct horse battery"
    with server.connect() as jim:
        jim.send(
            {
                "action": "register",
                "user": {"account_name": "owner1", "password": password},
                "id": 1,
            }
        )
        assert jim.receive()["response"] == 201
    with Reader(server.port) as reader:
        reader.type("owner1", "wrong password", password, "LIST")
        assert reader.line() == GREETING
        assert reader.line() == "Server: owner1 has a password. Please enter it"
        assert reader.line().startswith("Sorry! wrong name or password")
        assert reader.line() == "Server: ok!"
        assert reader.lines_to("Server: 1 here: owner1")
    for place in (server.log(), server.errors()):
        assert password not in place


def test_rooms_and_private_words(server: Server) -> None:
    with (
        person(server, "one") as one,
        person(server, "two") as two,
        server.signed_in("jim") as jim,
    ):
        two.type("JOIN #tea", "hello, tea", "TELL one psst", "LEAVE", "back")
        assert two.lines_to("YOU SEND USERS back")
        # In order, and the room's words are only for its members.
        assert one.lines_to("two sent back") == [
            "two connected!",
            "jim connected!",
            "[private] two sent psst",
            "two sent back",
        ]
        assert jim.receive()["message"] == "back"
        one.type("HISTORY 1")
        assert one.line() == "two sent back"


def test_a_flood_of_lines_is_read_slowly_and_all_of_it_arrives() -> None:
    flags = ("--message-burst", "5", "--message-rate", "100")
    with run_server(*flags) as server, server.signed_in("jim") as jim:
        with Reader(server.port) as writer:
            writer.type("writer", *(str(number) for number in range(60)))
            for number in range(60):
                assert jim.wait_for_text(str(number))["from"] == "writer"
        assert jim.is_silent()


def test_who_asks_for_tls_only_is_told_in_a_sentence() -> None:
    with run_server("--tls", "required") as server, Reader(server.port) as reader:
        reader.type("alice")
        assert reader.line() == (
            "Sorry! this server speaks only TLS: connect again with TLS"
        )
        assert reader.receive_line() == b""


def test_times_are_those_of_the_servers_zone() -> None:
    zone = {"TZ": "XYZ-14"}
    with run_server(environment=zone) as server, Reader(server.port) as reader:
        reader.type("alice")
        reader.receive_line()
        hour = reader.receive_line()[11:13]
        now = subprocess.check_output(["date", "+%H"], env={**os.environ, **zone})
        assert (int(now) - int(hour)) % 24 in (0, 1)
