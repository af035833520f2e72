import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.command_table import COMMANDS, Command
from client.commands import read_line
from client.verbs import EVERYWHERE, Order, Unclear, Verb

ALWAYS = [
    ("", Order(Verb.NOTHING)),
    ("  \t", Order(Verb.NOTHING)),
    ("1", Order(Verb.MESSAGE)),
    ("message", Order(Verb.MESSAGE)),
    ("2", Order(Verb.HELP)),
    (" HELP ", Order(Verb.HELP)),
    ("3", Order(Verb.EXIT)),
    ("exit", Order(Verb.EXIT)),
    ("quit", Order(Verb.EXIT)),
    ("users", Order(Verb.USERS)),
    ("users #r", Order(Verb.USERS, "#r")),
    ("rooms", Order(Verb.ROOMS)),
    ("join #комната", Order(Verb.JOIN, "#комната")),
    ("leave #r", Order(Verb.LEAVE, "#r")),
    ("leave", Order(Verb.LEAVE)),
    ("clear", Order(Verb.CLEAR)),
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
    ("unread", Order(Verb.UNREAD)),
    ("register", Order(Verb.REGISTER)),
    ("login", Order(Verb.LOGIN)),
    ("login @bob", Order(Verb.LOGIN, "bob")),
    ("passwd", Order(Verb.PASSWD)),
    ("devices", Order(Verb.DEVICES)),
    ("logout", Order(Verb.LOGOUT)),
    ("logout 12", Order(Verb.LOGOUT, number=12)),
    ("Delete Account", Order(Verb.DELETE)),
    ("@bob hi  there ", Order(Verb.SAY, "bob", "hi  there")),
    ("@bob two\nlines", Order(Verb.SAY, "bob", "two\nlines")),
    ("#r hi", Order(Verb.SAY, "#r", "hi")),
    ("help rooms", Order(Verb.HELP, choice="rooms")),
    ("help Kick", Order(Verb.HELP, choice="kick")),
    ("edit", Order(Verb.EDIT)),
    ("edit @bob", Order(Verb.EDIT, "bob")),
    ("edit #r", Order(Verb.EDIT, "#r")),
    ("edit bob", Order(Verb.EDIT, "bob")),
    ("topic", Order(Verb.TOPIC)),
    ("topic #r", Order(Verb.TOPIC, "#r")),
    ("topic #r green  tea", Order(Verb.TOPIC, "#r", "green  tea")),
    ("topic green tea", Order(Verb.TOPIC, "", "green tea")),
    ("open #r", Order(Verb.OPEN, "#r")),
    ("open", Order(Verb.OPEN)),
    ("close #r", Order(Verb.CLOSE, "#r")),
    ("remove #r", Order(Verb.REMOVE, "#r")),
    ("invite bob #r", Order(Verb.LET_IN, "bob", room="#r")),
    ("invite @bob", Order(Verb.LET_IN, "bob")),
    ("invite", Order(Verb.INVITE)),
    ("invite 1 time", Order(Verb.INVITE, number=1)),
    ("invite to #r", Order(Verb.INVITE, room="#r")),
    ("invite @to #r", Order(Verb.LET_IN, "to", room="#r")),
    (
        "invite for 3d as Moderator 5 times to #r",
        Order(
            Verb.INVITE,
            number=5,
            room="#r",
            seconds=3 * 86_400.0,
            choice="moderator",
        ),
    ),
    ("invites", Order(Verb.INVITES)),
    ("revoke 3", Order(Verb.REVOKE, number=3)),
    ("redeem", Order(Verb.REDEEM)),
    ("kick @bob", Order(Verb.KICK, "bob")),
    ("kick @bob spam and more", Order(Verb.KICK, "bob", "spam and more")),
    ("kick bob #r", Order(Verb.KICK, "bob", room="#r")),
    ("kick bob #r spam", Order(Verb.KICK, "bob", "spam", room="#r")),
    ("kick bob spam", Order(Verb.KICK, "bob", "spam")),
    ("kick @bob everywhere x", Order(Verb.KICK, "bob", "x", room=EVERYWHERE)),
    ("ban @bob", Order(Verb.BAN, "bob")),
    ("ban @bob for 10m", Order(Verb.BAN, "bob", seconds=600.0)),
    ("ban @bob 2h spam", Order(Verb.BAN, "bob", "spam", seconds=7_200.0)),
    ("ban @bob spam for 3 days", Order(Verb.BAN, "bob", "spam", seconds=259_200.0)),
    ("ban @bob for spam", Order(Verb.BAN, "bob", "for spam")),
    ("ban @bob for 10mops", Order(Verb.BAN, "bob", "for 10mops")),
    (
        "mute bob #r for 1 week too loud",
        Order(Verb.MUTE, "bob", "too loud", room="#r", seconds=604_800.0),
    ),
    ("unban @bob", Order(Verb.UNBAN, "bob")),
    ("unmute bob #r", Order(Verb.UNMUTE, "bob", room="#r")),
    ("bans", Order(Verb.BANS)),
    ("bans #r", Order(Verb.BANS, room="#r")),
    ("bans everywhere", Order(Verb.BANS, room=EVERYWHERE)),
    ("role bob Moderator", Order(Verb.ROLE, "bob", choice="moderator")),
    ("whois bob", Order(Verb.WHOIS, "bob")),
    ("contacts", Order(Verb.CONTACTS)),
    ("add @bob", Order(Verb.ADD, "bob")),
    ("forget bob", Order(Verb.FORGET, "bob")),
    ("block @bob", Order(Verb.BLOCK, "bob")),
    ("unblock bob", Order(Verb.UNBLOCK, "bob")),
    ("blocked", Order(Verb.BLOCKED)),
    ("away", Order(Verb.AWAY)),
    ("away at lunch", Order(Verb.AWAY, "", "at lunch")),
    ("back", Order(Verb.BACK)),
    ("status gardening", Order(Verb.STATUS, "", "gardening")),
    ("seen off", Order(Verb.SEEN, choice="off")),
    ("bell", Order(Verb.BELL)),
    ("bell All", Order(Verb.BELL, choice="all")),
    ("message bob hi", Order(Verb.SAY, "bob", "hi")),
    ("msg @bob hi", Order(Verb.SAY, "bob", "hi")),
]

