from typing import Any

import pytest

from client.chat import Chat
from client.events import (
    CaughtUp,
    Conversation,
    ConversationsListed,
    Event,
    HistoryListed,
    KeptMessage,
    Kind,
    MessageFailed,
    MessageReceived,
    MessageSent,
    Movement,
    ReceiptReceived,
    RequestDone,
    RequestFailed,
    Room,
    RoomsListed,
    SearchDone,
    UsersListed,
)
from client.events_rules import InviteMade, RoomNews, Ruling
from client.line import Line, Seen, Tone
from client.lookups import Archived
from client.times import clock_time
from common.names import Secret
from unit_tests.client.sessions import asked, new_session, signed_in

ROW = KeptMessage(7, 0.0, "bob", "alice", "hi")


class Shown:
    """A chat, and the lines that it has shown."""

    def __init__(
        self,
        *,
        interactive: bool = True,
        online: bool = True,
        archive: Archived | None = None,
        last: str = "",
        **info: Any,
    ) -> None:
        self.lines: list[Line] = []
        self.moves: list[str] = []
        self.now = 1_000.5
        session = (
            signed_in(**({"keeps_history": True} | info)) if online else new_session()
        )
        session.data_to_send()
        self.chat = Chat(
            session,
            self.lines.append,
            interactive=interactive,
            archive=archive,
            last=last,
            note_move=self.moves.append,
            clock=lambda: self.now,
        )

    def type(self, *lines: str) -> list[tuple[str, str]]:
        """Type lines; return to whom what is sent."""
        assert all(self.chat.take_line(line) for line in lines)
        return [
            (one["to"], one["message"])
            for one in asked(self.chat.session)
            if one["action"] == "msg"
        ]

    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


def test_message_asks_to_whom_and_then_what() -> None:
    shown = Shown()
    prompts = []
    for line in ("1", "bob", "exit"):
        prompts.append(shown.chat.prompt)
        shown.chat.take_line(line)
    assert prompts == ["> ", "to whom? ", "what? "]
    assert shown.type() == [("bob", "exit")]
    assert shown.chat.prompt == "> "


def test_an_empty_answer_gives_a_question_up() -> None:
    shown = Shown()
    assert shown.type("message", "", "message", "bob", " ") == []
    assert shown.texts() == ["nothing sent", "nothing sent"]
    assert shown.chat.failures == 0


def test_a_text_where_a_name_is_asked_for_goes_nowhere() -> None:
    shown = Shown()
    assert shown.type("1", "hello you all", "bob", "hello") == [("bob", "hello")]
    assert shown.texts() == ["a name is one word; to whom?", "hello"]


def test_plain_lines_go_to_the_addressee() -> None:
    shown = Shown()
    assert shown.type("to bob", "hi", "@anna psst", "help, all of you") == [
        ("bob", "hi"),
        ("anna", "psst"),
        ("bob", "help, all of you"),
    ]
    assert shown.chat.prompt == "you → bob> "


def test_a_plain_line_to_nobody_is_complained_about_behind_a_pipe() -> None:
    shown = Shown(interactive=False)
    assert shown.type("hello") == []
    assert shown.lines[0].tone is Tone.TROUBLE
    assert "@NAME" in shown.lines[0].text
    assert shown.chat.failures == 1


def test_the_first_text_of_somebody_goes_to_everybody() -> None:
    shown = Shown()
    assert shown.type("help us", "hello", "3") == [("#all", "hello"), ("#all", "3")]
    assert shown.texts()[1:] == ["plain lines go to #all", "hello", "3"]
    assert shown.chat.prompt == "you → #all> "
    assert shown.moves == ["#all"]


def test_a_text_behind_join_does_not_go_to_everybody() -> None:
    shown = Shown()
    assert shown.type("join #tea", "hello") == []
    assert shown.texts()[0].startswith("say to whom")


def test_one_begins_where_one_was_and_each_move_is_noted() -> None:
    shown = Shown(last="#tea")
    shown.chat.greet(first_time=False)
    assert shown.texts() == ["plain lines go to #tea; /help lists the commands"]
    assert shown.type("hello", "/to bob", "/to bob", "hi") == [
        ("#tea", "hello"),
        ("bob", "hi"),
    ]
    shown.chat.take_event(RequestDone(1, Kind.JOIN, "#ale"))
    shown.chat.take_event(RequestDone(1, Kind.LEAVE, "#ale"))
    assert shown.moves == ["bob", "#ale", ""]


