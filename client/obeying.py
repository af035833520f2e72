"""What an order about rooms, people and rules asks of a session.

A room that is left out is the one that plain lines go to; where they go to none, kicks,
bans and mutes are meant for the whole server.
"""

from __future__ import annotations

from collections.abc import Callable

from client import dialogs
from client.dialogs import Dialog
from client.events import ConversationsListed, Event, RoomsListed
from client.line import Line
from client.lists import unread_lines
from client.lists_rules import topic_lines
from client.privacy import check_secrets
from client.session import ClientSession
from client.state import State
from client.verbs import EVERYWHERE, Order, Verb
from common.names import is_room
from decorators import log
from errors import NotAllowed

__all__ = ["Obeying"]

# What takes a room's topic away.
_NO_TOPIC = "-"


class Obeying:
    """The orders of one session that are about rooms, people and rules."""

    @log
    def __init__(self, session: ClientSession, *, watched: bool) -> None:
        """Ask before what can't be undone, where somebody has `watched`."""
        self._session = session
        self._watched = watched
        # Lists that are shown otherwise than as they are, by their number.
        self._shown_otherwise: dict[int, Callable[[Event, float], list[Line]]] = {}

    @log
    def obey(self, order: Order, addressee: str) -> Dialog | None:
        """Do what an order says, or return what has to be asked first.

        Raises NotAllowed where it is not clear what is meant, and what the session
        raises.
        """
        room = addressee if is_room(addressee) else ""
        if self._rule(order, _place(order, room)):
            return None
        if self._care_for_room(order, order.target or room):
            return None
        if self._care_for_people(order):
            return None
        return self._begin(order)

    @log
    def take_event(self, event: Event, now: float) -> list[Line] | None:
        """Return what to show of a list that was asked for here; None for others."""
        number = getattr(event, "number", 0)
        shown = self._shown_otherwise.pop(number, None)
        if shown is None or not isinstance(event, ConversationsListed | RoomsListed):
            return None
        return shown(event, now)

    @log
    def _rule(self, order: Order, place: str | None) -> bool:
        """Ask for what may need a right; tell whether it was that."""
        session, name = self._session, order.target
        match order.verb:
            case Verb.KICK:
                session.kick(name, place, order.text)
            case Verb.BAN:
                session.ban(name, place, order.seconds, order.text)
            case Verb.MUTE:
                session.mute(name, place, order.seconds, order.text)
            case Verb.UNBAN:
                session.unban(name, place)
            case Verb.UNMUTE:
                session.unmute(name, place)
            case Verb.BANS:
                session.request_bans(place)
            case Verb.ROLE:
                session.set_role(name, order.choice)
            case Verb.INVITE:
                session.create_invite(
                    order.choice or None, order.number, order.seconds, order.room
                )
            case Verb.INVITES:
                session.request_invites()
            case Verb.REVOKE:
                session.revoke_invite(order.number)
            case Verb.LET_IN:
                if place is None:
                    raise NotAllowed(
                        f"into which room? /invite {name} #ROOM; /invite alone makes "
                        "an invitation to the server"
                    )
                session.let_in(name, place)
            case _:
                return False
        return True

    @log
    def _care_for_room(self, order: Order, room: str) -> bool:
        """Ask for what changes a room; tell whether it was that."""
        session = self._session
        match order.verb:
            case Verb.TOPIC if room and order.text:
                topic = "" if order.text == _NO_TOPIC else order.text
                session.set_topic(room, topic)
            case Verb.TOPIC if room:
                self._show_topic(room)
            case Verb.LEAVE if room:
                session.leave(room)
            case Verb.OPEN if room:
                session.set_access(room, "open")
            case Verb.CLOSE if room:
                session.set_access(room, "invited")
            case Verb.REMOVE if not self._watched:
                session.remove_room(room)
            case Verb.TOPIC | Verb.OPEN | Verb.CLOSE | Verb.LEAVE:
                word = order.verb.name.lower()
                raise NotAllowed(f"of which room? /{word} #ROOM")
            case _:
                return False
        return True

    @log
    def _care_for_people(self, order: Order) -> bool:
        """Ask for what is about people; tell whether it was that."""
        session, name = self._session, order.target
        match order.verb:
            case Verb.BLOCK:
                session.block(name)
            case Verb.UNBLOCK:
                session.unblock(name)
            case Verb.BLOCKED:
                session.request_blocked()
            case Verb.CONTACTS:
                session.request_contacts()
            case Verb.ADD:
                session.add_contact(name)
            case Verb.FORGET:
                session.remove_contact(name)
            case Verb.WHOIS:
                session.ask_person(name)
            case Verb.AWAY:
                session.set_profile(status=order.text or None, away=True)
            case Verb.BACK:
                session.set_profile(status="here", away=False)
            case Verb.STATUS:
                session.set_profile(status=order.text)
            case Verb.SEEN:
                session.set_profile(show_seen=order.choice == "on")
            case Verb.UNREAD:
                self._show_unread()
            case Verb.NICK:
                raise NotAllowed(
                    "a name lasts for a whole stay: /quit, then come back with -n "
                    f"{order.target or 'NAME'}; /login changes to another account"
                )
            case _:
                return False
        return True

    @log
    def _begin(self, order: Order) -> Dialog | None:
        """Return what has to be asked first."""
        match order.verb:
            case Verb.REMOVE:
                return dialogs.remove_room(self._session, order.target)
            case Verb.REDEEM:
                if self._session.state is not State.SIGNED_IN:
                    raise NotAllowed("the server is away; try again when it is back")
                check_secrets(is_private=self._session.is_private)
                return dialogs.redeem(self._session, guest=self._session.guest)
        return None

    @log
    def _show_topic(self, room: str) -> None:
        number = self._session.request_rooms()
        self._shown_otherwise[number] = lambda event, _: (
            topic_lines(room, event.rooms) if isinstance(event, RoomsListed) else []
        )

    @log
    def _show_unread(self) -> None:
        number, me = self._session.request_conversations(), self._session.name
        self._shown_otherwise[number] = lambda event, now: (
            unread_lines(event.rows, me, now, by_day=self._watched)
            if isinstance(event, ConversationsListed)
            else []
        )


@log
def _place(order: Order, addressed: str) -> str | None:
    """Return the room that is meant, None for the whole server."""
    if order.room == EVERYWHERE:
        return None
    return order.room or addressed or None
