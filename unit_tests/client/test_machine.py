from collections.abc import Iterator
from pathlib import Path

import pytest

from client import machine
from client.machine import is_copy, machine_id, origin_of

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    machine_id.cache_clear()
    yield
    machine_id.cache_clear()


@pytest.mark.parametrize(
    ("texts", "is_known"),
    [
        ([f"{ID}\n"], True),
        (["uninitialized\n", f"{ID}\n"], True),
        ([None, f"{ID}\n"], True),
        (["uninitialized\n"], False),
        (["é" * 32], False),
        ([None], False),
    ],
)
def test_a_machine_is_known_by_its_id_which_is_not_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: list[str | None],
    is_known: bool,
) -> None:
    files = [tmp_path / str(number) for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        if text is not None:
            file.write_text(text)
    monkeypatch.setattr(machine, "_FILES", files)
    assert bool(machine_id()) == is_known
    assert not is_known or machine_id() not in ID
    assert bool(origin_of(tmp_path)) == is_known


@pytest.mark.parametrize(
    ("noted", "origin", "copied"),
    [
        ("one 7", "one 7", False),
        # Restored, or written anew by an editor.
        ("one 7", "one 8", False),
        # A home that two machines share.
        ("one 7", "two 7", False),
        ("one 7", "two 8", True),
        ("", "two 8", False),
        ("one 7", "", False),
    ],
)
def test_a_copy_is_another_file_on_another_machine(
    noted: str, origin: str, copied: bool
) -> None:
    assert is_copy(noted, origin) is copied
