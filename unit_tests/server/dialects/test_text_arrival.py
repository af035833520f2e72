"""What comes between a sign-in and the last messages, and in which order."""

from errors import (
    NotAllowed,
)
from server.dialects.text_steps import Ask
from server.events import (
    CaughtUp,
    Goodbye,
    PresenceTold,
    Refused,
)
from unit_tests.server.dialects.feeding import (
    welcome,
)
from unit_tests.server.dialects.texting import (
    BOB,
    THEN,
    entering,
    heard,
    recent,
    row,
    said,
    stamp,
)


def test_the_last_messages_follow_the_ok_and_what_happened_since_follows_them() -> None:
    dialect = entering()
    assert heard(dialect, welcome(), CaughtUp(3)) == ["Server: ok!"]
    came = PresenceTold(BOB, "", True, False)
    # What is stored at the time of the look-up is in both.
    assert heard(dialect, said(3, "three", "four", "five"), came) == []
    assert heard(dialect, recent([row(1, "one"), row(4, "four")])) == [
        f"{stamp(THEN)}: bob sent one",
        f"{stamp(THEN)}: bob sent four",
        "bob sent five",
        "bob connected!",
    ]
    assert heard(dialect, said(6, "six")) == ["bob sent six"]


def test_a_server_without_history_has_no_last_messages() -> None:
    dialect = entering()
    refusal = Refused(NotAllowed("nothing is kept"), Ask.RECENT)
    assert heard(dialect, welcome(), CaughtUp(0), said(1, "hi"), refusal) == [
        "Server: ok!",
        "bob sent hi",
    ]


def test_what_came_before_the_last_messages_is_told_before_a_goodbye() -> None:
    dialect = entering()
    told = heard(
        dialect, welcome(), CaughtUp(0), said(1, "hi"), Goodbye(NotAllowed("over"))
    )
    assert told == ["Server: ok!", "bob sent hi", "Sorry! over"]


def test_last_messages_that_take_too_long_are_left_out() -> None:
    dialect = entering()
    heard(dialect, welcome(), CaughtUp(0))
    crowd = [said(at, str(at)) for at in range(1, 1002)]
    assert len(heard(dialect, *crowd)) == 1001
    assert heard(dialect, recent([row(1)])) == []


def test_who_missed_more_sees_it_all_in_order() -> None:
    dialect = entering()
    missed = [said(1, "one"), said(2, "psst", to="alice"), said(3, "three")]
    assert heard(dialect, welcome(), *missed) == ["Server: ok!"]
    assert heard(dialect, recent([row(3, "three"), row(5, "five")])) == []
    assert heard(dialect, said(5, "five"), said(6, "six"), CaughtUp(6)) == [
        "bob sent one",
        "[private] bob sent psst",
        f"{stamp(THEN)}: bob sent three",
        f"{stamp(THEN)}: bob sent five",
        "bob sent six",
    ]


def test_who_missed_very_much_sees_just_that() -> None:
    dialect = entering()
    missed = [said(at, str(at)) for at in range(1, 1200)]
    told = heard(dialect, welcome(), recent([row(1199, "1199")]), *missed, CaughtUp(0))
    assert told[1:] == [f"bob sent {at}" for at in range(1, 1200)]


def test_private_words_in_the_range_of_the_last_messages_are_not_left_out() -> None:
    dialect = entering()
    told = heard(
        dialect,
        welcome(),
        CaughtUp(0),
        said(2, "psst", to="alice"),
        recent([row(1), row(3)]),
    )
    assert told[-1] == "[private] bob sent psst"