@pytest.mark.parametrize(
    ("rooms", "prompt"),
    [
        ([Room("#Tea", 2, joined=True)], "you → #tea> "),
        ([Room("#tea", 2)], "> "),
        ([], "> "),
    ],
)
def test_one_does_not_begin_in_a_room_that_one_is_out_of(
    rooms: list[Room], prompt: str
) -> None:
    shown = Shown(last="#tea")
    shown.chat.learn_names()
    shown.chat.take_event(RoomsListed(2, rooms))
    assert shown.chat.prompt == prompt
    assert ("you are not in #tea any more" in str(shown.texts())) is (prompt == "> ")


def test_whoever_was_nowhere_yet_sees_the_menu_in_a_row() -> None:
    shown = Shown()
    shown.chat.greet(first_time=False)
    shown.chat.greet(first_time=True)
    assert shown.texts()[0].startswith("1 message, 2 help, 3 exit")
    assert len(shown.lines) > 10


def test_exit_leaves() -> None:
    assert not Shown().chat.take_line("exit")


def test_what_is_too_long_is_complained_about_and_the_chat_goes_on() -> None:
    shown = Shown()
    long = "x" * 101
    assert shown.type(f"@bob {long}", "1", "bob", long, "@bob hi") == [("bob", "hi")]
    assert shown.chat.failures == 2


def test_what_is_typed_while_away_is_said_to_wait() -> None:
    shown = Shown(online=False)
    shown.type("@bob hi")
    (row,) = shown.lines
    assert (row.text, row.mark) == ("hi", "… waits")
    assert row.later == "… waits to be sent to bob: hi"


def test_names_asked_for_silently_are_not_shown() -> None:
    shown = Shown()
    shown.chat.learn_names()
    shown.chat.take_event(UsersListed(1, "", []))
    shown.chat.take_event(RequestFailed(2, Kind.ROOMS, "", "no", 500))
    assert shown.lines == []
    assert shown.chat.failures == 0
    shown.chat.take_event(RoomsListed(3, [Room("#r", 1)]))
    assert shown.texts() == ["1 room:", "#r (1 member)"]


def test_acknowledgements_are_marked_only_for_somebody() -> None:
    event = MessageSent(1, "bob", "hi")
    for interactive in (True, False):
        shown = Shown(interactive=interactive)
        shown.chat.take_event(event)
        assert bool(shown.lines) is interactive


def test_failures_are_counted_and_always_shown() -> None:
    shown = Shown(interactive=False)
    shown.chat.take_event(MessageFailed(1, "bob", "hi", "no", 404))
    assert shown.chat.failures == 1
    assert shown.texts() == ["✗ not sent to bob: no (hi)"]


def test_completion_follows_the_question() -> None:
    shown = Shown()
    shown.chat.take_event(MessageSent(1, "bob", "hi"))
    assert shown.chat.completions("@b") == ["@bob"]
    shown.type("message")
    assert shown.chat.completions("b") == ["bob"]
    shown.type("bob")
    assert shown.chat.completions("b") == []


def test_to_alone_says_where_plain_lines_go() -> None:
    shown = Shown()
    shown.type("to", "to #r", "/to")
    assert shown.texts() == [
        "plain lines go nowhere yet: /to NAME or /to #ROOM",
        "plain lines go to #r",
        "plain lines go to #r",
    ]


def requests_of(shown: Shown, *lines: str) -> list[dict[str, Any]]:
    """Type lines; return what is asked for, without what all requests have."""
    assert all(shown.chat.take_line(line) for line in lines)
    requests = asked(shown.chat.session)
    for request in requests:
        del request["time"], request["id"]
    return requests


