"""Who talks in the crash tests, and the diary that outlives a killed client."""

from pathlib import Path

import pytest

from bench.crowd import cast
from bench.judge import Received
from bench.mortal import Diary


@pytest.mark.parametrize("devices", [3, 4, 6, 16])
def test_a_cast_has_guests_accounts_and_second_devices(devices: int) -> None:
    parts = cast(devices)
    assert len({part.device for part in parts}) == devices
    people = {part.person for part in parts}
    assert any(part.second for part in parts)
    assert any(not part.account for part in parts)
    for part in parts:
        assert part.account or not part.second
        others = {to for to in part.targets if not to.startswith("#")}
        assert others <= people - {part.person}
        assert others
        assert set(part.rooms) < set(part.targets)


def test_sixteen_devices_are_twelve_people_in_four_rooms() -> None:
    parts = cast(16)
    assert len({part.person for part in parts}) == 12
    assert len({room for part in parts for room in part.rooms}) == 4


def test_a_diary_goes_on_where_the_last_process_ended(tmp_path: Path) -> None:
    part = cast(3)[0]
    first = Diary(tmp_path, part)
    first.send(1, "bob")
    first.owe(1)
    first.store(1, 7)
    first.send(2, "#all")
    first.refuse(2, "500 the disk is full")
    first.receive(Received("hello", "#all", 8))
    first.close()
    second = Diary(tmp_path, part)
    second.send(3, "bob")
    second.close()
    third = Diary(tmp_path, part)
    assert third.sent == {1: "bob", 2: "#all", 3: "bob"}
    assert third.owed == {1}
    assert third.stored == [(1, 7)]
    assert third.refused == [(2, "500 the disk is full")]
    assert third.received == [Received("hello", "#all", 8)]
    third.close()
