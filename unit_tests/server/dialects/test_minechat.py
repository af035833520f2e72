"""The MineChat doors as bytes: one to read at, one to send at."""

import json
from typing import Any

import pytest

from common.limits import Limits
from common.names import ALL, Name, Secret
from common.safe_text import visible
from errors import (
    BadRequest,
    NameRefused,
    NotAllowed,
    NotSignedIn,
    RequestError,
    Sanctioned,
    SlowReader,
    TooLong,
    WrongPassword,
)
from server.dialects.minechat import MineChatReader, MineChatSender
from server.events import (
    Accepted,
    Aside,
    Authenticate,
    CaughtUp,
    Delivery,
    Event,
    Faulty,
    Goodbye,
    Listen,
    Movement,
    Notice,
    Outgoing,
    Refused,
    Registered,
    Said,
    TakeName,
    Welcome,
)
from unit_tests.server.dialects.feeding import NOW, WALL, comparable, cut, fed

HELLO = (
    b"Hello %username%! Enter your personal hash or leave it empty to create new "
    b"account.\n"
)
ASK_NICKNAME = b"Enter preferred nickname below:\n"
WELCOME = b"Welcome to chat! Post your message below. End it with an empty line.\n"
SENT = b"Message send. Write more, end message with an empty line.\n"
EVE = Name("eve")


def sender(**limits: Any) -> MineChatSender:
    return MineChatSender(Limits(**limits))


def told(dialect: MineChatSender | MineChatReader, *events: Outgoing) -> bytes:
    return dialect.send(events, NOW, WALL)


def entered(name: str = "eve") -> Welcome:
    return Welcome(Name(name), False, "s", 0, 0, [], Limits(), role="member")


def talking(**limits: Any) -> MineChatSender:
    dialect = sender(**limits)
    dialect.receive_data(b"hash\n")
    told(dialect, entered())
    return dialect


def faults(events: list[Event]) -> list[RequestError]:
    assert all(isinstance(event, Faulty) for event in events)
    return [event.error for event in events if isinstance(event, Faulty)]


# ------------------------------------------------------------------- to read at


def test_a_reader_listens_before_it_has_said_anything_and_whatever_it_says() -> None:
    dialect = MineChatReader()
    assert dialect.greeting(NOW, WALL) == b""
    assert list(dialect.receive_data(b"")) == [Listen()]
    # It counts as a request, so that a flood of it is read more slowly.
    assert list(dialect.receive_data(b"GET / HTTP/1.1\r\n\r\n\xff\x00")) == [Listen()]
    assert list(dialect.receive_eof()) == []


def test_a_reader_has_no_time_to_sign_in_and_is_not_probed() -> None:
    dialect = MineChatReader()
    assert (dialect.sign_in_seconds, dialect.answers_probes) == (0, False)


def test_each_message_is_one_line_behind_its_name() -> None:
    texts = ["hi", "two\nlines\r\nor\rfour", "привет 🙂"]
    assert told(MineChatReader(), Delivery(EVE, ALL, texts, 7)).decode() == (
        "eve: hi\neve: two lines or four\neve: привет 🙂\n"
    )


def test_no_character_of_a_text_drives_a_terminal_or_ends_a_line() -> None:
    every = "".join(map(chr, (*range(0xA0), 0x2028, 0x2029, 0x202E, 0xD800, 0xFEFF)))
    line = told(MineChatReader(), Delivery(EVE, ALL, [f"a{every}b"], 1)).decode()
    assert len(line.splitlines()) == 1
    assert visible(line[:-1]) == line[:-1]


def test_a_message_is_put_into_bytes_once_for_all_readers() -> None:
    delivery = Delivery(EVE, ALL, ["hi"], 1)
    one, other = MineChatReader(), MineChatReader()
    assert told(one, delivery) == told(other, delivery) == delivery.forms["minechat"]
    assert (one.written_id, other.written_id) == (1, 1)


def test_a_reader_is_told_why_it_is_sent_away_and_nothing_else() -> None:
    dialect = MineChatReader()
    assert told(dialect, Movement(True, ALL, EVE), CaughtUp(3), Notice(100, "x")) == b""
    line = told(dialect, Goodbye(SlowReader(5)))
    assert line.startswith(b"server: you read too slowly")
    assert line.endswith(b"\n")


# ------------------------------------------------------------------- to send at


def test_the_sender_is_asked_for_its_hash_at_once() -> None:
    assert sender().greeting(NOW, WALL) == HELLO


def test_a_known_hash_is_answered_with_the_account() -> None:
    dialect = sender()
    asked = Authenticate("", token=Secret("jim_1"), request=1)
    assert list(dialect.receive_data(b"jim_1\n")) == [asked]
    account, rest = told(dialect, entered("Ева"), CaughtUp(1)).split(b"\n", 1)
    assert json.loads(account) == {"nickname": "Ева", "account_hash": "jim_1"}
    assert rest == WELCOME


def test_an_unknown_hash_is_answered_with_null_and_the_second_question() -> None:
    dialect = sender()
    dialect.receive_data(b"nonsense\n")
    assert told(dialect, Refused(WrongPassword(), 1)) == b"null\n" + ASK_NICKNAME
    assert list(dialect.receive_data(b"eve\n")) == [TakeName("eve", 2)]


def test_an_empty_line_is_answered_with_the_second_question() -> None:
    dialect = sender()
    assert list(dialect.receive_data(b"\r\n")) == [Aside(ASK_NICKNAME[:-1].decode())]
    assert told(dialect, Aside(ASK_NICKNAME[:-1].decode())) == ASK_NICKNAME
    assert list(dialect.receive_data(b"eve\r\n")) == [TakeName("eve", 2)]