@pytest.mark.parametrize(
    ("to", "line", "request_of_it"),
    [
        ("#r", "/kick @bob spam", {"action": "kick", "room": "#r", "reason": "spam"}),
        ("#r", "/kick @bob everywhere", {"action": "kick"}),
        ("#r", "/ban bob #x", {"action": "ban", "room": "#x"}),
        ("anna", "/mute @bob for 1h", {"action": "mute", "seconds": 3600}),
        ("#r", "/unban @bob", {"action": "unban", "room": "#r"}),
        ("#r", "/unmute @bob", {"action": "unmute", "room": "#r"}),
        ("#r", "/invite @bob", {"action": "invite", "room": "#r"}),
        ("#r", "/role bob owner", {"action": "role", "role": "owner"}),
        ("#r", "/block @bob", {"action": "block"}),
        ("#r", "/unblock bob", {"action": "unblock"}),
        ("#r", "/add @bob", {"action": "add"}),
        ("#r", "/forget bob", {"action": "remove"}),
        ("#r", "/whois bob", {"action": "whois"}),
    ],
)
def test_what_is_done_to_somebody_is_done_where_plain_lines_go(
    to: str, line: str, request_of_it: dict[str, Any]
) -> None:
    person = {"user": {"account_name": "bob"}}
    assert requests_of(Shown(), f"to {to}", line) == [request_of_it | person]


@pytest.mark.parametrize(
    ("line", "request_of_it"),
    [
        ("/bans", {"action": "bans", "room": "#r"}),
        ("/bans everywhere", {"action": "bans"}),
        ("/topic tea", {"action": "topic", "room": "#r", "topic": "tea"}),
        ("/topic -", {"action": "topic", "room": "#r", "topic": ""}),
        ("/topic #x tea", {"action": "topic", "room": "#x", "topic": "tea"}),
        ("/open", {"action": "access", "room": "#r", "access": "open"}),
        ("/close #x", {"action": "access", "room": "#x", "access": "invited"}),
        ("/invite 2 times", {"action": "create_invite", "uses": 2}),
        ("/invites", {"action": "invites"}),
        ("/revoke 3", {"action": "revoke_invite", "invite_id": 3}),
        ("/blocked", {"action": "blocked"}),
        ("/contacts", {"action": "get_contacts"}),
        ("/away", {"action": "profile", "away": True}),
        ("/away tea", {"action": "profile", "away": True, "status": "tea"}),
        ("/back", {"action": "profile", "away": False, "status": "here"}),
        ("/status tea", {"action": "profile", "status": "tea"}),
        ("/seen off", {"action": "profile", "show_seen": False}),
    ],
)
def test_an_order_about_rooms_and_ourselves_is_asked_for(
    line: str, request_of_it: dict[str, Any]
) -> None:
    assert requests_of(Shown(), "to #r", line) == [request_of_it]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("invite bob", "into which room? /invite bob #ROOM"),
        ("topic", "of which room? /topic #ROOM"),
        ("open", "of which room? /open #ROOM"),
        ("edit", "edit for whom?"),
        ("leave", "of which room? /leave #ROOM"),
        ("/me waves", "to whom?"),
        ("/nick eve", "a name lasts for a whole stay"),
    ],
)
def test_where_it_is_not_clear_what_is_meant_it_is_said(line: str, hint: str) -> None:
    shown = Shown()
    assert requests_of(shown, line) == []
    assert shown.texts()[0].startswith(hint)
    assert shown.chat.failures == 1


def test_a_room_is_ended_after_a_question_to_somebody_alone() -> None:
    shown = Shown()
    assert requests_of(shown, "remove #r") == []
    assert shown.chat.asks
    assert requests_of(shown, "yes") == [{"action": "remove_room", "room": "#r"}]
    assert requests_of(Shown(interactive=False), "remove #r") == [
        {"action": "remove_room", "room": "#r"}
    ]


def test_an_invitation_is_asked_for_secretly() -> None:
    shown = Shown()
    requests_of(shown, "redeem")
    assert shown.chat.asks_secretly
    watched = Shown()
    watched.chat.session.is_private = False
    requests_of(watched, "redeem")
    assert not watched.chat.asks
    assert watched.texts()[0].endswith("come again without --no-tls")


def test_a_topic_is_shown_out_of_the_list_of_rooms() -> None:
    shown = Shown()
    assert requests_of(shown, "topic #R", "topic #x") == [{"action": "rooms"}] * 2
    for number in (1, 2):
        shown.chat.take_event(RoomsListed(number, [Room("#r", 1, topic="tea")]))
    assert shown.texts() == [
        "the topic of #r is: tea",
        "there is no room #x that you can see",
    ]


