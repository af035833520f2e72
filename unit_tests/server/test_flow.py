"""The throttle, on a clock that the tests turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.names import Secret
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Event,
    ForgetDevice,
    HasRead,
    HasReceived,
    JoinRoom,
    ListDevices,
    ListRooms,
    ListTokens,
    ListUsers,
    Quitting,
    Register,
    RevokeToken,
    Said,
    SignIn,
)
from server.flow import Throttle


def said(first: int, count: int, *, numbered: bool = True) -> Said:
    numbers = list(range(first, first + count))
    return Said("bob", [str(n) for n in numbers], numbers if numbered else None)


def texts(events: list[Event]) -> list[str]:
    return [
        text
        for event in events
        for text in (event.texts if isinstance(event, Said) else ["join"])
    ]


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    throttle = Throttle(200, 50, 10.0)
    assert len(texts(throttle.admit([said(1, 260)], 10.0))) == 200
    found = []
    while (now := throttle.resumes_at()) is not None:
        admitted = texts(throttle.admit((), now))
        assert admitted, "nothing was admitted at the time that was promised"
        found += [(now, text) for text in admitted]
    assert [text for _, text in found] == [str(n) for n in range(201, 261)]
    assert 1.19 < found[-1][0] - 10.0 < 1.21


def test_a_quiet_second_earns_fifty_more_and_never_above_the_burst() -> None:
    throttle = Throttle(200, 50, 0.0)
    throttle.admit([said(1, 200)], 0.0)
    assert len(texts(throttle.admit([said(1, 100)], 1.0))) == 50
    throttle.admit((), 2.0)
    assert throttle.resumes_at() is None
    assert len(texts(throttle.admit([said(1, 300)], 1000.0))) == 200


def test_what_fits_is_handed_on_as_it_is() -> None:
    event = said(1, 200)
    assert Throttle(200, 50, 0.0).admit([event], 0.0) == [event]


def test_numbers_are_split_with_their_texts() -> None:
    throttle = Throttle(3, 1, 0.0)
    first = throttle.admit([said(1, 5)], 0.0)
    rest = throttle.admit((), 10.0)
    assert first == [said(1, 3)]
    assert rest == [said(4, 2)]


def test_texts_without_numbers_are_split_as_well() -> None:
    throttle = Throttle(1, 1, 0.0)
    assert throttle.admit([said(1, 2, numbered=False)], 0.0) == [
        Said("bob", ["1"], None)
    ]
    assert throttle.admit((), 5.0) == [Said("bob", ["2"], None)]


def test_lists_and_movements_count_for_more_but_never_for_more_than_the_burst() -> None:
    throttle = Throttle(15, 1, 0.0)
    lists: list[Event] = [ListUsers(), ListRooms()]
    assert throttle.admit(lists, 0.0) == lists[:1]
    assert throttle.resumes_at() == 5.0
    assert throttle.admit([JoinRoom("#r")], 5.0) == lists[1:]
    assert throttle.resumes_at() == 9.0
    assert throttle.admit((), 9.0) == [JoinRoom("#r")]
    small = Throttle(1, 1, 0.0)
    assert small.admit([ListUsers()], 0.0) == [ListUsers()]


SECRET = Secret("x")


@pytest.mark.parametrize(
    ("event", "cost"),
    [
        (SignIn("a"), 1),
        (Authenticate("a", SECRET), 20),
        (Register("a"), 100),
        (ChangePassword(SECRET, SECRET), 20),
        (DeleteAccount(), 20),
        (CreateToken(), 20),
        (AskSearch("x"), 20),
        (AskHistory("bob"), 10),
        (AskConversations(), 10),
        (ListDevices(), 10),
        (ListTokens(), 10),
        (ForgetDevice(1), 4),
        (RevokeToken(1), 4),
        (HasRead("bob", 1), 2),
        (HasReceived(1), 1),
    ],
)
def test_what_makes_more_work_counts_for_more(event: Event, cost: int) -> None:
    throttle = Throttle(125, 1, 0.0)
    assert throttle.admit([event, said(1, 130)], 0.0) == [event, said(1, 125 - cost)]


def test_other_requests_count_as_one_and_keep_their_place() -> None:
    throttle = Throttle(2, 1, 0.0)
    quitting = Quitting()
    assert throttle.admit([said(1, 2), quitting, said(3, 1)], 0.0) == [said(1, 2)]
    assert throttle.admit((), 1.0) == [quitting]
    assert throttle.admit((), 2.0) == [said(3, 1)]
    assert throttle.resumes_at() is None


def test_what_comes_later_waits_behind_what_waits() -> None:
    throttle = Throttle(1, 1, 0.0)
    throttle.admit([said(1, 2)], 0.0)
    assert throttle.admit([JoinRoom("#r")], 0.0) == []
    assert throttle.admit((), 1.0) == [said(2, 1)]
    assert throttle.admit((), 2.0) == [JoinRoom("#r")]


events_ = st.one_of(
    st.integers(1, 30).map(lambda count: ("said", count)),
    st.just(("join", 1)),
)


@given(
    st.integers(1, 20),
    st.floats(0.1, 5000),
    st.lists(st.tuples(st.lists(events_, max_size=4), st.floats(0, 2)), max_size=6),
    st.floats(0, 1e6),
)
def test_nothing_is_lost_or_reordered_or_too_early(
    burst: int,
    rate: float,
    reads: list[tuple[list[tuple[str, int]], float]],
    start: float,
) -> None:
    throttle = Throttle(burst, rate, start)
    now, number = start, 1
    sent: list[str] = []
    got: list[str] = []
    for kinds, pause in reads:
        events: list[Event] = []
        for kind, count in kinds:
            if kind == "join":
                events.append(JoinRoom("#r"))
            else:
                events.append(said(number, count))
                number += count
        sent += texts(events)
        got += texts(throttle.admit(events, now))
        assert len(got) <= burst + (now - start) * rate + 1e-3
        now += pause
    for _ in range(len(sent) + 5):
        resumes_at = throttle.resumes_at()
        if resumes_at is None:
            break
        # The loop's clock is a little late, and never early.
        now = max(now, resumes_at) + 1e-3
        got += texts(throttle.admit((), now))
    assert got == sent
