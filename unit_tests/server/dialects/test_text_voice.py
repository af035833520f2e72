"""A client that takes one read for one message gets one line at a time."""

from server.dialects.text_voice import TextVoice
from unit_tests.server.dialects.feeding import NOW

NOTE = b"lines were left out\n"


def everything(voice: TextVoice) -> list[bytes]:
    """Return the pieces, each in its time."""
    pieces = []
    while voice.next_send_at is not None:
        pieces.append(voice.data_to_send(max(NOW, voice.next_send_at)))
    return pieces


def test_the_first_line_goes_out_at_once_and_the_next_after_a_pause() -> None:
    voice = TextVoice()
    voice.add(b"one\ntwo\n", 0, NOTE)
    assert voice.data_to_send(NOW) == b"one\n"
    assert voice.data_to_send(NOW + 0.019) == b""
    assert voice.next_send_at == NOW + 0.02
    assert voice.data_to_send(NOW + 0.02) == b"two\n"
    assert voice.backlog == 0
    assert voice.data_to_send(NOW + 1) == b""


def test_no_piece_is_larger_than_a_read_or_ends_inside_a_letter() -> None:
    line = ("x" + "щ" * 2000 + "🦊" * 500 + "\n").encode()
    voice = TextVoice()
    voice.add(line, 7, NOTE)
    assert voice.written_id == 0
    pieces = everything(voice)
    assert b"".join(pieces) == line
    assert all(len(piece) <= 1000 for piece in pieces)
    assert "".join(piece.decode() for piece in pieces) == line.decode()
    assert voice.written_id == 7


def test_a_message_is_written_when_its_last_line_is() -> None:
    voice = TextVoice()
    voice.add(b"one\ntwo\n", 2, NOTE)
    voice.data_to_send(NOW)
    assert voice.written_id == 0
    voice.data_to_send(NOW + 1)
    assert voice.written_id == 2


def test_past_its_limit_the_oldest_lines_are_left_out_and_it_is_said() -> None:
    voice = TextVoice()
    for number in range(300):
        voice.add(b"%d\n" % number, number, NOTE)
    assert voice.backlog == 200
    pieces = everything(voice)
    assert pieces == [NOTE, *(b"%d\n" % number for number in range(100, 300))]
    assert voice.written_id == 299


def test_a_line_is_left_out_with_all_its_parts() -> None:
    voice = TextVoice()
    voice.add(b"x" * 2500 + b"\n" + b"y\n" * 199, 0, NOTE)
    assert everything(voice) == [NOTE, *[b"y\n"] * 199]