#: Sentences that begin like a command; without an addressee they are none.
SENTENCES = [
    "help us",
    "join us",
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
    "history 0",
    "history bob 0",
    "revoke it",
    "remove it",
    "role model",
    "open the door",
    "close to me",
    "seen on tv",
    "bell rings",
    "bans are bad",
    "back in a minute",
    "invite everybody you know",
    "contacts please",
    "@bob, look",
    "@bob",
    "#r",
    "# A heading",
    "hello",
]


#: Words of other chats, which are commands with a slash alone.
SLASHED = [
    ("/w robert hey", Order(Verb.SAY, "robert", "hey")),
    ("/msg robert hey", Order(Verb.SAY, "robert", "hey")),
    ("/query robert", Order(Verb.TO, "robert")),
    ("/me waves", Order(Verb.ME, "", "waves")),
    ("/nick x", Order(Verb.NICK, "x")),
    ("/names #r", Order(Verb.USERS, "#r")),
    ("/who", Order(Verb.USERS)),
    ("/list", Order(Verb.ROOMS)),
    ("/part", Order(Verb.LEAVE)),
    ("/part #r", Order(Verb.LEAVE, "#r")),
    ("/CLEAR", Order(Verb.CLEAR)),
    ("/quit", Order(Verb.EXIT)),
]


@pytest.mark.parametrize(("line", "order"), ALWAYS)
def test_a_line_to_nobody_is_a_command(line: str, order: Order) -> None:
    assert read_line(line, addressed=False) == order


@pytest.mark.parametrize("addressed", [False, True])
@pytest.mark.parametrize(
    ("line", "order"),
    [(f"/{line}", order) for line, order in ALWAYS if line.strip()[:1].isalnum()]
    + SLASHED,
)
def test_a_slash_makes_a_command(line: str, order: Order, addressed: bool) -> None:
    assert read_line(line.replace("/ ", "/"), addressed=addressed) == order


