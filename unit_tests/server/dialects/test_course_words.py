"""What course clients are told of rules: in words, and only what concerns them."""

import pytest

from common.names import Name, RoomName
from errors import Kicked, NotAllowed
from server.dialects.course_words import LastWords
from server.events import Goodbye, Outgoing, PresenceTold, RoomChanged, Ruling
from unit_tests.server.dialects.test_course import BOB, ME, ROOM, course, heard

UNTIL = 1_700_000_000.0
TABLE = [
    (Ruling("kick", ME, None, BOB), "bob has ended your session"),
    (Ruling("kick", ME, ROOM, BOB, "noise"), "bob has taken you out of #room: noise"),
    (
        Ruling("ban", ME, ROOM, BOB, "noise", UNTIL),
        "bob has banned you from #room until 2023-11-14 22:13 UTC: noise",
    ),
    (Ruling("ban", ME, None, BOB), "bob has banned you from this server"),
    (Ruling("unban", ME, None, BOB), "bob has ended your ban from this server"),
    (Ruling("unban", ME, ROOM, BOB), "bob has ended your ban from #room"),
    (Ruling("mute", ME, None, BOB, "{x}"), "bob has muted you on this server: {x}"),
    (Ruling("mute", ME, ROOM, BOB), "bob has muted you in #room"),
    (Ruling("unmute", ME, ROOM, BOB), "bob lets you talk in #room again"),
    (Ruling("unmute", ME, None, BOB), "bob lets you talk again"),
    (Ruling("invite", ME, ROOM, BOB), "bob lets you into #room"),
    (
        Ruling("role", ME, None, BOB, role="moderator"),
        "bob has given you the role moderator",
    ),
]


@pytest.mark.parametrize(("ruling", "sentence"), TABLE)
def test_a_ruling_comes_as_a_message_of_the_server(
    ruling: Ruling, sentence: str
) -> None:
    ((_, found),) = heard(course(), [ruling])
    assert (found["from"], found["to"]) == ("server", "alice")
    assert found["mess_text"] == sentence


def test_what_concerns_others_is_not_said() -> None:
    events: list[Outgoing] = [
        Ruling("kick", BOB, ROOM, ME),
        RoomChanged(ROOM, BOB, topic="x"),
        PresenceTold(BOB, "", True, False),
    ]
    assert heard(course(), events) == []


def test_a_long_reason_comes_in_parts_and_a_long_error_begins() -> None:
    by, reason = Name("ж" * 25), "\x01" * 200
    ruling = Ruling("ban", ME, RoomName("#" + "щ" * 24), by, reason)
    error = Goodbye(Kicked(by, reason))
    (_, refusal), *parts = heard(course(), [ruling, error])
    assert len(parts) > 1
    assert refusal["response"] == 400
    assert str(error.error).startswith(refusal["error"].removesuffix("…"))
    ((_, whole),) = heard(course(), [Goodbye(NotAllowed("щ" * 400))])
    assert whole["error"] == "щ" * 400


def test_the_names_that_were_heard_last_are_remembered() -> None:
    words = LastWords(most=2)
    for name, word in (("a", "msg"), ("b", "msg"), ("a", "MESSAGE"), ("c", "message")):
        words.note(Name(name), word)
    assert [words.of(Name(name)) for name in "abc"] == ["MESSAGE", None, "message"]