def test_only_what_is_unread_is_shown_or_that_nothing_is() -> None:
    shown = Shown()
    assert requests_of(shown, "unread", "unread") == [{"action": "conversations"}] * 2
    rows = [Conversation("bob", 2), Conversation("anna")]
    shown.chat.take_event(ConversationsListed(1, rows))
    shown.chat.take_event(ConversationsListed(2, rows[1:]))
    assert shown.texts() == ["1 conversation:", "bob (2 unread)", "nothing is unread"]


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        ((), []),
        (("",), ["block bob"]),
        (("YES",), ["block bob"]),
        (("no",), []),
        (("hello", "and more"), ["hello", "and more"]),
        (("join tea", "no"), []),
    ],
)
def test_what_begins_like_a_command_is_asked_about(
    answers: tuple[str, ...], sent: list[str]
) -> None:
    shown = Shown()
    shown.type("to #r", "block bob")
    assert shown.chat.prompt == (
        "say it to #r, or was it /block? (Enter says it, no drops it) "
    )
    assert shown.type(*answers) == [("#r", text) for text in sent]


def test_the_command_may_be_the_answer_to_the_question_about_it() -> None:
    shown = Shown()
    (request,) = requests_of(shown, "to #r", "block bob", "/block bob")
    assert request == {"action": "block", "user": {"account_name": "bob"}}
    assert shown.chat.take_line("logout")
    assert not shown.chat.take_line("/quit")


def test_nobody_is_asked_behind_a_pipe() -> None:
    shown = Shown(interactive=False)
    lines = ("3", "block bob", "logout")
    assert shown.type("to #r", *lines) == [("#r", line) for line in lines]
    assert not shown.chat.take_line("/quit")


def test_what_one_does_is_said_with_ones_name() -> None:
    assert Shown().type("to #r", "/me waves") == [("#r", "* alice waves")]


def test_who_enters_a_room_is_there_but_not_behind_a_pipe() -> None:
    for interactive in (True, False):
        shown = Shown(interactive=interactive)
        shown.chat.take_event(RequestDone(1, Kind.JOIN, "#tea"))
        assert shown.chat.prompt == ("you → #tea> " if interactive else "> ")
    shown = Shown()
    # A session enters its rooms again by itself.
    shown.chat.take_event(RequestDone(0, Kind.JOIN, "#tea"))
    assert shown.chat.prompt == "> "


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        (RequestDone(1, Kind.LEAVE, "#Tea"), False),
        (Ruling(Kind.KICK, "Alice", "#tea", "eve"), False),
        (Ruling(Kind.BAN, "alice", "#tea", "eve"), False),
        (RoomNews("#tea", "eve", None, None, True), False),
        (Movement("#tea", "alice", False), False),
        (Ruling(Kind.MUTE, "alice", "#tea", "eve"), True),
        (Ruling(Kind.KICK, "bob", "#tea", "eve"), True),
        (Ruling(Kind.KICK, "alice", "#ale", "eve"), True),
        (Movement("#tea", "bob", False), True),
    ],
)
def test_who_is_out_of_a_room_speaks_to_nobody(event: Event, stays: bool) -> None:
    shown = Shown()
    shown.type("to #tea")
    shown.chat.take_event(event)
    assert shown.chat.prompt == ("you → #tea> " if stays else "> ")
    assert shown.type("hello") == ([("#tea", "hello")] if stays else [])
    assert ("plain lines go to nobody: /to" in str(shown.texts())) is not stays


def test_what_is_asked_for_while_away_is_said_to_wait() -> None:
    shown = Shown(online=False)
    shown.type("kick bob")
    assert shown.texts() == ["… waits for the server"]


def test_the_bell_rings_with_the_line_that_it_is_for() -> None:
    shown = Shown()
    shown.type("bell mention")
    shown.chat.take_event(MessageReceived("bob", "#r", "hi", 0, 7))
    shown.chat.take_event(MessageReceived("bob", "#r", "hi alice", 0, 8))
    assert [line.rings for line in shown.lines] == [False, False, True]