#: What is said to somebody, and whether it is asked about: it may be a slip.
IN_A_CONVERSATION = [
    ("1", False),
    ("3", False),
    ("hello", False),
    ("me too", False),
    ("who is there?", False),
    ("to be or not to be", False),
    ("back in a minute or two", False),
    ("history repeats itself, they say", False),
    ("@bob, look", False),
    ("@bob", False),
    ("# A heading", False),
    ("logout", True),
    ("exit", True),
    ("Quit", True),
    ("block owner", True),
    ("away lunch", True),
    ("invite x", True),
    ("join tea", True),
    ("role bob king", True),
    ("help me please", True),
    ("kick it off, all of you, and be quick", True),
    ("delete account", True),
]


@pytest.mark.parametrize(("line", "doubtful"), IN_A_CONVERSATION)
def test_a_line_in_a_conversation_is_a_text(line: str, doubtful: bool) -> None:
    said = Order(Verb.SAY, "", line, doubtful=doubtful)
    assert read_line(line, addressed=True) == said


@pytest.mark.parametrize(
    "line", [one for one, _ in ALWAYS if one.strip()[:1].isalpha()]
)
def test_no_command_without_a_slash_in_a_conversation(line: str) -> None:
    said = read_line(line, addressed=True)
    assert said == Order(Verb.SAY, "", line, doubtful=True)


@pytest.mark.parametrize("line", [one for one in SENTENCES if one != "message"])
def test_a_sentence_to_nobody_gets_a_hint(line: str) -> None:
    assert isinstance(read_line(line, addressed=False), Unclear)


@pytest.mark.parametrize("addressed", [False, True])
@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("/jion #tea", "/jion is no command: did you mean /join? (//jion says"),
        ("/whisper bob hi", "did you mean /whois?"),
        ("/Hepl", "/Hepl is no command: did you mean /help?"),
        ("/zzzz", "/help lists the commands"),
        ("/wisper", "/wisper is no command: /help lists the commands"),
        ("/", "/ is no command: /help lists"),
        ("/etc/hosts", "(//etc/hosts says it as a text)"),
        ("/ban", "/ban is used like this: /ban NAME"),
    ],
)
def test_no_word_behind_a_slash_is_said(line: str, hint: str, addressed: bool) -> None:
    answer = read_line(line, addressed=addressed)
    assert isinstance(answer, Unclear)
    assert hint in answer.hint


@pytest.mark.parametrize("text", ["/", "/exit", "/help me", "/etc/hosts", "//x"])
def test_two_slashes_send_one(text: str) -> None:
    assert read_line(f"/{text}", addressed=True) == Order(Verb.SAY, "", text)


def test_a_wrong_use_names_the_right_one() -> None:
    assert read_line("/join", addressed=True) == Unclear(
        "/join is used like this: /join #ROOM"
    )
    assert read_line("join", addressed=False) == Unclear(
        "join is used like this: join #ROOM"
    )


@given(st.text(), st.booleans())
def test_any_line_is_read_as_something(line: str, addressed: bool) -> None:
    order = read_line(line, addressed=addressed)
    if isinstance(order, Order) and order.verb is Verb.SAY:
        assert order.text.strip()
        assert order.target or addressed


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.usage)
@pytest.mark.parametrize("filling", ["x", " ", "x ", "@", " #", " for ", "1 ", "as "])
def test_a_line_of_any_length_is_read_at_once(command: Command, filling: str) -> None:
    began = time.process_time()
    read_line(f"/{command.word} @bob x{filling * 30_000}.", addressed=True)
    assert time.process_time() - began < 1


def test_a_wrong_use_of_a_word_with_two_ways_names_both() -> None:
    assert read_line("invite all of you", addressed=False) == Unclear(
        "invite is used like this: invite NAME [#ROOM], or "
        "invite [as ROLE] [N times] [for 3d] [to #ROOM]"
    )