def test_a_new_account_is_told_its_name_and_token() -> None:
    dialect = sender()
    dialect.receive_data(b"\neve\n")
    registered = Registered(Secret("jim_2"), 5, 2, Name("eve2"))
    account, rest = told(dialect, registered, entered("eve2")).split(b"\n", 1)
    assert json.loads(account) == {"nickname": "eve2", "account_hash": "jim_2"}
    assert rest == WELCOME


def test_a_refused_nickname_is_asked_for_again() -> None:
    dialect = sender()
    dialect.receive_data(b"\n!\n")
    line = told(dialect, Refused(NameRefused("it is empty"), 2))
    assert line == b"this name can't be used: it is empty\n"
    assert list(dialect.receive_data(b"eve\n")) == [TakeName("eve", 2)]


@pytest.mark.parametrize("error", [NotAllowed("x"), Sanctioned("ban", "#r", "bob")])
def test_a_hash_that_is_refused_otherwise_may_be_tried_again(
    error: RequestError,
) -> None:
    dialect = sender()
    dialect.receive_data(b"jim_1\n")
    assert told(dialect, Refused(error, 1)) == f"{error}\n".encode()
    again = Authenticate("", token=Secret("jim_1"), request=1)
    assert list(dialect.receive_data(b"jim_1\n")) == [again]


def test_a_message_is_what_stands_before_an_empty_line() -> None:
    dialect = talking()
    events = dialect.receive_data("раз\nдва\n\n\nthree\n\nfour".encode())
    assert list(events) == [Said(ALL, ["раз два", "three"])]
    assert told(dialect, Accepted(None, 1, 2)) == SENT * 2
    assert list(dialect.receive_data(b"\n")) == []
    assert list(dialect.receive_data(b"\n")) == [Said(ALL, ["four"])]


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
def test_a_message_is_also_what_stands_before_the_end_of_input(end: bytes) -> None:
    dialect = talking()
    events = [*dialect.receive_data(b"bye\nall" + end), *dialect.receive_eof()]
    assert events == [Said(ALL, ["bye all"])]


def test_the_end_of_input_right_behind_a_hash_still_sends() -> None:
    dialect = sender()
    dialect.receive_data(b"jim_1\nhello")
    told(dialect)
    assert dialect.has_unread is False
    assert list(dialect.receive_eof()) == [Said(ALL, ["hello"])]
    assert told(dialect, Refused(NotSignedIn())).count(b"\n") == 1


def test_what_stands_behind_a_hash_is_read_when_that_is_answered() -> None:
    dialect = sender()
    assert len(dialect.receive_data(b"jim_1\none\n\ntwo\n\n")) == 1
    assert dialect.has_unread
    assert list(dialect.receive_data(b"")) == []
    told(dialect, entered())
    assert list(dialect.receive_data(b"")) == [Said(ALL, ["one", "two"])]
    assert not dialect.has_unread


def test_behind_an_unknown_hash_stand_the_nickname_and_the_messages() -> None:
    dialect = sender()
    dialect.receive_data(b"nonsense\neve\nhi\n\n")
    told(dialect, Refused(WrongPassword(), 1))
    assert list(dialect.receive_data(b"")) == [TakeName("eve", 2)]
    told(dialect, Registered(Secret("t"), 1, 2, EVE), entered())
    assert list(dialect.receive_data(b"")) == [Said(ALL, ["hi"])]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_messages_come_out_the_same_however_the_bytes_are_cut(size: int) -> None:
    data = "a\r\nщ\n\n\n🙂🙂\n\n".encode() + b"\xe9\n\nlast\n\n"
    whole = comparable(talking().receive_data(data))
    assert comparable(fed(talking(), cut(data, range(size, len(data), size)))) == whole


def test_a_message_past_the_limit_is_refused_whole_whatever_its_lines() -> None:
    for data in (b"x" * 11, b"xxxx\n" * 3, b"x" * 500 + b"\nx"):
        dialect = talking(text_bytes=10)
        events = fed(dialect, cut(data + b"\n\nfits\n\n", range(1, len(data), 3)))
        assert events[1:] == [Said(ALL, ["fits"])]
        (error,) = faults(events[:1])
        assert isinstance(error, TooLong)


def test_a_message_of_exactly_the_limit_is_taken() -> None:
    dialect = talking(text_bytes=9)
    assert list(dialect.receive_data(b"1234\n6789\n\n")) == [Said(ALL, ["1234 6789"])]


def test_what_is_not_utf_8_is_refused_in_words() -> None:
    dialect = talking()
    (error,) = faults(list(dialect.receive_data(b"\xe9\n\n")))
    assert isinstance(error, BadRequest)
    line = told(dialect, Refused(error))
    assert line == b"what you sent is not UTF-8\n"


def test_a_hash_that_is_not_utf_8_does_not_pass_for_the_answer_of_the_next() -> None:
    dialect = sender()
    fault, _ = dialect.receive_data(b"\xe9\njim_1\n")
    assert isinstance(fault, Faulty)
    told(dialect, Refused(fault.error))
    assert told(dialect, entered()).endswith(WELCOME)


def test_whoever_is_muted_or_sent_away_reads_why() -> None:
    dialect = talking()
    muted = Sanctioned("mute", "this server", "bob", reason="\x1b[2J")
    line = told(dialect, Refused(muted))
    assert line.startswith(b"you are muted on this server")
    assert b"\x1b" not in line
    assert told(dialect, Goodbye(muted)) == line
    assert told(dialect, Notice(101, "going")) == b"going\n"


def test_what_others_say_is_not_told_to_a_sender() -> None:
    dialect = talking()
    assert told(dialect, Delivery(EVE, ALL, ["hi"], 1)) == b""
    assert dialect.written_id == 0
