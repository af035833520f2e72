import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.commands import COMMANDS, Order, Unclear, Verb, help_text, read_line

ALWAYS = [
    ("", Order(Verb.NOTHING)),
    ("  \t", Order(Verb.NOTHING)),
    ("//", Order(Verb.NOTHING)),
    ("1", Order(Verb.MESSAGE)),
    ("message", Order(Verb.MESSAGE)),
    ("2", Order(Verb.HELP)),
    (" HELP ", Order(Verb.HELP)),
    ("/help", Order(Verb.HELP)),
    ("3", Order(Verb.EXIT)),
    ("exit", Order(Verb.EXIT)),
    ("quit", Order(Verb.EXIT)),
    ("users", Order(Verb.USERS)),
    ("users #r", Order(Verb.USERS, "#r")),
    ("rooms", Order(Verb.ROOMS)),
    ("join #комната", Order(Verb.JOIN, "#комната")),
    ("leave #r", Order(Verb.LEAVE, "#r")),
    ("to", Order(Verb.TO)),
    ("to bob", Order(Verb.TO, "bob")),
    ("to @bob", Order(Verb.TO, "bob")),
    ("to #r", Order(Verb.TO, "#r")),
    ("history", Order(Verb.HISTORY)),
    ("history bob", Order(Verb.HISTORY, "bob")),
    ("history 50", Order(Verb.HISTORY, number=50)),
    ("history @50", Order(Verb.HISTORY, "50")),
    ("history #комната 5", Order(Verb.HISTORY, "#комната", number=5)),
    ("history bob 999999", Order(Verb.HISTORY, "bob", number=1000)),
    ("search ёлка  дома", Order(Verb.SEARCH, "", "ёлка  дома")),
    ("search @bob two words", Order(Verb.SEARCH, "bob", "two words")),
    ("search #r x", Order(Verb.SEARCH, "#r", "x")),
    ("search #r", Order(Verb.SEARCH, "", "#r")),
    ("more", Order(Verb.MORE)),
    ("conversations", Order(Verb.CONVERSATIONS)),
    ("unread", Order(Verb.CONVERSATIONS)),
    ("register", Order(Verb.REGISTER)),
    ("login", Order(Verb.LOGIN)),
    ("/login @bob", Order(Verb.LOGIN, "bob")),
    ("passwd", Order(Verb.PASSWD)),
    ("devices", Order(Verb.DEVICES)),
    ("logout", Order(Verb.LOGOUT)),
    ("logout 12", Order(Verb.LOGOUT, number=12)),
    ("Delete Account", Order(Verb.DELETE)),
    ("@bob hi  there ", Order(Verb.SAY, "bob", "hi  there")),
    ("@bob two\nlines", Order(Verb.SAY, "bob", "two\nlines")),
    ("#r hi", Order(Verb.SAY, "#r", "hi")),
    ("/message bob hi", Order(Verb.SAY, "bob", "hi")),
    ("/msg @bob hi", Order(Verb.SAY, "bob", "hi")),
]

#: Sentences that begin like a command; without an addressee they are none.
SENTENCES = [
    "help me",
    "join us",
    "leave",
    "users are nice",
    "to be or not",
    "message",
    "history repeats itself",
    "search",
    "more of it",
    "register now",
    "login to me",
    "logout of it",
    "logout 0",
    "delete it",
    "delete account now",
    "@bob, look",
    "@bob",
    "#r",
    "# A heading",
    "hello",
    "/etc/hosts",
]


@pytest.mark.parametrize("addressed", [False, True])
@pytest.mark.parametrize(("line", "order"), ALWAYS)
def test_a_line_is_read(line: str, order: Order, addressed: bool) -> None:
    assert read_line(line, addressed=addressed) == order


@pytest.mark.parametrize("line", [one for one in SENTENCES if one != "message"])
def test_a_sentence_is_a_text_where_plain_lines_go_somewhere(line: str) -> None:
    assert read_line(line, addressed=True) == Order(Verb.SAY, "", line)


@pytest.mark.parametrize("line", [one for one in SENTENCES if one != "message"])
def test_a_sentence_to_nobody_gets_a_hint(line: str) -> None:
    assert isinstance(read_line(line, addressed=False), Unclear)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("message me later", Order(Verb.SAY, "me", "later")),
        ("login failed", Order(Verb.LOGIN, "failed")),
    ],
)
def test_some_commands_with_a_name_are_sentences_where_plain_lines_go_somewhere(
    line: str, order: Order
) -> None:
    assert read_line(line, addressed=False) == order
    assert read_line(line, addressed=True) == Order(Verb.SAY, "", line)


@pytest.mark.parametrize("text", ["exit", "@bob hi", "/help", " 1"])
def test_two_slashes_make_a_text_of_anything(text: str) -> None:
    assert read_line(f"//{text}", addressed=True) == Order(Verb.SAY, "", text)


def test_a_wrong_use_names_the_right_one() -> None:
    assert read_line("/join", addressed=True) == Unclear(
        "join is used like this: join #ROOM"
    )


@given(st.text(), st.booleans())
def test_any_line_is_read_as_something(line: str, addressed: bool) -> None:
    order = read_line(line, addressed=addressed)
    if isinstance(order, Order) and order.verb is Verb.SAY:
        assert order.text.strip()
        assert order.target or addressed


def test_the_help_names_every_word_and_fits_a_terminal() -> None:
    text = help_text()
    for command in COMMANDS:
        assert all(word in text for word in command.words)
    assert max(map(len, text.splitlines())) < 80


def test_the_help_of_a_start_leaves_room_on_a_small_terminal() -> None:
    rows = help_text(briefly=True).splitlines()
    assert set(rows) < set(help_text().splitlines())
    assert len(rows) < 16
