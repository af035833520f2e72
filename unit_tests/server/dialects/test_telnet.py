"""Telnet's commands: no part of what is said, answered as RFC 854 and 860 ask."""

import pytest

from server.dialects.telnet import Telnet

IAC, WILL, WONT, DO, DONT = b"\xff", b"\xfb", b"\xfc", b"\xfd", b"\xfe"
IP, MARK, TIMING = b"\xf4", b"\xf2", b"\x06"
SGA, ECHO, NAWS = b"\x03", b"\x01", b"\x1f"

TABLE = [
    (b"plain", b"plain", b""),
    # What a telnet client sends for Ctrl-C, and waits for the answer of.
    (IAC + IP + IAC + DO + TIMING, b"", IAC + WILL + TIMING),
    # The same with its urgent byte, which the kernel takes out of the stream.
    (IAC + IP + IAC + IAC + DO + TIMING, b"", IAC + WILL + TIMING),
    (IAC + IP + IAC + MARK + IAC + DO + TIMING, b"", IAC + WILL + TIMING),
    (b"a" + IAC + DO + SGA + b"b", b"ab", IAC + WONT + SGA),
    (IAC + WILL + NAWS + IAC + DO + ECHO, b"", IAC + DONT + NAWS + IAC + WONT + ECHO),
    # A refusal needs no answer: else two of these would talk for ever.
    (IAC + WONT + ECHO + IAC + DONT + SGA + IAC + WONT + TIMING, b"", b""),
    (IAC + b"\xfa\x18\x00xterm" + IAC + b"\xf0hi", b"hi", b""),
    (IAC + DO + b"\n\n", b"\n", IAC + WONT + b"\n"),
]


@pytest.mark.parametrize(("data", "text", "answers"), TABLE)
def test_commands_are_taken_out_and_answered(
    data: bytes, text: bytes, answers: bytes
) -> None:
    telnet = Telnet()
    assert telnet.receive_data(data) == text
    assert telnet.take_answers() == answers
    assert telnet.take_answers() == b""


@pytest.mark.parametrize(("data", "text", "answers"), TABLE)
def test_it_makes_no_difference_how_they_were_cut(
    data: bytes, text: bytes, answers: bytes
) -> None:
    telnet = Telnet()
    found = b"".join(telnet.receive_data(bytes((byte,))) for byte in data)
    assert (found, telnet.take_answers()) == (text, answers)


def test_two_of_them_come_to_an_end() -> None:
    one, other = Telnet(), Telnet()
    data = b"".join(
        IAC + verb + bytes((option,))
        for verb in (WILL, WONT, DO, DONT)
        for option in range(255)
        if option != 10
    )
    rounds = 0
    while data:
        rounds += 1
        other.receive_data(data)
        data = other.take_answers()
        one, other = other, one
    assert rounds <= 3


def test_a_flood_of_questions_is_not_answered_by_a_flood() -> None:
    telnet = Telnet()
    telnet.receive_data((IAC + DO + SGA) * 100_000)
    assert len(telnet.take_answers()) <= 1024
