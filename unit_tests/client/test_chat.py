from client.chat import Chat
from client.events import (
    Kind,
    MessageFailed,
    MessageSent,
    RequestFailed,
    Room,
    RoomsListed,
    UsersListed,
)
from client.wording import Line, Tone
from unit_tests.client.sessions import asked, new_session, signed_in


class Shown:
    """A chat, and the lines that it has shown."""

    def __init__(self, *, marks_sent: bool = True, online: bool = True) -> None:
        self.lines: list[Line] = []
        session = signed_in() if online else new_session()
        session.data_to_send()
        self.chat = Chat(session, self.lines.append, marks_sent=marks_sent)

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
    assert shown.texts() == ["a name is one word; to whom?"]


def test_plain_lines_go_to_the_addressee() -> None:
    shown = Shown()
    assert shown.type("to bob", "hi", "@anna psst", "help me") == [
        ("bob", "hi"),
        ("anna", "psst"),
        ("bob", "help me"),
    ]
    assert shown.chat.prompt == "bob> "


def test_a_plain_line_to_nobody_is_complained_about() -> None:
    shown = Shown()
    assert shown.type("hello") == []
    assert shown.lines[0].tone is Tone.TROUBLE
    assert "@NAME" in shown.lines[0].text
    assert shown.chat.failures == 1


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
    assert shown.texts() == ["… waits to be sent to bob"]


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
    for marks_sent in (True, False):
        shown = Shown(marks_sent=marks_sent)
        shown.chat.take_event(event)
        assert bool(shown.lines) is marks_sent


def test_failures_are_counted_and_always_shown() -> None:
    shown = Shown(marks_sent=False)
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
    shown.type("to", "to #r", "to")
    assert shown.texts() == [
        "plain lines go nowhere yet: to NAME or #ROOM",
        "plain lines go to #r",
        "plain lines go to #r",
    ]
