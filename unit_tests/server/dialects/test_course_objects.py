"""The objects of course clients: all of a text arrives, and each fits into a read."""

import json

import pytest

from common.names import Name
from server.dialects.course_objects import encoded, fitting, message, parts, shortened
from server.dialects.reading import Habits

TIME = 1_700_000_000.123
ALL_KEYS = Habits()
ONE_KEY = Habits("message", ("from",), ("to",), ("mess_text",))
NAMES = ["b", "александра", "x" * 64, "🍲" * 64]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("habits", [ALL_KEYS, ONE_KEY])
@pytest.mark.parametrize("letter", ["x", "щ", "🍲", '"', "\x01"])
@pytest.mark.parametrize("length", [0, 1, 150, 800, 4000])
def test_all_of_a_text_arrives_in_objects_of_one_read(
    name: str, habits: Habits, letter: str, length: int
) -> None:
    found = parts(habits, Name(name), name, letter * length, TIME)
    texts = [one["mess_text"] for one in found]
    if len(found) > 1:
        ends = [f" ({at}/{len(found)})" for at in range(1, len(found) + 1)]
        assert all(map(str.endswith, texts, ends))
        texts = [text.rpartition(" ")[0] for text in texts]
    assert "".join(texts) == letter * length
    assert max(len(encoded(one)) for one in found) <= 1000


@pytest.mark.parametrize(("habits", "size"), [(ALL_KEYS, 150), (ONE_KEY, 800)])
def test_texts_of_the_size_that_the_page_names_come_whole(
    habits: Habits, size: int
) -> None:
    name = Name("александра")
    assert len(parts(habits, name, name, "x" * size, TIME)) == 1


def test_the_sender_within_user_is_an_object() -> None:
    said = message(Habits("msg", ("user",), ("to",), ("text",)), Name("b"), "a", "x", 1)
    assert json.loads(encoded(said)) == {
        "action": "msg",
        "time": 1,
        "to": "a",
        "user": {"account_name": "b"},
        "text": "x",
    }


@pytest.mark.parametrize("letter", ["x", "щ", "\x01"])
def test_a_long_complaint_is_shortened_and_says_so(letter: str) -> None:
    error = shortened(letter * 2000)
    said = {"response": 400, "error": error, "time": TIME}
    assert error.endswith("…")
    assert len(encoded(said)) <= 1000
    assert shortened("short") == "short"


def test_of_a_list_the_first_names_that_fit_are_told() -> None:
    names = [f"имя{n:04}" for n in range(500)]
    found = fitting(names)
    assert found == names[: len(found)]
    assert 950 < len(encoded({"response": 202, "data_list": found})) <= 1000
