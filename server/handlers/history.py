"""History: pages of a conversation, the list of conversations, search. Workers read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from decorators import log
from errors import NotAllowed
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    ConversationEntry,
    ConversationList,
    Event,
    KeptMessage,
    MessageList,
)
from server.handlers.conversations import conversation_of
from server.handlers.lists import page_size
from server.people import Person, Session
from server.store.base import Found, LineRow, MessageRow, Reader

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["ask_conversations", "ask_history", "ask_search", "require_history"]


@log
def require_history(hub: Hub) -> None:
    """Raise NotAllowed on a server that keeps nothing."""
    if not hub.store.keeps_history:
        raise NotAllowed("this server keeps nothing: no history and no accounts")


@log
def ask_history(hub: Hub, session: Session, event: AskHistory) -> None:
    """Answer with a page of one conversation."""
    person = _asker(hub, session)
    conversation, _ = conversation_of(hub, person, event.whom)
    limit = page_size(event.limit)
    newest_kept = event.after is None
    if conversation is None:
        hub.tell(session, MessageList([], False, newest_kept, 0, event.request))
        return
    number, before, after = conversation, event.before, event.after
    identity = person.number

    def tell(found: tuple[list[MessageRow], bool]) -> None:
        rows, more = found
        entries = _entries(session, rows)
        hub.tell(session, MessageList(entries, more, newest_kept, 0, event.request))

    _look_up(
        hub,
        session,
        event,
        lambda reader: reader.history(number, before, after, limit, identity),
        tell,
    )


@log
def ask_conversations(hub: Hub, session: Session, event: AskConversations) -> None:
    """Answer with one's conversations, the one with the newest message first."""
    person = _asker(hub, session)
    number, before, limit = person.number, event.before, page_size(event.limit)

    def tell(found: tuple[list[LineRow], bool]) -> None:
        rows, more = found
        entries = [
            ConversationEntry(
                row.whom, _entries(session, [row.last])[0], row.unread, row.read
            )
            for row in rows
        ]
        hub.tell(session, ConversationList(entries, more, event.request))

    _look_up(
        hub,
        session,
        event,
        lambda reader: reader.conversations(number, before, limit),
        tell,
    )


@log
def ask_search(hub: Hub, session: Session, event: AskSearch) -> None:
    """Answer with the newest messages that hold all words, of what one may see."""
    person = _asker(hub, session)
    conversation = None
    if event.whom is not None:
        conversation, _ = conversation_of(hub, person, event.whom)
        if conversation is None:
            hub.tell(session, MessageList([], False, True, 0, event.request))
            return
    number, before, limit = person.number, event.before, page_size(event.limit)

    def tell(found: Found) -> None:
        entries = _entries(session, found.rows)
        hub.tell(
            session, MessageList(entries, found.more, True, found.lag, event.request)
        )

    _look_up(
        hub,
        session,
        event,
        lambda reader: reader.search(number, event.text, conversation, before, limit),
        tell,
    )


@log
def _asker(hub: Hub, session: Session) -> Person:
    require_history(hub)
    assert session.person is not None
    return session.person


@log
def _look_up(
    hub: Hub,
    session: Session,
    event: Event,
    work: Callable[[Reader], Any],
    tell: Callable[[Any], None],
) -> None:
    reading = hub.crew.reading
    hub.work(session, event, lambda finish: reading.submit(work, finish), tell)


@log
def _entries(session: Session, rows: list[MessageRow]) -> list[KeptMessage]:
    """Return rows as they are told; the asking device sees its own numbers."""
    own = session.device.row if session.device is not None else 0
    return [
        KeptMessage(
            row.id,
            row.time,
            row.sender,
            row.to,
            row.text,
            row.number if own and row.device == own else None,
        )
        for row in rows
    ]
