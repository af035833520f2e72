"""Every door of a real server at once: netcat, MineChat and JIM in one conversation."""

import json
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest

from common.server_settings import ServerSettings
from errors import SettingsError
from server.doors import open_doors
from unit_tests.helpers import PATIENCE, Peer, Server, run_server

GREETING = b"Wellcome! Please enter your nickname\n"
WELCOME = b"Welcome to chat! Post your message below. End it with an empty line.\n"
SENT = b"Message send. Write more, end message with an empty line.\n"
DOORS = ["text_port", "minechat_read_port", "minechat_send_port"]
NASTY = "".join(map(chr, (*range(1, 10), *range(11, 32), 0x7F, 0x9B, 0x202E)))


class House(NamedTuple):
    """A server with all its doors."""

    server: Server
    text: int
    read: int
    send: int


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        socks = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _ in range(count)
        ]
        return [sock.getsockname()[1] for sock in socks]


@contextmanager
def open_house(*flags: str) -> Iterator[House]:
    text, read, send = free_ports(3)
    doors = ["--text-port", str(text), "--minechat-read-port", str(read)]
    with run_server(*doors, "--minechat-send-port", str(send), *flags) as server:
        yield House(server, text, read, send)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with open_house("--message-rate", "0") as house:
        yield house


@contextmanager
def netcat(name: str, port: int, *flags: str) -> Iterator["Netcat"]:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed (.ci/run installs it)")
    if (
        name == "nc"
        and "OpenBSD"
        not in subprocess.run(
            [program, "-h"], capture_output=True, text=True, check=False
        ).stderr.partition("\n")[0]
    ):
        pytest.skip("nc is not netcat-openbsd, whose -q this is about")
    with subprocess.Popen(
        [program, *flags, "127.0.0.1", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            yield Netcat(process)
        finally:
            late.cancel()
            process.kill()


class Netcat:
    """A person at a terminal with netcat; too late an answer ends it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def types(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.process.stdin.flush()

    def closes_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def sees(self, end: str) -> str:
        """Return the next line that ends so, without its end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            shown = line.decode().removesuffix("\n")
            if shown.endswith(end):
                return shown
        raise AssertionError(f"never seen: {end}")

    def comes_in_as(self, name: str) -> None:
        self.sees("Wellcome! Please enter your nickname")
        self.types(name)
        self.sees(": Server: ok!")


def line_with(peer: Peer, part: str) -> str:
    """Return the next line that holds this, and skip those before."""
    while line := peer.receive_line():
        if part in line.decode():
            return line.decode()
    raise AssertionError(f"never came: {part}")


def reads_along(house: House) -> Peer:
    """Return a MineChat reader that the server has taken in."""
    before = house.server.log().count("reads along")
    reader = Peer(house.read)
    with house.server.connect() as waker:
        while house.server.log().count("reads along") == before:
            waker.send({"action": "nonsense"})
            waker.receive()
    return reader


# ---------------------------------------------------------------------- together


@pytest.mark.parametrize(("program", "name"), [("nc", "Эмиль"), ("ncat", "Юлия")])
def test_netcat_jim_and_minechat_are_in_one_conversation(
    house: House, program: str, name: str
) -> None:
    with (
        house.server.signed_in(f"alice{program}") as alice,
        reads_along(house) as reader,
        netcat(program, house.text) as bob,
    ):
        bob.comes_in_as(name)
        alice.say("#all", f"привет 🙂 {NASTY}two\n{program}")
        seen = bob.sees(program)
        assert f"alice{program} sent привет 🙂 " in seen
        shown = line_with(reader, program)
        assert shown.startswith(f"alice{program}: привет 🙂 \\x01")
        assert shown.endswith(f"two {program}\n")
        for text in (seen, shown.removesuffix("\n")):
            assert text.isprintable()
        bob.types("здравствуй 🙂")
        bob.sees("YOU SEND USERS здравствуй 🙂")
        assert alice.wait_for_text("здравствуй 🙂")["from"] == name
        assert line_with(reader, "здравствуй") == f"{name}: здравствуй 🙂\n"
        alice.say(name, "for you alone")
        bob.sees(f"[private] alice{program} sent for you alone")


@pytest.mark.parametrize("door", ["text", "main"])
def test_all_that_is_piped_into_netcat_arrives_although_it_leaves_at_once(
    house: House, door: str
) -> None:
    port = house.text if door == "text" else house.server.port
    texts = [f"{door} {number}" for number in range(10)]
    with (
        house.server.signed_in(f"anna{door}") as anna,
        netcat("nc", port, "-q", "0") as carl,
    ):
        carl.types(f"carl{door}", *texts)
        carl.closes_input()
        heard = [anna.wait_for(lambda one: "message" in one) for _ in texts]
    assert [one["message"] for one in heard] == texts
    assert {one["from"] for one in heard} == {f"carl{door}"}


# ----------------------------------------------------------------- simple clients


def received(sock: socket.socket, end: str) -> None:
    """Return when this has come, chunk by chunk as such clients read.

    How the chunks are paced is tested with a clock of our own; here a slow machine may
    find two in one.
    """
    come = b""
    while end.encode() not in come:
        chunk = sock.recv(1024)
        assert chunk, come
        come += chunk


def test_a_client_that_knows_no_newlines_takes_one_recv_for_one_message(
    house: House,
) -> None:
    with house.server.signed_in("astrid") as astrid, Peer(house.text) as dora:
        received(dora.sock, GREETING.decode())
        dora.send_bytes(b"dora")
        received(dora.sock, ": Server: ok!\n")
        dora.send_bytes("один два".encode())
        received(dora.sock, "YOU SEND USERS один два\n")
        assert astrid.wait_for_text("один два")["from"] == "dora"
        for number in range(5):
            astrid.say("#all", f"news {number}")
            received(dora.sock, f"astrid sent news {number}\n")


def test_who_says_nothing_is_sent_away_in_words_and_a_byte_a_time_is_no_way_in() -> (
    None
):
    with (
        open_house(
            "--text-sign-in-seconds", "0.5", "--sign-in-seconds", "0.5"
        ) as house,
        Peer(house.text) as silent,
        Peer(house.send) as sender,
        Peer(house.read) as reader,
        house.server.connect() as slow,
    ):
        silent.sock.settimeout(PATIENCE)
        rest = silent.read_to_end()
        assert rest.startswith(GREETING)
        assert b"you did not sign in within 0.5 seconds" in rest
        assert b"you did not sign in within 0.5 seconds" in sender.read_to_end()
        # On the main port a first line needs its end: till then it may be anything.
        slow.send_bytes(b"d")
        assert b"you did not sign in" in slow.read_to_end()
        with house.server.signed_in("alice") as alice:
            alice.say("#all", "still here")
            assert line_with(reader, "still") == "alice: still here\n"


def test_a_nickname_that_comes_a_byte_at_a_time_is_read_whole_on_the_main_port(
    house: House,
) -> None:
    with house.server.connect() as slow:
        slow.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in "Эрик\n".encode():
            slow.send_bytes(bytes([byte]))
        assert slow.receive_line() == GREETING
        assert slow.receive_line().endswith(b": Server: ok!\n")


# ------------------------------------------------------------------------- telnet

IAC, IP, DATA_MARK, DO, WILL, TIMING_MARK = (
    bytes((byte,)) for byte in (255, 244, 242, 253, 251, 6)
)


@pytest.mark.parametrize("is_urgent", [True, False])
@pytest.mark.parametrize("door", ["main", "text", "read", "send"])
def test_ctrl_c_in_telnet_is_answered_so_that_it_shows_what_follows(
    house: House, door: str, is_urgent: bool
) -> None:
    """What a telnet client sends for it; until the answer it shows nothing."""
    ports = {"main": house.server.port, "text": house.text, "read": house.read}
    with Peer(ports.get(door, house.send)) as peer:
        peer.send_bytes(IAC + IP)
        if is_urgent:
            peer.sock.send(IAC + DATA_MARK, socket.MSG_OOB)
        peer.send_bytes(IAC + DO + TIMING_MARK)
        seen = b""
        while not seen.endswith(IAC + WILL + TIMING_MARK):
            data = peer.sock.recv(4096)
            assert data
            seen += data
        if door in ("main", "text"):
            peer.send_bytes(f"ctrlc{door}{is_urgent}\n".encode())
            assert peer.receive_line().endswith(b"Server: ok!\n")


def test_a_byte_order_mark_is_no_part_of_the_first_line(house: House) -> None:
    for name, port in (("main", house.server.port), ("text", house.text)):
        with Peer(port) as peer:
            peer.send_bytes(f"\ufeffmarked{name}\nLIST\n".encode())
            assert peer.receive_line() == GREETING
            assert peer.receive_line().endswith(b"Server: ok!\n")
            while b" here: " not in (line := peer.receive_line()):
                assert line
            assert f"marked{name}".encode() in line
    with Peer(house.send) as marked:
        marked.receive_line()
        marked.send_bytes("\ufeff\nmarkedtoo\n".encode())
        assert marked.receive_line() == b"Enter preferred nickname below:\n"
        account = json.loads(marked.receive_line())
        assert account["nickname"] == "markedtoo"
    with Peer(house.send) as again:
        again.receive_line()
        again.send_bytes(f"\ufeff{account['account_hash']}\n".encode())
        assert json.loads(again.receive_line()) == account
    with Peer(house.server.port) as jim:
        jim.send_bytes(b"\xef\xbb\xbf")
        assert jim.sign_in("markedjim")["response"] == 200


# ----------------------------------------------------------------------- MineChat


def test_a_minechat_sender_makes_an_account_and_comes_back_with_its_hash(
    house: House,
) -> None:
    with reads_along(house) as reader:
        with Peer(house.send) as eve:
            assert eve.receive_line().startswith(b"Hello %username%! Enter your")
            eve.send_bytes(b"\n")
            assert eve.receive_line() == b"Enter preferred nickname below:\n"
            eve.send_bytes(b"eve\n")
            account = json.loads(eve.receive_line())
            assert account["nickname"] == "eve"
            assert eve.receive_line() == WELCOME
            eve.send_bytes("первая\nвторая\n\n".encode())
            assert eve.receive_line() == SENT
            assert line_with(reader, "eve:") == "eve: первая вторая\n"
        with Peer(house.send) as again:
            again.receive_line()
            again.send_bytes(account["account_hash"].encode() + b"\n")
            assert json.loads(again.receive_line()) == account
            assert again.receive_line() == WELCOME
        with Peer(house.send) as other:
            other.receive_line()
            other.send_bytes(b"no such hash\neve\n")
            assert other.receive_line() == b"null\n"
            assert other.receive_line() == b"Enter preferred nickname below:\n"
            assert json.loads(other.receive_line())["nickname"] == "eve2"


@pytest.mark.parametrize("end", [b"\n\n", b"\n", b""])
def test_a_sender_that_closes_at_once_with_a_reset_is_heard(
    house: House, end: bytes
) -> None:
    with Peer(house.send) as frank:
        frank.receive_line()
        frank.send_bytes(b"\nfrank\n")
        frank.receive_line()
        token = json.loads(frank.receive_line())["account_hash"]
    text = f"bye {len(end)}"
    with reads_along(house) as reader:
        with Peer(house.send) as hasty:
            linger = struct.pack("ii", 1, 0)  # closing sends a reset
            hasty.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            hasty.send_bytes(f"{token}\n{text}".encode() + end)
        assert line_with(reader, text).endswith(f": {text}\n")


def test_many_readers_hear_everything_in_order_while_messages_flow(
    house: House,
) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(Peer(house.read)) for _ in range(60)]
        stack.enter_context(reads_along(house))
        gina = stack.enter_context(house.server.signed_in("gina"))
        for number in range(100):
            gina.say("#all", f"flow {number}")
        expected = "".join(f"gina: flow {number}\n" for number in range(100))
        for reader in readers:
            heard = "".join(line_with(reader, "gina: ") for _ in range(100))
            assert heard == expected


def test_a_reader_that_does_not_read_is_dropped_behind_a_whole_line() -> None:
    with (
        open_house("--owed-bytes", "100000", "--message-rate", "0") as house,
        Peer(house.read, window=4096) as deaf,
        reads_along(house) as reader,
        house.server.signed_in("hugo") as hugo,
    ):
        for number in range(1000):
            hugo.say("#all", f"{number} {'x' * 16000}")
            line_with(reader, f"hugo: {number} ")
            if "left: 1 (" in house.server.log():
                break
        else:
            raise AssertionError("it was never sent away")
        *lines, last, rest = deaf.read_to_end().decode().split("\n")
        assert rest == ""
        assert last.startswith("server: you read too slowly")
        assert all(line.startswith("hugo: ") and len(line) > 16000 for line in lines)


def test_one_reader_too_many_is_told_so() -> None:
    with (
        open_house("--minechat-readers", "1") as house,
        reads_along(house),
        Peer(house.read) as second,
    ):
        assert second.read_to_end() == b"server: too many readers: the limit is 1\n"


# ------------------------------------------------------------------- at the start


@pytest.mark.parametrize("setting", DOORS)
def test_no_door_without_tls_is_opened_where_tls_is_required(setting: str) -> None:
    settings = ServerSettings(tls="required", **{setting: 8000})  # type: ignore[arg-type]
    with ExitStack() as closing, pytest.raises(SettingsError) as caught:
        open_doors(settings, closing)
    assert str(caught.value).startswith(f"{setting} opens a door without TLS")


def test_the_start_line_names_the_doors(house: House) -> None:
    assert (
        f"doors: text {house.text}, MineChat to read {house.read}, "
        f"MineChat to send {house.send}; "
    ) in house.server.start_line
