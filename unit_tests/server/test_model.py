"""The hub against a small model: sessions, names, rooms and messages at random."""

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from errors import RequestError
from server.events import (
    Accepted,
    Done,
    Duplicate,
    Goodbye,
    JoinRoom,
    LeaveRoom,
    Outgoing,
    Quitting,
    Refused,
    Said,
    Welcome,
)
from unit_tests.server.people_of_a_hub import Somebody, World, ids

NAMES = ["ann", "Ann", "bo", "cy"]
ROOMS = ["#r", "#R", "#s"]
KEPT = 900.0


class _Guest:
    def __init__(self, device: str | None) -> None:
        self.device = device
        self.rooms: set[str] = set()
        self.session: Somebody | None = None
        self.gone_at = 0.0
        self.settled: dict[int, bool] = {}  # number: stored, or refused


class HubMachine(RuleBasedStateMachine):
    """Does what people do, and knows from a model what must follow."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(kept_guest_seconds=KEPT)
        self.guests: dict[str, _Guest] = {}
        self.rooms: dict[str, float] = {}  # when it was left by the last
        self.stored = 0

    # ------------------------------------------------------------ the model

    def _forget(self, name: str) -> None:
        for room in self.guests.pop(name).rooms:
            self._left(room)

    def _left(self, room: str) -> None:
        if not any(room in guest.rooms for guest in self.guests.values()):
            self.rooms[room] = self.world.now

    def _gone(self, name: str) -> None:
        guest = self.guests[name]
        guest.session, guest.gone_at = None, self.world.now
        if guest.device is None:
            self._forget(name)

    def _somebody(self, name: str) -> Somebody | None:
        guest = self.guests.get(name.lower())
        return None if guest is None else guest.session

    @staticmethod
    def _code(told: list[Outgoing]) -> int:
        assert len(told) == 1, told
        one = told[0]
        if isinstance(one, Refused):
            error: RequestError = one.error
            return error.code
        assert isinstance(one, Welcome | Accepted | Duplicate | Done)
        return 200

    # ------------------------------------------------------------- the rules

    @rule(name=st.sampled_from(NAMES), device=st.sampled_from([None, "d1", "d2"]))
    def sign_in(self, name: str, device: str | None) -> None:
        folded = name.lower()
        guest = self.guests.get(folded)
        newcomer = self.world.newcomer()
        newcomer.sign_in(name, device)
        told = newcomer.takes()
        if guest is not None and (device is None or guest.device != device):
            assert self._code(told) == 409
            newcomer.goes()
            return
        assert self._code(told) == 200
        if guest is None:
            guest = self.guests[folded] = _Guest(device)
        elif guest.session is not None:
            (goodbye,) = guest.session.takes()
            assert isinstance(goodbye, Goodbye)
        guest.session = newcomer
        (welcome,) = told
        assert isinstance(welcome, Welcome)
        assert welcome.last_id == self.stored
        assert welcome.device_seq == max(guest.settled, default=0)
        assert welcome.refused == sorted(
            number for number, stored in guest.settled.items() if not stored
        )

    @rule(name=st.sampled_from(NAMES), politely=st.booleans())
    def leave(self, name: str, politely: bool) -> None:
        somebody = self._somebody(name)
        if somebody is None:
            return
        if politely:
            assert somebody.says(Quitting()) == []
        else:
            somebody.goes()
        self._gone(name.lower())

    @rule(name=st.sampled_from(NAMES), room=st.sampled_from(ROOMS))
    def join(self, name: str, room: str) -> None:
        somebody = self._somebody(name)
        if somebody is None:
            return
        folded = room.lower()
        (done,) = somebody.says(JoinRoom(room))
        assert done == Done(None, created=folded not in self.rooms)
        self.guests[name.lower()].rooms.add(folded)
        self.rooms[folded] = float("inf")
        self._drop_movements()

    @rule(name=st.sampled_from(NAMES), room=st.sampled_from(ROOMS))
    def leave_room(self, name: str, room: str) -> None:
        somebody = self._somebody(name)
        if somebody is None:
            return
        folded = room.lower()
        member = folded in self.guests[name.lower()].rooms
        code = self._code(somebody.says(LeaveRoom(room)))
        if folded not in self.rooms:
            assert code == 404
        elif not member:
            assert code == 403
        else:
            assert code == 200
            self.guests[name.lower()].rooms.discard(folded)
            self._left(folded)
        self._drop_movements()

    @rule(
        name=st.sampled_from(NAMES),
        to=st.sampled_from([*NAMES, *ROOMS, "#all", "nobody"]),
        number=st.none() | st.integers(1, 12),
        count=st.integers(1, 3),
    )
    def say(self, name: str, to: str, number: int | None, count: int) -> None:
        somebody = self._somebody(name)
        if somebody is None:
            return
        guest, folded = self.guests[name.lower()], to.lower()
        numbers = None if number is None else list(range(number, number + count))
        texts = [f"text {at}" for at in range(count)]
        code, readers = self._route(somebody, guest, folded)
        before = self.stored
        told = somebody.says(Said(to, texts, numbers))
        codes: list[int] = []
        new: list[str] = []
        owns: Sequence[int | None] = numbers or [None] * count
        for text, own in zip(texts, owns, strict=True):
            if own is not None and own <= max(guest.settled, default=0):
                codes.append(200 if guest.settled.get(own, True) else 409)
                continue
            codes.append(code)
            if own is not None:
                guest.settled[own] = code == 200
            if code == 200:
                new.append(text)
        self.stored += len(new)
        if somebody in readers:
            told = [one for one in told if type(one).__name__ != "Delivery"]
            readers.remove(somebody)
        assert self._codes(told) == codes
        assert ids(told) == list(range(before + 1, before + 1 + len(new)))
        for reader in readers:
            found = [
                (sender.lower(), addressee.lower(), text)
                for sender, addressee, text in reader.hears()
            ]
            assert found == [(name.lower(), folded, text) for text in new]

    def _route(
        self, somebody: Somebody, sender: _Guest, to: str
    ) -> tuple[int, list[Somebody]]:
        """Return the code of a message, and who hears it if it is 200."""
        if to.startswith("#"):
            if to != "#all" and to not in self.rooms:
                return 404, []
            if to != "#all" and to not in sender.rooms:
                return 403, []
            return 200, [
                guest.session
                for guest in self.guests.values()
                if guest.session is not None
                and guest.session is not somebody
                and (to == "#all" or to in guest.rooms)
            ]
        target = self.guests.get(to)
        if target is None:
            return 404, []
        return (200, [target.session]) if target.session else (410, [])

    @staticmethod
    def _codes(told: list[Outgoing]) -> list[int]:
        found: list[int] = []
        for one in told:
            if isinstance(one, Refused):
                found.append(one.error.code)
            elif isinstance(one, Accepted):
                found += [200] * one.count
            else:
                assert isinstance(one, Duplicate)
                found.append(200)
        return found

    @rule(seconds=st.sampled_from([1.0, 400.0, 899.0, 901.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)
        now = self.world.now
        for name, guest in list(self.guests.items()):
            if guest.session is None and guest.gone_at + KEPT <= now:
                self._forget(name)
        for room, left in list(self.rooms.items()):
            if left + KEPT <= now:
                del self.rooms[room]
        self._drop_movements()

    def _drop_movements(self) -> None:
        for guest in self.guests.values():
            if guest.session is not None:
                assert guest.session.hears() == []

    @invariant()
    def nobody_hears_what_is_not_for_them(self) -> None:
        for guest in self.guests.values():
            if guest.session is not None:
                assert guest.session.hears() == []


TestTheHubDoesWhatItsModelSays = HubMachine.TestCase
TestTheHubDoesWhatItsModelSays.settings = settings(
    max_examples=200, stateful_step_count=30, deadline=None
)