def test_an_invitation_is_shown_as_a_line() -> None:
    shown = Shown()
    shown.chat.take_event(InviteMade(1, Secret("inv_x"), 3, 0.0))
    assert [line.text for line in shown.lines if line.tone is Tone.WHOLE] == ["inv_x"]


def test_a_text_from_an_editor_goes_to_the_addressee() -> None:
    shown = Shown()
    assert shown.type("to bob", "/edit") == []
    shown.chat.take_written("a\nb")
    assert shown.type() == [("bob", "a\nb")]
    shown.type("/edit #r")
    shown.chat.take_written("")
    assert shown.texts()[-1] == "nothing sent: the text is empty"


class Shelf:
    """An archive with one message."""

    def history(
        self, whom: str, before: int | None = None, limit: int = 0
    ) -> HistoryListed:
        return HistoryListed(0, whom, [ROW])

    def search(
        self,
        text: str,
        whom: str | None = None,
        before: int | None = None,
        limit: int = 0,
    ) -> SearchDone:
        return SearchDone(0, text, [ROW])

    def names(self) -> list[str]:
        return ["bertha", "beate"]


def test_a_password_is_asked_for_secretly_and_the_account_made() -> None:
    shown = Shown()
    chat = shown.chat
    chat.take_line("register")
    for _ in range(2):
        assert chat.asks_secretly
        assert chat.completions("") == []
        assert chat.take_secret(Secret("long enough"))
    assert not chat.asks
    assert not chat.asks_secretly
    (request,) = asked(chat.session)
    assert request["user"]["password"] == "long enough"
    assert shown.lines == []


def test_what_is_wrong_with_an_answer_is_said_before_it_is_asked_again() -> None:
    shown = Shown()
    shown.chat.take_line("register")
    shown.chat.take_secret(Secret("long enough"))
    shown.chat.take_secret(Secret("different"))
    assert shown.texts() == ["these were two different passwords"]
    assert shown.chat.prompt == "password for alice: "


def test_a_password_is_not_asked_for_where_nobody_watches() -> None:
    shown = Shown(interactive=False)
    assert shown.type("register", "@bob hi") == [("bob", "hi")]
    assert "no terminal" in shown.texts()[0]
    assert shown.chat.failures == 1


def test_login_leaves() -> None:
    shown = Shown()
    assert not shown.chat.take_line("login bob")
    assert shown.chat.account.login_as == "bob"
    shown = Shown()
    shown.type("login")
    assert not shown.chat.take_line("bob")


def test_what_an_account_alone_can_do_is_refused_to_a_guest() -> None:
    shown = Shown()
    shown.type("passwd")
    assert "register makes an account" in shown.texts()[0]
    assert not shown.chat.asks


def test_help_about_a_group_is_shown() -> None:
    shown = Shown()
    shown.type("help rules")
    assert shown.texts()[0] == "rules: invitations, roles, kicks, bans and mutes"


def test_the_archive_answers_while_the_server_is_away() -> None:
    shown = Shown(online=False, archive=Shelf())
    assert shown.chat.completions("@b") == ["@bertha", "@beate"]
    shown.type("history bob", "search hi")
    from_here = "the server is away; kept on this device:"
    assert [one for one in shown.texts() if not one.startswith("—")] == [
        from_here,
        "bob, 1 message:",
        "hi",
        from_here,
        "1 message with hi:",
        "hi",
    ]


def test_without_an_archive_a_lookup_waits_for_the_server() -> None:
    shown = Shown(online=False)
    shown.type("history bob", "conversations")
    assert shown.texts() == ["… waits for the server"] * 2


def test_more_of_nothing_is_complained_about() -> None:
    shown = Shown()
    shown.type("more")
    assert shown.texts() == ["there is nothing further back"]


def test_what_waited_for_a_page_is_looked_up_behind_it() -> None:
    shown = Shown(keeps_history=True)
    shown.type("history bob", "more")
    shown.chat.take_event(HistoryListed(1, "bob", []))
    assert shown.texts() == ["nothing kept of bob", "there is nothing further back"]


