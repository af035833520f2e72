"""Whatever is said in whatever order, the store knows what a dictionary would know."""

import sqlite3
import tempfile
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from common.names import Name
from errors import NotStored
from server.events import Delivery
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import Device, reading

FEW = st.integers(0, 5)


@dataclass
class Known:
    """What there is: guests, their devices, lines, messages, read positions."""

    guests: dict[int, list[int]] = field(default_factory=dict)
    former: set[int] = field(default_factory=set)
    received: dict[int, int] = field(default_factory=dict)
    settled: dict[int, int] = field(default_factory=dict)
    lines: dict[tuple[int, int], int] = field(default_factory=dict)
    messages: dict[int, list[str]] = field(default_factory=dict)
    read: dict[tuple[int, int], int] = field(default_factory=dict)
    last_id: int = 0


class StoreMachine(RuleBasedStateMachine):
    """`said` is all up to now, `kept` what was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(prefix="jim-store-")
        self.folder = Path(self.place.name) / "data"
        self.store = SqliteStore(self.folder)
        self.said = Known()
        self.kept = Known()
        self.numbers: set[int] = set()

    def teardown(self) -> None:
        self.store.close()
        self.place.cleanup()

    def number(self) -> int:
        number = self.store.new_number()
        assert number not in self.numbers
        self.numbers.add(number)
        return number

    def guest(self, n: int) -> int:
        return sorted(self.said.guests)[n % len(self.said.guests)]

    def anybody(self, n: int) -> int:
        people = sorted({*self.said.guests, *self.said.former})
        return people[n % len(people)]

    def has_guests(self) -> bool:
        return bool(self.said.guests)

    @rule(devices=st.integers(0, 2))
    def somebody_comes(self, devices: int) -> None:
        identity = self.number()
        self.store.add_guest(identity, Name(f"guest-{identity}"))
        self.said.guests[identity] = []
        for _ in range(devices):
            self.add_device(identity)

    def add_device(self, identity: int) -> None:
        device = self.number()
        self.store.add_device(device, identity, f"digest-{device}", 1.0)
        self.said.guests[identity].append(device)
        self.said.received[device] = self.said.settled[device] = 0

    @precondition(has_guests)
    @rule(n=FEW)
    def somebody_goes_for_good(self, n: int) -> None:
        identity = self.guest(n)
        self.store.forget_person(identity)
        self.said.former.add(identity)
        for device in self.said.guests.pop(identity):
            del self.said.received[device], self.said.settled[device]
        self.said.read = {
            key: position
            for key, position in self.said.read.items()
            if key[1] != identity
        }

    @precondition(has_guests)
    @rule(n=FEW)
    def a_device_goes(self, n: int) -> None:
        devices = self.said.guests[self.guest(n)]
        if devices:
            device = devices.pop(0)
            self.store.forget_device(device)
            del self.said.received[device], self.said.settled[device]

    @precondition(has_guests)
    @rule(n=FEW, message_id=st.integers(0, 20))
    def a_device_has_received(self, n: int, message_id: int) -> None:
        message_id = min(message_id, self.said.last_id)
        for device in self.said.guests[self.guest(n)]:
            self.store.note_received(device, message_id)
            received = self.said.received
            received[device] = max(received[device], message_id)

    @precondition(has_guests)
    @rule(one=FEW, other=FEW)
    def two_talk_for_the_first_time(self, one: int, other: int) -> None:
        low, high = sorted((self.anybody(one), self.anybody(other)))
        if self.store.find_line(high, low) is None:
            line = self.number()
            self.store.add_line(line, high, low)
            assert (low, high) not in self.said.lines
            self.said.lines[low, high] = line
            self.said.messages[line] = []

    @precondition(has_guests)
    @rule(n=FEW, message_id=st.integers(0, 20))
    def somebody_has_read(self, n: int, message_id: int) -> None:
        identity = self.guest(n)
        message_id = min(message_id, self.said.last_id)
        for pair, line in self.said.lines.items():
            if identity in pair:
                self.store.note_read(line, identity, message_id)
                before = self.said.read.get((line, identity), 0)
                self.said.read[line, identity] = max(before, message_id)

    def turn(self, texts: list[str]) -> tuple[list[Delivery], list[Device], Known]:
        after = deepcopy(self.said)
        batch = []
        for pair, line in self.said.lines.items():
            if texts:
                first = after.last_id + 1
                name = Name(f"guest-{pair[0]}")
                batch.append(Delivery(name, name, texts, first, line, pair[0]))
                after.last_id += len(texts)
                after.messages[line] += texts
        for device in after.settled:
            after.settled[device] = after.last_id
        return batch, [Device(*both) for both in after.settled.items()], after

    @rule(texts=st.lists(st.text(max_size=5), max_size=3))
    def a_turn_ends(self, texts: list[str]) -> None:
        batch, devices, self.said = self.turn(texts)
        self.store.commit(batch, devices, 5.0)
        self.kept = deepcopy(self.said)
        assert not self.store.has_changes

    @rule()
    def a_turn_ends_while_another_program_holds_the_database(self) -> None:
        if self.store._connection.in_transaction:
            return
        batch, devices, _ = self.turn(["lost"])
        path = self.folder / "messenger.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            try:
                self.store.commit(batch, devices, 5.0)
            except NotStored:
                return
            raise AssertionError("it was stored")

    @rule()
    def the_server_is_killed_and_starts_again(self) -> None:
        self.store.close()
        self.store = SqliteStore(self.folder)
        self.said = deepcopy(self.kept)
        known = {*self.said.guests, *self.said.former, *self.said.lines.values()}
        self.numbers = known | set(self.said.received)
        contents = self.store.load()
        gone = {one for one, devices in self.said.guests.items() if not devices}
        assert {one.identity for one in contents.guests} == {*self.said.guests} - gone
        for identity in gone:
            self.said.former.add(identity)
            del self.said.guests[identity]
            self.said.read = {
                key: position
                for key, position in self.said.read.items()
                if key[1] != identity
            }

    @rule()
    def the_store_is_asked(self) -> None:
        for identity in {*self.said.guests, *self.said.former}:
            rows = self.store.find_devices(identity)
            expected = self.said.guests.get(identity, [])
            assert [row.device for row in rows] == sorted(expected)
            for row in rows:
                assert row.received == self.said.received[row.device]
                assert row.settled == self.said.settled[row.device]
        for (low, high), line in self.said.lines.items():
            assert self.store.find_line(high, low) == line
            for identity in (low, high):
                expected_position = self.said.read.get((line, identity), 0)
                assert self.store.read_position(line, identity) == expected_position

    @invariant()
    def readers_see_what_is_kept(self) -> None:
        assert self.store.last_id == self.kept.last_id
        with reading(self.store) as reader:
            for line, texts in self.kept.messages.items():
                rows, _ = reader.history(line, None, None, 1000)
                assert [row.text for row in rows] == texts
            for identity in self.kept.guests:
                missed = reader.missed(identity, 0, self.kept.last_id, 10_000)
                assert len(missed) == sum(
                    len(self.kept.messages[line])
                    for pair, line in self.kept.lines.items()
                    if identity in pair
                )


TestTheStoreIsLikeTheModel = StoreMachine.TestCase
TestTheStoreIsLikeTheModel.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None
)
