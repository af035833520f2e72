import pytest

from client.scripts.minechat import (
    AccountMade,
    Dialog,
    Event,
    Posted,
    Refusal,
    one_line,
)
from client.scripts.token_place import Account
from common.names import Name, Secret
from errors import ProtocolError

HELLO = (
    "Hello %username%! Enter your personal hash or leave it empty to create new "
    "account.\n"
)
PREFERRED = "Enter preferred nickname below:\n"
KNOWN = '{"nickname": "oven", "account_hash": "jim_1"}\n'
WELCOME = "Welcome to chat! Post your message below. End it with an empty line.\n"
SENT = "Message send. Write more, end message with an empty line.\n"
OVEN = Account(Name("oven"), Secret("jim_1"))

NEW = (HELLO + PREFERRED + KNOWN + WELCOME + SENT + SENT).encode()
OLD = (HELLO + KNOWN + WELCOME + SENT + SENT).encode()
# Other words, empty lines, a null where nothing was asked, \r\n.
OTHER = b"\r\nhash?\r\nnull\r\nname?\r\n" + KNOWN.encode() + b"\nhi\r\nok\r\nok\r\n"


def dialog(token: str | None = None) -> Dialog:
    return Dialog(Name("oven"), Secret(token) if token else None)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("token", "said", "answered", "happened"),
    [
        (None, NEW, b"\noven\n", [AccountMade(OVEN)]),
        (None, OTHER, b"\noven\n", [AccountMade(OVEN)]),
        ("jim_1", OLD, b"jim_1\n", []),
    ],
)
def test_messages_go_out_once_the_server_welcomes_us(
    size: int, token: str | None, said: bytes, answered: bytes, happened: list[Event]
) -> None:
    one = dialog(token)
    one.post("hi")
    one.post("чаша")
    events = []
    written = b""
    for start in range(0, len(said), size):
        events += one.receive_data(said[start : start + size])
        written += one.data_to_send()
    assert written == answered + "hi\n\nчаша\n\n".encode()
    assert events == [*happened, Posted(), Posted()]
    assert one.unanswered == 0


def test_nothing_is_said_before_the_server_speaks() -> None:
    one = dialog()
    one.post("hi")
    assert one.data_to_send() == b""
    assert one.unanswered == 1


def test_an_unknown_token_is_the_end_and_makes_no_account() -> None:
    one = dialog("wrong")
    one.post("hi")
    said = (HELLO + "null\n" + PREFERRED).encode()
    assert one.receive_data(said)[0] == Refusal()
    assert one.data_to_send() == b"wrong\n"


def test_words_in_the_place_of_an_account_are_kept_until_there_is_one() -> None:
    one = dialog()
    one.receive_data((HELLO + PREFERRED + "this name can't be used\n").encode())
    assert one.objection == "this name can't be used"
    assert one.receive_data(KNOWN.encode()) == [AccountMade(OVEN)]
    assert one.objection == ""


def test_an_answer_to_nothing_is_none() -> None:
    one = dialog("jim_1")
    assert one.receive_data(OLD) == []


def test_a_line_without_an_end_is_no_minechat() -> None:
    with pytest.raises(ProtocolError):
        dialog().receive_data(b"x" * 2_000_000 + b"\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hi", "hi"),
        ("one\n\n  two\r\nthree\n", "one two three"),
        ("\n \n", ""),
        ("a\u2028b\x85c", "a b c"),
    ],
)
def test_a_text_becomes_one_line_that_ends_no_message_early(
    text: str, line: str
) -> None:
    assert one_line(text) == line
