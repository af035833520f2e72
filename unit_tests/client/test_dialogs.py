from collections.abc import Callable
from typing import Any

import pytest

from client.dialogs import (
    Ask,
    Dialog,
    change_password,
    delete_account,
    redeem,
    register,
    remove_room,
    sign_in,
    write_message,
)
from common.names import Secret
from unit_tests.client.sessions import asked, signed_in


def hold(dialog: Dialog, *answers: str) -> tuple[list[Ask], str]:
    """Answer question after question; return those asked, and the last word."""
    asks = [next(dialog)]
    for answer in answers[:-1]:
        asks.append(dialog.send(Secret(answer)))
    with pytest.raises(StopIteration) as end:
        dialog.send(Secret(answers[-1]))
    return asks, end.value.value


def test_a_message_is_asked_for_in_two_questions() -> None:
    said: list[tuple[str, str]] = []
    asks, word = hold(
        write_message(lambda to, text: said.append((to, text))), "@bob", " hi"
    )
    assert [one.prompt for one in asks] == ["to whom? ", "what? "]
    assert [one.name for one in asks] == [True, False]
    assert (said, word) == ([("bob", " hi")], "")


def test_two_words_are_no_name_and_it_is_asked_for_again() -> None:
    begun: list[str] = []
    asks, _ = hold(sign_in(begun.append), "bob dylan", "bob")
    assert asks[1].problem == "a name is one word; to whose account?"
    assert begun == ["bob"]


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        (["long enough", "long enough"], ["", ""]),
        (
            ["long enough", "too different", "long enough", "long enough"],
            ["", "", "these were two different passwords", ""],
        ),
        (
            ["7 signs", "long enough", "long enough"],
            ["", "a new password needs at least 8 characters; choose a longer one", ""],
        ),
        (
            ["я" * 129, "long enough", "long enough"],
            ["", "the password is longer than 256 bytes", ""],
        ),
    ],
)
def test_an_account_is_made_with_a_password_typed_twice(
    answers: list[str], problems: list[str]
) -> None:
    session = signed_in()
    session.data_to_send()
    asks, word = hold(register(session), *answers)
    assert all(one.secret for one in asks)
    assert [one.problem for one in asks] == problems
    (request,) = asked(session)
    assert request["action"] == "register"
    assert request["user"] == {"account_name": "alice", "password": "long enough"}
    assert word == ""


def test_a_password_is_changed_with_the_old_one() -> None:
    session = signed_in()
    session.data_to_send()
    asks, _ = hold(change_password(session), "old", "new secret", "new secret")
    assert all(one.secret for one in asks)
    (request,) = asked(session)
    assert (request["password"], request["new_password"]) == ("old", "new secret")


@pytest.mark.parametrize(("password", "sent"), [("old", "old"), ("", None)])
def test_an_account_is_given_up_with_its_password_and_a_plain_yes(
    password: str, sent: str | None
) -> None:
    session = signed_in()
    session.data_to_send()
    asks, _ = hold(delete_account(session), password, "Yes ")
    assert [one.secret for one in asks] == [True, False]
    (request,) = asked(session)
    assert request["action"] == "delete_account"
    assert request.get("password") == sent


INVITE = "inv_" + "x" * 22


@pytest.mark.parametrize("answer", [f" {INVITE} ", f"host:7777#&invite={INVITE}"])
def test_an_invitation_is_taken_as_it_is_or_out_of_the_line_that_joins(
    answer: str,
) -> None:
    session = signed_in(guest=False)
    session.data_to_send()
    asks, word = hold(redeem(session, guest=False), answer)
    assert [one.secret for one in asks] == [True]
    (request,) = asked(session)
    assert (request["action"], request["invite"]) == ("redeem", INVITE)
    assert word == ""


def test_a_line_without_an_invitation_is_asked_for_again() -> None:
    session = signed_in(guest=False)
    session.data_to_send()
    asks, _ = hold(redeem(session, guest=False), "host:7777#", "no line#", INVITE)
    assert asks[1].problem == "this line holds no invitation"
    assert asks[2].problem
    assert len(asked(session)) == 1


def test_a_guest_makes_an_account_with_an_invitation() -> None:
    session = signed_in()
    session.data_to_send()
    asks, _ = hold(redeem(session, guest=True), INVITE, "long enough", "long enough")
    assert all(one.secret for one in asks)
    (request,) = asked(session)
    assert (request["action"], request["invite"]) == ("register", INVITE)
    assert request["user"]["password"] == "long enough"


def test_a_room_is_ended_with_a_plain_yes() -> None:
    session = signed_in()
    session.data_to_send()
    asks, _ = hold(remove_room(session, "#r"), "yes")
    assert asks[0].prompt == "end #r for everybody in it? (yes or no) "
    (request,) = asked(session)
    assert (request["action"], request["room"]) == ("remove_room", "#r")


@pytest.mark.parametrize(
    ("dialog", "answers", "word"),
    [
        (lambda _: write_message(lambda *_: None), ["  "], "nothing sent"),
        (lambda _: write_message(lambda *_: None), ["bob", " "], "nothing sent"),
        (lambda _: sign_in(lambda _: None), [""], "nothing done"),
        (register, [""], "no account made"),
        (change_password, [""], "the password stays"),
        (change_password, ["old", ""], "the password stays"),
        (delete_account, ["old", "y"], "the account stays"),
        (lambda one: redeem(one, guest=False), [" "], "no invitation taken"),
        (lambda one: redeem(one, guest=True), [INVITE, ""], "no account made"),
        (lambda one: remove_room(one, "#r"), ["y"], "#r stays"),
        (delete_account, ["old", ""], "the account stays"),
    ],
)
def test_an_empty_answer_gives_it_up(
    dialog: Callable[[Any], Dialog], answers: list[str], word: str
) -> None:
    session = signed_in()
    session.data_to_send()
    _, said = hold(dialog(session), *answers)
    assert said == word
    assert asked(session) == []
