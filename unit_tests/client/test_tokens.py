from typing import Any

import pytest

from client.events import RequestFailed
from client.session import ClientSession, Credentials
from client.tokens import Tokens
from common.names import Secret
from unit_tests.client.sessions import asked, line, new_session, signed_in, welcome


class Following:
    """A session that is followed, what others hear of it, and the tokens kept."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.kept: list[str] = []
        self.heard: list[Any] = []
        self._tokens = Tokens(session, self.kept.append)

    def hear(self, data: bytes) -> None:
        for event in self.session.receive_data(data):
            if not self._tokens.take_event(event):
                self.heard.append(event)

    def say(self) -> list[dict[str, Any]]:
        return asked(self.session)


def by_password() -> Following:
    """Return a session that has just signed in by password; it asks for a token."""
    session = new_session(credentials=Credentials(password=Secret("pw")))
    session.sign_in()
    session.data_to_send()
    following = Following(session)
    following.hear(welcome(guest=False))
    assert [one["action"] for one in following.say()] == ["create_token"]
    following.heard.clear()
    return following


def test_who_signs_in_by_password_gets_a_token_for_the_next_time() -> None:
    following = by_password()
    following.hear(line(response=201, id=2, token="tk", token_id=1))
    assert following.kept == ["tk"]
    assert following.heard == []
    following.session.receive_eof()
    following.session.sign_in()
    (said,) = following.say()
    assert said["user"] == {"account_name": "alice", "token": "tk"}


def test_a_token_is_asked_for_once_even_if_the_connection_breaks() -> None:
    following = by_password()
    following.session.receive_eof()
    following.session.sign_in()
    following.hear(welcome(3, guest=False))
    said = following.say()
    assert [one["action"] for one in said] == ["authenticate", "create_token"]
    following.hear(line(response=201, id=said[1]["id"], token="tk", token_id=1))
    assert following.kept == ["tk"]


def test_a_token_that_cannot_be_had_is_no_trouble() -> None:
    following = by_password()
    following.hear(line(response=500, id=2, error="the disk is full"))
    assert (following.kept, following.heard) == ([], [])


@pytest.mark.parametrize("credentials", [{}, {"token": Secret("tk")}])
def test_who_signs_in_without_a_password_asks_for_none(
    credentials: dict[str, Any],
) -> None:
    session = new_session(credentials=Credentials(**credentials))
    session.sign_in()
    session.data_to_send()
    following = Following(session)
    following.hear(welcome(guest=not credentials))
    assert following.say() == []


def test_a_token_that_somebody_asked_for_is_theirs() -> None:
    following = Following(signed_in(guest=False))
    following.session.create_token()
    following.hear(line(response=201, id=2, token="tk", token_id=1))
    assert following.kept == []
    assert len(following.heard) == 1


def test_a_failed_request_of_others_is_theirs() -> None:
    following = Following(signed_in(guest=False))
    following.session.join("#r")
    following.hear(line(response=403, id=2, error="no"))
    assert isinstance(following.heard[0], RequestFailed)


def test_who_registers_keeps_the_token() -> None:
    following = Following(signed_in())
    following.session.register(Secret("pw"))
    following.hear(line(response=201, id=2, token="tk", token_id=1))
    assert following.kept == ["tk"]
    assert len(following.heard) == 1


def test_an_account_without_a_password_has_no_token() -> None:
    following = Following(signed_in())
    following.session.register(None)
    following.hear(line(response=201, id=2))
    assert following.kept == []


def test_with_a_new_password_comes_a_new_token() -> None:
    following = Following(signed_in(guest=False))
    following.session.change_password(Secret("a"), Secret("b"))
    following.say()
    following.hear(line(response=200, id=2))
    assert following.kept == [""]
    assert [one["action"] for one in following.say()] == ["create_token"]
    following.hear(line(response=201, id=3, token="new", token_id=1))
    assert following.kept == ["", "new"]
