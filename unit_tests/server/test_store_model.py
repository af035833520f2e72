"""Clients, devices, rooms and crashes on a real database, against a small model.

The model (`store_model.py`) says who must receive what, exactly once and in the order
of ids; which numbers of a device are settled; who is in which room since when; which
names are free; and what is unread. Whatever ends the server, there is no difference.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from common.names import Secret
from server.events import (
    Accepted,
    AskConversations,
    AskHistory,
    ConversationList,
    DeleteAccount,
    Delivery,
    Done,
    Duplicate,
    Goodbye,
    HasRead,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    MessageList,
    Movement,
    Outgoing,
    Receipt,
    Refused,
    Register,
    Registered,
    RoomList,
    Said,
    SignIn,
    UserList,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, ids, only
from unit_tests.server.store_model import (
    KEPT,
    Device,
    Message,
    Model,
    Person,
    Room,
    Row,
)

NAMES = st.sampled_from(["ann", "bo", "cy"])
DEVICES = st.sampled_from(["d1", "d2", None])
ROOMS = st.sampled_from(["#r", "#s"])
TARGETS = st.sampled_from(["ann", "bo", "#all", "#r", "ann", "bo", "cy", "#s", "x"])
WHO = st.integers(0, 5)  # one of those who are here
# More than a page that is fed makes it come in several.
MANY = 140
LOST = st.sampled_from([0, 1, 3, MANY])

Client = tuple[Person, Device, Somebody]


def rows(told: Sequence[Outgoing]) -> list[Row]:
    return [
        (number, one.sender, one.to, text)
        for one in told
        if isinstance(one, Delivery)
        for number, text in enumerate(one.texts, one.first_id)
    ]


def without_news(told: Sequence[Outgoing]) -> list[Outgoing]:
    """Return what was told but for movements and receipts, which have their tests."""
    return [one for one in told if not isinstance(one, Movement | Receipt)]


def somebody_is_here(machine: "StoreMachine") -> bool:
    return any(machine.model.here())


class StoreMachine(RuleBasedStateMachine):
    """Does what people and crashes do."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="jim-model-")
        folder = Path(self.folder.name) / "data"
        # A kill takes nothing from the kernel: synced or not makes no difference here.
        self.world = KeptWorld(folder, durability="normal", kept_guest_seconds=KEPT)
        self.model = Model(self.world.now)
        self.said = 0

    def teardown(self) -> None:
        self.world.close()
        self.folder.cleanup()

    @initialize(account=st.sampled_from([True, True, False]), meets=st.booleans())
    def begin(self, account: bool, meets: bool) -> None:
        if account:
            self.account("bo", 0, gives_up=False)
            self.come("bo", "d2", reads=True)
        for name in ("ann", "bo"):
            self.come(name, "d1", reads=True)
        for who in range(2 * meets):
            self.room(who, "#r", joins=True)

    def pick(self, who: int) -> Client:
        here = [*self.model.here()]
        return here[who % len(here)]

    def is_fed(self, client: Somebody) -> bool:
        return client.session in self.world.hub.feeder.sessions

    # ------------------------------------------------------ coming and leaving

    @rule(name=NAMES, device=DEVICES, reads=st.booleans())
    def come(self, name: str, device: str | None, reads: bool) -> None:
        person = self.model.people.get(name)
        if person is not None and person.is_account and device is None:
            return  # plain presences of open accounts have tests of their own
        known = None if person is None else person.devices.get(device)
        newcomer = self.world.newcomer()
        newcomer.reads = reads
        since = None if device is None or known is None else known.since
        newcomer.sign_in(name, device, since)
        if person is None:
            person = self.model.people[name] = Person(name)
        elif not person.is_account and (device is None or known is None):
            assert only(newcomer.takes(), Refused).error.code == 409
            return
        self.model.enter(self.model.rooms["#all"], person)
        if known is None:
            known = person.devices[device] = Device()
        if known.client is not None:
            assert isinstance(without_news(known.client.takes())[-1], Goodbye)
        known.client = newcomer
        welcome = newcomer.told.pop(0)
        assert isinstance(welcome, Welcome)
        assert welcome.guest == (not person.is_account)
        assert welcome.last_id == self.model.last_id
        assert welcome.device_seq == known.highest
        assert welcome.refused == known.refused()
        if since is None:
            known.since = self.model.last_id
        self.receive(person, known, newcomer)

    def receive(self, person: Person, device: Device, client: Somebody) -> None:
        """Let a client that is fed take what there is."""
        due = self.model.missed(person, device)
        told = without_news(client.takes())
        assert all(isinstance(one, Delivery) for one in told), told
        found = rows(told)
        assert found == [one.row() for one in due][: len(found)]
        assert self.is_fed(client) or len(found) == len(due)
        shown = {one.first_id: one.numbers for one in told if isinstance(one, Delivery)}
        for message in due[: len(found)]:
            own = message.device is device and message.number is not None
            assert shown[message.id] == ([message.number] if own else None)
        self.note(device, found)
        if not self.is_fed(client):
            assert client.caught_up == self.model.last_id
            device.since = self.model.last_id

    @staticmethod
    def note(device: Device, found: list[Row]) -> None:
        device.had += [number for number, *_ in found]
        device.since = max([device.since, *device.had[-1:]])

    @precondition(somebody_is_here)
    @rule(who=WHO)
    def read_on(self, who: int) -> None:
        """A client that took its time takes the rest."""
        person, device, client = self.pick(who)
        was_fed = self.is_fed(client)
        client.reads = client.session.hungry = True
        self.world.end_turn()
        if was_fed:
            self.receive(person, device, client)

    @precondition(somebody_is_here)
    @rule(who=WHO, lost=LOST)
    def leave(self, who: int, lost: int) -> None:
        """A connection breaks; its last messages were never seen by the client."""
        person, device, client = self.pick(who)
        client.goes()
        self.lose(device, lost)
        self.model.part(person, device)

    @precondition(somebody_is_here)
    @rule(
        who=WHO,
        lost=LOST,
        meanwhile=st.lists(st.tuples(WHO, st.sampled_from([1, MANY])), max_size=3),
        reads=st.booleans(),
        more=st.booleans(),
    )
    def leave_and_come_back(
        self,
        who: int,
        lost: int,
        meanwhile: list[tuple[int, int]],
        reads: bool,
        more: bool,
    ) -> None:
        """Somebody is away for a while, and is spoken to."""
        person, device, _ = self.pick(who)
        (key,) = (key for key, one in person.devices.items() if one is device)
        self.leave(who, lost)
        for other, count in meanwhile:
            if somebody_is_here(self):
                self.say(other, person.name, count, None, disk=True)
        self.come(person.name, key, reads)
        if more:
            self.say(who, "#all", 1, "next", disk=True)
            self.say(who + 1, person.name, 2, None, disk=True)

    @staticmethod
    def lose(device: Device, lost: int) -> None:
        if lost:
            del device.had[-lost:]
            device.since = max(device.had, default=0)

    @rule(seconds=st.sampled_from([1.0, 400.0, 901.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)
        self.model.pass_time(self.world.now)

    # ------------------------------------------------------ accounts and rooms

    @rule(name=NAMES, who=WHO, gives_up=st.booleans())
    def account(self, name: str, who: int, gives_up: bool) -> None:
        """Somebody registers, the guest of that name or a newcomer, or gives it up."""
        person = self.model.people.get(name)
        mine = [client for owner, _, client in self.model.here() if owner is person]
        asker = mine[who % len(mine)] if mine else self.world.newcomer()
        if gives_up:
            if person is not None and person.is_account and mine:
                self.give_up(person, asker)
            return
        (answer,) = without_news(asker.says(Register(name)))
        if person is not None and (person.is_account or not mine):
            assert isinstance(answer, Refused)
            assert answer.error.code == 409
            return
        assert isinstance(answer, Registered)
        if person is None:
            person = self.model.people[name] = Person(name)
            self.model.enter(self.model.rooms["#all"], person)
        person.is_account = True

    def give_up(self, person: Person, asker: Somebody) -> None:
        assert without_news(asker.says(DeleteAccount()))[0] == Done()
        for owner, device, client in [*self.model.here()]:
            if owner is person:
                assert client.session.ended
                device.client = None
        self.model.forget(person)

    @precondition(somebody_is_here)
    @rule(who=WHO, name=ROOMS, joins=st.booleans())
    def room(self, who: int, name: str, joins: bool) -> None:
        person, _, client = self.pick(who)
        room = self.model.rooms.get(name)
        event = JoinRoom(name) if joins else LeaveRoom(name)
        (answer,) = without_news(client.says(event))
        if joins:
            assert answer == Done(None, created=room is None)
            if room is None:
                room = self.model.rooms[name] = Room(name, person.is_account)
            self.model.enter(room, person)
        elif room is not None and person in room.members:
            assert answer == Done()
            self.model.leave(room, person)
        else:
            assert isinstance(answer, Refused)
            assert answer.error.code == (404 if room is None else 403)

    # ---------------------------------------------------------------- messages

    @precondition(somebody_is_here)
    @rule(
        who=WHO,
        to=TARGETS,
        count=st.sampled_from([1, 2, 3, MANY]),
        number=st.sampled_from([None, "next", "gap", "again"]),
        disk=st.sampled_from([True, True, True, False]),
    )
    def say(
        self, who: int, to: str, count: int, number: str | None, disk: bool
    ) -> None:
        person, device, client = self.pick(who)
        code = self.model.code_of(person, to)
        texts = [f"text {self.said + at}" for at in range(count)]
        self.said += count
        highest = device.highest
        first = {"next": highest + 1, "gap": highest + 3, "again": max(1, highest - 1)}
        numbers: list[int] | None = None
        if number is not None:
            numbers = [*range(first[number], first[number] + count)]
        fed = {one for _, one, client in self.model.here() if self.is_fed(client)}
        self.world.set_read_only(read_only=not disk)
        told = without_news(client.says(Said(to, texts, numbers)))
        self.world.set_read_only(read_only=False)
        self.world.end_turn()
        answers = [one for one in told if not isinstance(one, Delivery)]
        if not disk and code < 400:
            code = 500
        stored = self.judge(person, device, to, texts, numbers, answers, code)
        self.model.messages += stored
        self.hear(stored, device, rows(told), fed)

    @precondition(somebody_is_here)
    @rule(who=WHO, to=TARGETS, count=st.sampled_from([1, 2]))
    def say_next(self, who: int, to: str, count: int) -> None:
        self.say(who, to, count, "next", disk=True)

    @precondition(somebody_is_here)
    @rule(who=WHO, other=WHO)
    def say_to_each_other(self, who: int, other: int) -> None:
        self.say(who, self.pick(other)[0].name, 1, "next", disk=True)
        self.say(other, self.pick(who)[0].name, 1, None, disk=True)

    def judge(
        self,
        person: Person,
        device: Device,
        to: str,
        texts: list[str],
        numbers: list[int] | None,
        answers: Sequence[Outgoing],
        code: int,
    ) -> list[Message]:
        """Check the answers to texts; return the messages that are stored now."""
        told: list[object] = []
        for answer in answers:
            if isinstance(answer, Accepted):
                assert answer.code == code
                told += ids([answer])
            else:
                told.append(answer)
        stored = []
        for at, (text, each) in enumerate(zip(texts, told, strict=True)):
            number = None if numbers is None else numbers[at]
            if number is not None and number <= device.highest:
                self.judge_repetition(device, number, each)
            elif code >= 400:
                assert isinstance(each, Refused)
                assert (each.error.code, each.request) == (code, number)
                if number is not None:
                    device.settled[number] = None
            else:
                assert isinstance(each, int)
                assert each > self.model.last_id
                self.model.last_id = each
                place = self.model.place_of(person, to)
                stored.append(Message(each, place, person, to, text, device, number))
                if number is not None:
                    device.settled[number] = each
                    device.known.add(number)
        return stored

    def judge_repetition(self, device: Device, number: int, answer: object) -> None:
        before = device.settled.get(number, 0)  # a gap counts as stored
        if before is None:
            assert isinstance(answer, Refused)
            assert answer.error.code == 409
        else:
            known = before if number in device.known else None
            assert answer == Duplicate(number, known)

    def hear(
        self, stored: list[Message], sender: Device, own: list[Row], fed: set[Device]
    ) -> None:
        """Check that all who are here, and are not being fed, hear what was said."""
        for person, device, client in self.model.here():
            found = own if device is sender else rows(without_news(client.takes()))
            due = [
                one.row()
                for one in stored
                if device not in fed
                and self.model.may_see(person, one)
                # One's own words come back only where they are said to oneself.
                and (device is not sender or one.place == frozenset({person}))
            ]
            assert found == due
            self.note(device, found)

    # -------------------------------------------------------- looking at it again

    @precondition(somebody_is_here)
    @rule(who=WHO)
    def look_around(self, who: int) -> None:
        person, _, client = self.pick(who)
        users, rooms = without_news(client.says(ListUsers(), ListRooms()))
        assert isinstance(users, UserList)
        assert isinstance(rooms, RoomList)
        assert {(one.name, one.guest, one.online) for one in users.entries} == {
            (one.name, not one.is_account, one.is_here)
            for one in self.model.people.values()
        }
        assert {(one.room, one.members, one.joined) for one in rooms.entries} == {
            (one.name, len(one.members), person in one.members)
            for one in self.model.rooms.values()
        }

    @precondition(somebody_is_here)
    @rule(who=WHO)
    def look_at_conversations(self, who: int) -> None:
        person, _, client = self.pick(who)
        listed = only(without_news(client.asks(AskConversations())), ConversationList)
        assert self.model.conversations(person) == [
            (one.whom, one.last.message_id, one.unread, one.read)
            for one in listed.entries
        ]

    @precondition(somebody_is_here)
    @rule(who=WHO, whom=TARGETS, back=st.none() | st.integers(0, 5))
    def look_at_history(self, who: int, whom: str, back: int | None) -> None:
        """Somebody looks at a conversation, and perhaps reads it up to a message."""
        person, device, client = self.pick(who)
        if self.model.code_of(person, whom) >= 400:
            return
        place = self.model.place_of(person, whom)
        said = [one for one in self.model.messages if one.place == place]
        listed = only(without_news(client.asks(AskHistory(whom))), MessageList)
        assert [
            (one.message_id, one.sender, one.to, one.text) for one in listed.entries
        ] == [one.row() for one in said]
        assert [one.number for one in listed.entries] == [
            one.number if one.device is device else None for one in said
        ]
        if back is not None:
            message_id = max(0, self.model.last_id - back)
            done = without_news(client.says(HasRead(whom, message_id, request=1)))
            assert done == [Done(1)]
            if isinstance(place, Room) or said:
                person.read[place] = max(message_id, person.read.get(place, 0))

    # ----------------------------------------------------- the end of a server

    @rule(
        killed=st.booleans(),
        under_way=st.lists(
            st.tuples(WHO, TARGETS, st.sampled_from(["say", "room", "come"])),
            max_size=4,
        ),
        lost=LOST,
        reads=st.booleans(),
    )
    def start_again(
        self,
        killed: bool,
        under_way: list[tuple[int, str, str]],
        lost: int,
        reads: bool,
    ) -> None:
        """End the server, by a kill in the middle of a turn: that never happened.

        The clients come back by themselves, those of guests without a device as well
        as they can.
        """
        here = [(person.name, device) for person, device, _ in self.model.here()]
        names = {
            id(device): key
            for person in self.model.people.values()
            for key, device in person.devices.items()
        }
        if killed:
            for who, to, what in under_way:
                self.begin_turn(who, to, what)
            assert not any(client.told for _, _, client in self.model.here())
        self.world = self.world.killed() if killed else self.world.restarted()
        self.model.start_again()
        for name, device in here:
            self.lose(device, lost)
            self.come(name, names[id(device)], reads)
        if here:
            self.look_around(0)

    def begin_turn(self, who: int, to: str, what: str) -> None:
        """Let something be said in a turn that will not end."""
        if what == "come":
            name = to.removeprefix("#")
            self.world.newcomer().starts(SignIn(name, "", Secret("d1")))
        elif somebody_is_here(self):
            person, device, client = self.pick(who)
            if what == "say":
                first = device.highest + 1
                client.starts(Said(to, ["lost", "lost"], [first, first + 1]))
            elif person in getattr(self.model.rooms.get(to), "members", ()):
                client.starts(LeaveRoom(to))
            else:
                client.starts(JoinRoom(to))

    @invariant()
    def nobody_hears_what_is_not_for_them(self) -> None:
        for _, _, client in self.model.here():
            assert without_news(client.takes()) == []


TestTheDatabaseHoldsWhatItsModelSays = StoreMachine.TestCase
TestTheDatabaseHoldsWhatItsModelSays.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None
)
# It takes seconds; but where it fails, minutes are well spent on a short example.
pytestmark = pytest.mark.timeout(600)