def test_pages_are_grouped_by_days_for_somebody_alone() -> None:
    texts = {}
    for interactive in (True, False):
        shown = Shown(interactive=interactive)
        shown.chat.take_event(HistoryListed(1, "bob", [ROW]))
        texts[interactive] = shown.texts()
    assert len(texts[True]) == 3
    assert texts[False] == ["bob, 1 message:", "hi"]


def test_what_was_looked_at_is_told_to_be_read_and_deliveries_are_shown_later() -> None:
    shown = Shown(keeps_history=True)
    shown.chat.take_event(MessageReceived("bob", "alice", "hi", 0, 7))
    shown.chat.take_event(ReceiptReceived(False, "bob", "alice", 5))
    shown.chat.tell_read()
    assert asked(shown.chat.session) == []
    shown.chat.note_seen(line.seen for line in shown.lines if line.seen)
    shown.chat.tick()
    (read,) = asked(shown.chat.session)
    assert (read["action"], read["with"], read["message_id"]) == ("read", "bob", 7)
    assert shown.texts() == ["hi"]
    shown.chat.tick()
    assert shown.texts() == ["hi", "✓✓ delivered to bob"]


def test_a_day_that_begins_is_marked_for_somebody_alone() -> None:
    for interactive in (True, False):
        shown = Shown(interactive=interactive)
        for days in (0, 0.1, 1, 1.2):
            shown.now = 1_000.5 + days * 86_400
            if days == 1:
                shown.chat.tick()
            message = MessageReceived("bob", "alice", f"{days}", shown.now)
            shown.chat.take_event(message)
        marked = ["0", "0.1", "— 1970-01-02 —", "1", "1.2"]
        plain = [text for text in marked if "—" not in text]
        assert shown.texts() == (marked if interactive else plain)
        heads = [line.head for line in shown.lines if line.head]
        assert all(("1970" in head) is not interactive for head in heads)


def test_what_others_said_is_there_to_be_seen_but_not_where_it_is_found() -> None:
    shown = Shown()
    mine = KeptMessage(8, 0.0, "Alice", "bob", "mine")
    in_room = KeptMessage(9, 0.0, "bob", "#r", "hi")
    shown.chat.take_event(HistoryListed(1, "bob", [ROW, mine, in_room]))
    assert [line.seen for line in shown.lines if line.seen] == [
        Seen("bob", 7),
        Seen("#r", 9),
    ]
    shown.lines.clear()
    shown.chat.take_event(SearchDone(2, "hi", [ROW]))
    assert not any(line.seen for line in shown.lines)


def test_a_row_of_ours_says_what_became_of_it() -> None:
    shown = Shown()
    shown.type("@bob hi")
    shown.chat.take_event(MessageSent(1, "bob", "hi", 7))
    shown.chat.take_event(ReceiptReceived(False, "bob", "alice", 7))
    for _ in range(2):
        shown.chat.tick()
    shown.chat.take_event(ReceiptReceived(True, "bob", "alice", 7))
    assert {line.head for line in shown.lines} == {f"{clock_time(1_000.5)} you → bob:"}
    assert [(line.new, line.mark) for line in shown.lines] == [
        (True, ""),
        (False, "✓"),
        (False, "✓✓"),
        (False, "✓✓ read"),
    ]


def test_a_refused_text_of_ours_is_marked_and_named() -> None:
    shown = Shown()
    shown.type("@bob hi")
    shown.chat.take_event(MessageFailed(1, "bob", "hi", "no", 404))
    assert [line.mark for line in shown.lines] == ["", "✗", ""]
    assert shown.texts()[-1] == "✗ not sent to bob: no (hi)"
    assert shown.chat.failures == 1


def test_behind_a_pipe_there_are_no_rows_of_ours() -> None:
    shown = Shown(interactive=False)
    assert shown.type("@bob hi") == [("bob", "hi")]
    shown.chat.take_event(MessageSent(1, "bob", "hi", 7))
    assert shown.lines == []


def test_who_signs_in_hears_what_was_missed() -> None:
    shown = Shown(keeps_history=True)
    shown.chat.take_event(CaughtUp(7, 2))
    (request,) = asked(shown.chat.session)
    assert request["action"] == "conversations"
    shown.chat.take_event(ConversationsListed(1, [Conversation("bob", 2)]))
    assert shown.texts() == ["2 missed messages; unread: bob 2"]
