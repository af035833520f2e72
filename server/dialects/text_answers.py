"""What answers mean to a dialog at the text door, and how they are put into words."""

from common.names import ALL, is_room
from common.safe_text import visible
from decorators import log
from errors import (
    NameRegistered,
    NameTaken,
    RequestError,
    TooSoon,
    WrongPassword,
)
from server.dialects.text_dialogs import Dialog
from server.dialects.text_steps import Ask, Step
from server.dialects.text_words import ALONE, OK, TO_EVERYBODY, here, reason
from server.events import Accepted, Done, Refused, UserList

__all__ = ["accepted", "carried_out", "people", "refused"]

_AWAY = 202


@log
def accepted(dialog: Dialog, event: Accepted) -> list[str]:
    """Return what the sender of messages is told of them."""
    told = []
    for _ in range(min(event.count, len(dialog.unanswered))):
        to, text = dialog.unanswered.popleft()
        if is_room(to) and not event.readers:
            told.append(ALONE)
            continue
        whom = "USERS" if to == ALL else to
        told += (OK, f"YOU SEND {visible(whom)} {visible(text)}")
        if event.code == _AWAY:
            told.append(f"Server: {visible(to)} is away and gets it later")
    return told


@log
def carried_out(dialog: Dialog, event: Done) -> list[str]:
    """Take note that what was asked is done."""
    if event.request != Ask.MOVE or dialog.step is not Step.MOVING:
        return []
    dialog.arrive()
    if dialog.target == ALL:
        return [OK, TO_EVERYBODY]
    return [OK, f"Server: you write to {visible(dialog.target)}; LEAVE ends it"]


@log
def people(dialog: Dialog, event: UserList) -> list[str]:
    """Return who is here, or the numbered list to pick from."""
    if event.request != Ask.CHOICE or dialog.step is not Step.LISTING:
        told = [here(event.entries)]
        if event.more:
            dialog.people_after = event.entries[-1].name
            told.append("Server: there may be more: LIST goes on behind them")
        return told
    others = [
        entry.name
        for entry in event.entries
        if entry.online and entry.name != dialog.name
    ]
    if not others:
        dialog.go(Step.TALKING)
        return [ALONE]
    dialog.choices = others
    dialog.go(Step.PICKING)
    numbered = [f"Server: {at} {name}" for at, name in enumerate(others, 1)]
    return [*numbered, "Server: type the number of one of them"]


@log
def refused(dialog: Dialog, event: Refused) -> list[str]:
    """Return why not; whoever was asked something may answer it again."""
    error = event.error
    if event.request == Ask.RECENT:
        return []  # asked for with the sign-in, and refused with it
    if event.request == Ask.SIGN_IN and dialog.step is Step.ENTERING:
        return [_not_entered(dialog, error)]
    if event.request == Ask.PASSWORD and dialog.step is Step.PROVING:
        return [_not_proved(dialog, error)]
    if event.request == Ask.MOVE and dialog.wanted == ALL != dialog.target:
        # To leave a room that is gone, or that one was taken out of.
        dialog.arrive()
        return [reason(error), TO_EVERYBODY]
    if event.request in (Ask.MOVE, Ask.CHOICE):
        dialog.go(Step.TALKING)
    elif event.request is None and dialog.unanswered:
        dialog.unanswered.popleft()
    return [reason(error)]


@log
def _not_entered(dialog: Dialog, error: RequestError) -> str:
    if isinstance(error, NameRegistered) and error.takes_password:
        dialog.go(Step.PASSWORD)
        return f"Server: {dialog.nickname} has a password. Please enter it"
    dialog.retries = True
    nickname = dialog.nickname
    dialog.go(Step.NICKNAME)
    if isinstance(error, NameTaken):
        return f'"{nickname}" is already busy.'
    return reason(error)


@log
def _not_proved(dialog: Dialog, error: RequestError) -> str:
    if isinstance(error, WrongPassword | TooSoon):
        dialog.go(Step.PASSWORD)
        return f"{reason(error)}. An empty line: another nickname"
    dialog.retries = True
    dialog.go(Step.NICKNAME)
    return reason(error)
