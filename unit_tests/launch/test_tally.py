from launch.tally import Delivery, Summary, Tally

HELLO = Delivery("bob", "alice", "#demo", "hello (1)")
TO_CAROL = HELLO._replace(recipient="carol")


def tally_of(*arrived: Delivery) -> Tally:
    tally = Tally()
    tally.expect([HELLO, TO_CAROL], 10.0)
    for number, delivery in enumerate(arrived, 1):
        tally.note(delivery, 10.0 + number)
    return tally


def test_all_that_was_sent_has_arrived() -> None:
    tally = tally_of(HELLO, TO_CAROL)
    assert tally.is_complete
    summary = tally.summary()
    assert summary == Summary(1, 2, 2, 0, 0, 2.0)
    assert summary.is_good


def test_what_does_not_come_is_lost() -> None:
    tally = tally_of(HELLO)
    assert not tally.is_complete
    assert tally.summary().lost == 1
    assert not tally.summary().is_good


def test_what_is_refused_is_lost_and_not_waited_for() -> None:
    tally = tally_of(HELLO)
    tally.give_up("alice", "#demo", "hello (1)")
    tally.give_up("alice", "#demo", "hello (1)")
    assert tally.is_complete
    assert tally.summary().lost == 1
    # And if it comes all the same, it was delivered.
    tally.note(TO_CAROL, 12.0)
    assert tally.is_complete
    assert tally.summary().lost == 0


def test_what_comes_twice_is_a_duplicate_and_replaces_nothing() -> None:
    tally = tally_of(HELLO, HELLO)
    assert not tally.is_complete
    summary = tally.summary()
    assert (summary.duplicates, summary.lost, summary.delivered) == (1, 1, 1)


def test_another_text_is_strange_and_does_not_count_as_delivered() -> None:
    summary = tally_of(HELLO, TO_CAROL._replace(text="hello (2)")).summary()
    assert (summary.strange, summary.lost) == (1, 1)
    assert not summary.is_good
    assert "never sent like that: 1" in summary.lines()


def test_what_reaches_the_wrong_one_is_strange() -> None:
    summary = tally_of(HELLO, TO_CAROL, HELLO._replace(recipient="dave")).summary()
    assert (summary.strange, summary.lost) == (1, 0)
    assert not summary.is_good


def test_nothing_sent_is_no_good_demo() -> None:
    summary = Tally().summary()
    assert summary == Summary(0, 0, 0, 0, 0, 0.0)
    assert not summary.is_good
    assert "messages per second: 0.0" in summary.lines()


def test_the_summary_in_words() -> None:
    assert Summary(30, 45, 44, 0, 0, 5.0).lines() == [
        "sent: 30",
        "delivered: 44 of 45",
        "lost: 1",
        "duplicates: 0",
        "time: 5.0 s",
        "messages per second: 6.0",
    ]
