"""Questions one after the other: to whom, then what; a password, then again.

A dialog is a generator: it yields what to ask next, gets the answer, and returns what
to say at its end, if anything. What an answer makes it do may raise RequestError.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

from client.credentials import check_new_password
from client.requests import Requests
from common.join_line import read_join_line
from common.names import Secret
from common.safe_text import visible
from decorators import log

__all__ = [
    "Ask",
    "Dialog",
    "change_password",
    "delete_account",
    "redeem",
    "register",
    "remove_room",
    "say_after_all",
    "sign_in",
    "write_message",
]


class Ask(NamedTuple):
    """One question. `problem` says what was wrong with the answer before.

    The answer to a `secret` one is shown and kept nowhere; a `name` can be completed.
    """

    prompt: str
    problem: str = ""
    secret: bool = False
    name: bool = False


# An answer may be a password, so no log may show any.
Dialog = Generator[Ask, Secret, str]


@log
def write_message(say: Callable[[str, str], None]) -> Dialog:
    """Ask to whom, then what, and `say` it; an empty answer gives it up."""
    target = yield from _ask_name("to whom? ")
    text = (yield Ask("what? ")) if target else ""
    if not text.strip():
        return "nothing sent"
    say(target, text)
    return ""


@log
def say_after_all(
    whom: str, text: str, say: Callable[[str, str], None], go_on: Callable[[str], None]
) -> Dialog:
    """Ask whether a text that begins like a command is one to be said.

    What is neither yes nor no is the next line, for `go_on`, such as the command.
    """
    word = visible(text.split(None, 1)[0])
    answer = yield Ask(
        f"say it to {visible(whom)}, or was it /{word}? (Enter says it, no drops it) "
    )
    if answer.strip().casefold() in ("", "y", "yes"):
        say(whom, text)
        return ""
    if answer.strip().casefold() not in ("n", "no"):
        go_on(answer)
    return "nothing sent"


@log
def sign_in(begin: Callable[[str], None]) -> Dialog:
    """Ask for a name, and `begin` to sign in to its account."""
    name = yield from _ask_name("to whose account? ")
    if not name:
        return "nothing done"
    begin(name)
    return ""


@log
def register(session: Requests) -> Dialog:
    """Ask for a password, and make an account of our name."""
    password = yield from _ask_new_password(f"password for {visible(session.name)}: ")
    if not password:
        return "no account made"
    session.register(password)
    return ""


@log
def redeem(session: Requests, *, guest: bool) -> Dialog:
    """Ask for an invitation, and take it: a guest makes an account of their name."""
    problem = ""
    while True:
        answer = yield Ask("invitation: ", problem, secret=True)
        if not answer.strip():
            return "no invitation taken"
        try:
            invite = _invitation_in(answer)
        except ValueError as error:
            problem = str(error)
            continue
        break
    if not guest:
        session.redeem(invite)
        return ""
    password = yield from _ask_new_password(f"password for {visible(session.name)}: ")
    if not password:
        return "no account made"
    session.register(password, invite)
    return ""


@log
def remove_room(session: Requests, room: str) -> Dialog:
    """Ask for a plain yes, and end a room."""
    sure = yield Ask(f"end {visible(room)} for everybody in it? (yes or no) ")
    if sure.strip().casefold() != "yes":
        return f"{visible(room)} stays"
    session.remove_room(room)
    return ""


@log
def change_password(session: Requests) -> Dialog:
    """Ask for the old password and a new one."""
    old = yield Ask("old password: ", secret=True)
    new = (yield from _ask_new_password("new password: ")) if old else old
    if not new:
        return "the password stays"
    session.change_password(old, new)
    return ""


@log
def delete_account(session: Requests) -> Dialog:
    """Ask for the password and for a plain yes."""
    name = visible(session.name)
    password = yield Ask(f"password of {name} (empty if it has none): ", secret=True)
    sure = yield Ask(f"give the account {name} up for good? (yes or no) ")
    if sure.strip().casefold() != "yes":
        return "the account stays"
    session.delete_account(password or None)
    return ""


@log
def _invitation_in(answer: Secret) -> Secret:
    """Return an invitation, which may be typed alone or as the line that joins.

    Raises ValueError with a sentence that quotes nothing of it.
    """
    if "#" not in answer:
        return Secret(answer.strip())
    invite = read_join_line(answer).invite
    if invite is None:
        raise ValueError("this line holds no invitation")
    return invite


@log
def _ask_name(prompt: str) -> Generator[Ask, Secret, str]:
    """Ask for one word; return "" where it is given up."""
    problem = ""
    while True:
        words = (yield Ask(prompt, problem, name=True)).split()
        if len(words) < 2:
            return words[0].removeprefix("@") if words else ""
        problem = f"a name is one word; {prompt.strip()}"


@log
def _ask_new_password(prompt: str) -> Generator[Ask, Secret, Secret]:
    """Ask for a password twice, until both are the same; return "" where given up."""
    problem = ""
    while True:
        password = yield Ask(prompt, problem, secret=True)
        if not password:
            return password
        problem = check_new_password(password)
        if not problem:
            if password == (yield Ask("once more: ", secret=True)):
                return password
            problem = "these were two different passwords"
