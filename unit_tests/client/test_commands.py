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
    ("unread", Order(Verb.UNREAD)),
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
    ("help rooms", Order(Verb.HELP, choice="rooms")),
    ("help Kick", Order(Verb.HELP, choice="kick")),
    ("edit", Order(Verb.EDIT)),
    ("edit @bob", Order(Verb.EDIT, "bob")),
    ("edit #r", Order(Verb.EDIT, "#r")),
    ("/edit bob", Order(Verb.EDIT, "bob")),
    ("topic", Order(Verb.TOPIC)),
    ("topic #r", Order(Verb.TOPIC, "#r")),
    ("topic #r green  tea", Order(Verb.TOPIC, "#r", "green  tea")),
    ("/topic green tea", Order(Verb.TOPIC, "", "green tea")),
    ("open #r", Order(Verb.OPEN, "#r")),
    ("/open", Order(Verb.OPEN)),
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
    ("/kick bob spam", Order(Verb.KICK, "bob", "spam")),
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
    ("/forget bob", Order(Verb.FORGET, "bob")),
    ("block @bob", Order(Verb.BLOCK, "bob")),
    ("/unblock bob", Order(Verb.UNBLOCK, "bob")),
    ("blocked", Order(Verb.BLOCKED)),
    ("away", Order(Verb.AWAY)),
    ("/away at lunch", Order(Verb.AWAY, "", "at lunch")),
    ("back", Order(Verb.BACK)),
    ("/status gardening", Order(Verb.STATUS, "", "gardening")),
    ("seen off", Order(Verb.SEEN, choice="off")),
    ("bell", Order(Verb.BELL)),
    ("bell All", Order(Verb.BELL, choice="all")),
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


#: Sentences while plain lines go somewhere, and orders otherwise.
EITHER = [
    ("kick it off", Order(Verb.KICK, "it", "off"), "it"),
    ("ban him for 10m", Order(Verb.BAN, "him", seconds=600.0), "him"),
    ("mute me", Order(Verb.MUTE, "me"), "me"),
    ("unban him", Order(Verb.UNBAN, "him"), "him"),
    ("block him", Order(Verb.BLOCK, "him"), "him"),
    ("add milk", Order(Verb.ADD, "milk"), "milk"),
    ("forget it", Order(Verb.FORGET, "it"), "it"),
    ("invite bob", Order(Verb.LET_IN, "bob"), "bob"),
    ("edit it", Order(Verb.EDIT, "it"), "it"),
    ("login failed", Order(Verb.LOGIN, "failed"), "failed"),
    ("message me later", Order(Verb.SAY, "me", "later"), "me"),
    ("away for lunch", Order(Verb.AWAY, "", "for lunch"), ""),
    ("status report please", Order(Verb.STATUS, "", "report please"), ""),
    ("topic of the day", Order(Verb.TOPIC, "", "of the day"), ""),
    ("open", Order(Verb.OPEN), ""),
    ("close", Order(Verb.CLOSE), ""),
]


@pytest.mark.parametrize(("line", "order", "instead"), EITHER)
def test_what_could_be_a_sentence_is_one_where_plain_lines_go_somewhere(
    line: str, order: Order, instead: str
) -> None:
    assert read_line(line, addressed=False) == order
    assert read_line(f"/{line}", addressed=True) == order
    said = Order(Verb.SAY, "", line, instead=instead)
    assert read_line(line, addressed=True) == said


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
