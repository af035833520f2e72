import pytest

from client.bell import Bell
from client.events import Event, MessageReceived, MessageSent


def told(text: str, to: str = "#r", sender: str = "bob", missed: bool = False) -> Event:
    return MessageReceived(sender, to, text, 0.0, 7, missed)


@pytest.mark.parametrize(
    ("event", "off", "mention", "everything"),
    [
        (told("hi", "alice"), False, True, True),
        (told("hi"), False, False, True),
        (told("alice, look"), False, True, True),
        (told("ask ALICE."), False, True, True),
        (told("@alice"), False, True, True),
        (told("malice"), False, False, True),
        (told("alice-2 knows"), False, False, True),
        (told("alice_2 knows"), False, False, True),
        (told("to-alice"), False, False, True),
        (told("hi", "alice", missed=True), False, False, False),
        (told("alice", sender="Alice"), False, False, False),
        (MessageSent(1, "bob", "alice"), False, False, False),
    ],
)
def test_the_bell_rings_for_what_it_is_set_to(
    event: Event, off: bool, mention: bool, everything: bool
) -> None:
    rung = [Bell(mode).rings(event, "alice") for mode in ("off", "mention", "all")]
    assert rung == [off, mention, everything]


def test_a_name_is_no_pattern_and_of_any_script() -> None:
    assert not Bell("mention").rings(told("axb"), "a.b")
    assert Bell("mention").rings(told("где ДАША?"), "Даша")


def test_the_bell_says_how_it_is_set() -> None:
    bell = Bell("mention")
    assert bell.set("off") == "the bell rings never"
    assert bell.set("") == "the bell rings never"
    assert bell.mode == "off"
