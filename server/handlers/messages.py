"""Messages: from one session to a person or a room, each stored and answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from common.names import is_room
from decorators import log
from errors import Away, NoSuchName, RequestError, TooLong
from server.events import Accepted, Delivery, Duplicate, Said
from server.handlers.conversations import room_of
from server.people import HIGHEST_NUMBER, Device, Person, Session
from server.rooms import Room
from server.sanctions import refuse_muted

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["numbers_of", "say"]

_WIDEST_CHARACTER = 4  # bytes of UTF-8


@log
def say(hub: Hub, session: Session, said: Said) -> None:
    """Route texts of one sender to one addressee: together, or each by itself."""
    person, device = session.person, session.device
    assert person is not None and device is not None
    limit, texts, numbers = hub.settings.text_bytes, said.texts, said.numbers
    if "\r" in "".join(texts):
        # Who reads sees one newline, whatever system it was written on.
        said.texts = texts = [text.replace("\r\n", "\n") for text in texts]
    if limit and max(map(len, texts)) * _WIDEST_CHARACTER > limit:
        _say_one_by_one(hub, session, person, device, said)
    elif numbers is None or (
        numbers[0] > device.settled
        and numbers == [*range(numbers[0], numbers[0] + len(numbers))]
        and numbers[-1] <= HIGHEST_NUMBER
    ):
        _deliver(hub, session, person, device, said)
    else:
        _say_one_by_one(hub, session, person, device, said)


@log
def _say_one_by_one(
    hub: Hub, session: Session, person: Person, device: Device, said: Said
) -> None:
    for text, number in zip(said.texts, numbers_of(said), strict=True):
        one = Said(said.to, [text], None if number is None else [number])
        try:
            _say_one(hub, session, person, device, one)
        except RequestError as error:
            hub.refuse(session, one, error)


@log
def _say_one(
    hub: Hub, session: Session, person: Person, device: Device, one: Said
) -> None:
    if one.numbers is not None:
        number = one.numbers[0]
        stored = device.stored_before(number)
        if stored is not None:
            hub.tell(session, Duplicate(number, stored[0]))
            return
    limit = hub.settings.text_bytes
    if limit and len(one.texts[0].encode()) > limit:
        raise TooLong("the text", limit)
    _deliver(hub, session, person, device, one)


@log
def _deliver(
    hub: Hub, session: Session, person: Person, device: Device, said: Said
) -> None:
    """Give the texts their ids, and put them before their readers and the store."""
    # Nearly always somebody who is here, spelled as they spell themselves.
    somebody = hub.people.by_spelling.get(said.to)
    target: Person | Room
    receiver: Person | None = None
    if somebody is not None and somebody.sessions:
        target = somebody
    else:
        target = _target(hub, person, said.to)
    if person.sanctioned:
        refuse_muted(hub, person, target if isinstance(target, Room) else None)
    if isinstance(target, Room):
        conversation = target.conversation
        readers = [
            reader
            for member in target.members
            for reader in member.sessions
            if reader is not session
        ]
        code = 200
    else:
        receiver = target
        conversation = person.lines.get(target) or _line(hub, person, target)
        readers = target.sessions
        if target is not person and person.sessions != [session]:
            # What one device says the others of the same person hear; the one that
            # says it may still be fed, and then it is not among them.
            own = [other for other in person.sessions if other is not session]
            readers = readers + own
        code = 200 if target.sessions or target.is_here else 202
    count = len(readers)
    if person.blocked_by:
        # Who is blocked sees no difference: it is stored and answered as ever.
        readers = [one for one in readers if one.person not in person.blocked_by]
        receiver = None if receiver in person.blocked_by else receiver
    if hub.listeners and target is hub.rooms.all:
        readers = [*readers, *hub.listeners]
    texts, numbers = said.texts, said.numbers
    first_id = hub.next_id
    hub.next_id = first_id + len(texts)
    delivery = Delivery(
        person.name,
        target.name,
        texts,
        first_id,
        conversation,
        person.number,
        device.row,
        numbers,
    )
    hub.batch.append(delivery)
    # `Hub.tell` is written out below: this is the hottest place of the hub.
    touched = hub.touched
    for reader in readers:
        if not reader.outbox:
            touched.append(reader)
        reader.outbox.append(delivery)
    if receiver is not None:
        owed = receiver.owed_receipts.setdefault(person, [first_id, 0])
        owed[1] = first_id + len(texts) - 1
    if numbers is not None:
        device.store(numbers, first_id)
        if device.row:
            hub.settled.add(device)
    if not session.outbox:
        touched.append(session)
    session.outbox.append(Accepted(numbers, first_id, len(texts), code, count))


@log
def _line(hub: Hub, person: Person, target: Person) -> int:
    """Return the conversation of two people, a new one if they never talked."""
    conversation = hub.store.find_line(person.number, target.number)
    if conversation is None:
        conversation = hub.store.new_number()
        hub.store.add_line(conversation, person.number, target.number)
    person.lines[target] = target.lines[person] = conversation
    return conversation


@log
def _target(hub: Hub, sender: Person, to: str) -> Person | Room:
    """Return the addressee, or raise why nothing can be said to it."""
    if is_room(to):
        return room_of(hub, sender, to)
    person = hub.people.find(to)
    if person is None:
        raise NoSuchName(to)
    if not (person.is_here or hub.store.keeps_history):
        raise Away(person.name)
    return person


@log
def numbers_of(said: Said) -> Sequence[int | None]:
    """Return the number of each text; None for each where they have none."""
    return said.numbers or [None] * len(said.texts)
