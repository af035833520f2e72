"""One message to one event, in every spelling: whose keys, and for whom it is."""

import pytest

from server.dialects.reading import RECIPIENT_KEYS, Habits
from server.dialects.requests import read_request
from server.events import Said
from unit_tests.server.dialects.feeding import line

COURSE_MESSAGES = [
    (action, sender, recipient, text)
    for action, sender, recipient, text in (
        ("message", "from", "to", "mess_text"),
        ("msg", "from", "to", "mess_text"),
        ("MESSAGE", "from", "to", "text"),
        ("message", "sender", "destination", "message_text"),
        ("message", "account_name", "message_receiver", "text"),
        ("message", "user", "recipient", "mess_text"),
        ("message", "from", "to", "message"),
        ("MESSAGE", "sender", "to", "message"),
    )
]


@pytest.mark.parametrize(("action", "sender", "recipient", "text"), COURSE_MESSAGES)
def test_each_course_spelling_of_a_message_is_read_and_remembered(
    action: str, sender: str, recipient: str, text: str
) -> None:
    claimed: object = {"account_name": "alice"} if sender == "user" else "alice"
    fields = {"action": action, "time": 1.5, sender: claimed, recipient: "bob"}
    reading = read_request(line({**fields, text: "привет"}))
    assert reading.event == Said("bob", ["привет"])
    assert not reading.canonical
    assert reading.habits == Habits(action, (sender,), (recipient,), (text,))


EVERYBODY = ["", " ", "#", "all", "ALL", "All", "for_all", "FOR_ALL", "#all"]


@pytest.mark.parametrize("key", RECIPIENT_KEYS)
@pytest.mark.parametrize("to", [*EVERYBODY, None])
@pytest.mark.parametrize("text", [("msg", "message"), ("message", "mess_text")])
def test_everybody_has_many_names(
    key: str, to: str | None, text: tuple[str, str]
) -> None:
    fields = {"action": text[0], key: to, text[1]: "hi"}
    reading = read_request(line(fields))
    assert reading.event == Said("#all", ["hi"])
    assert reading.habits is not None
    assert reading.habits.recipients == (key,)


def test_without_a_recipient_a_message_is_for_everybody() -> None:
    reading = read_request(line({"action": "message", "text": "hi"}))
    assert reading.event == Said("#all", ["hi"])
    assert reading.habits == Habits("message", texts=("text",))


@pytest.mark.parametrize("to", ["all", "", "#", "for_all"])
def test_a_numbered_message_is_only_for_whom_it_names(to: str) -> None:
    fields = {"action": "msg", "to": to, "message": "hi", "id": 1}
    assert read_request(line(fields)).event == Said(to, ["hi"], [1])
