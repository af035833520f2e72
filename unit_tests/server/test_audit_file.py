"""The file of the audit log, changed in every way that somebody may try."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from server.audit_file import Head, append, chained, verify

Lines = list[bytes]


def notes(count: int) -> list[dict[str, object]]:
    return [
        {
            "what": "role", "who": "alice", "whom": f"привет {n}", "where": "",
            "how": "", "time": 1.5,
        }
        for n in range(1, count + 1)
    ]  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, Head]:
    """Return a file of 9 entries, and its head."""
    path = tmp_path / "audit.log"
    data, head = chained(notes(9), Head(0, ""))
    append(path, data, syncs=True)
    return path, head


def changed(line: bytes, **fields: object) -> bytes:
    """Return a line with other fields, written as we write it, the hash as it was."""
    entry = json.loads(line) | fields
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def forged(line: bytes, **fields: object) -> bytes:
    """Return the same with a hash that fits."""
    entry = json.loads(changed(line, **fields))
    del entry["hash"]
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return changed(line, **fields, hash=hashlib.sha256(text.encode()).hexdigest())


def test_a_file_that_nobody_touched_is_well(kept: tuple[Path, Head]) -> None:
    assert verify(*kept) == []


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (
            lambda a: [*a[:4], changed(a[4], whom="eve"), *a[5:]],
            ["entry 5 (line 5) was changed"],
        ),
        (
            lambda a: [*a[:4], changed(a[4], time=2.5), *a[5:]],
            ["entry 5 (line 5) was changed"],
        ),
        (
            lambda a: [*a[:4], forged(a[4], whom="eve"), *a[5:]],
            [
                "entry 6 (line 6) does not follow the one before it: one of the two "
                "was replaced"
            ],
        ),
        (
            lambda a: [*a[:8], forged(a[8], whom="eve")],
            ["entry 9 is not the one that the database knows of"],
        ),
        (lambda a: [*a[:4], *a[5:]], ["entry 5 is missing before line 5"]),
        (lambda a: [*a[:2], *a[6:]], ["entries 3 to 6 are missing before line 3"]),
        (lambda a: a[3:], ["entries 1 to 3 are missing before line 1"]),
        (lambda a: a[:8], ["entry 9 is missing at the end"]),
        (lambda a: a[:5], ["entries 6 to 9 are missing at the end"]),
        (lambda a: [], ["entries 1 to 9 are missing at the end"]),
        (
            lambda a: [*a[:3], a[4], a[3], *a[5:]],
            ["entry 4 (line 5) was inserted or is out of its order"],
        ),
        (
            lambda a: [*a[:5], a[2], *a[5:]],
            ["entry 3 (line 6) was inserted or is out of its order"],
        ),
        (
            lambda a: [*a[:5], b"\xff\n", *a[5:]],
            ["line 6 is no entry: it was changed"],
        ),
        (
            lambda a: [*a[:4], a[4].replace(b'{"', b'{"eve":1,"', 1), *a[5:]],
            [
                "line 5 is no entry: it was changed",
                "entry 5 is missing before line 6",
            ],
        ),
        (
            lambda a: [*a[:4], a[4].replace(b",", b", ", 1), *a[5:]],
            [
                "line 5 is no entry: it was changed",
                "entry 5 is missing before line 6",
            ],
        ),
        (
            lambda a: [*a[:4], changed(a[4], number=10**15), *a[5:]],
            [f"entry {10**15} (line 5) was changed"],
        ),
        (
            lambda a: [*a[:4], forged(a[4], number=10**15)],
            [f"entries 5 to {10**15 - 1} are missing before line 5"],
        ),
        (
            lambda a: [*a[:4], b"[" * 100_000 + b"\n", *a[5:]],
            [
                "line 5 is no entry: it was changed",
                "entry 5 is missing before line 6",
            ],
        ),
    ],
)
def test_what_was_done_to_it_is_said(
    kept: tuple[Path, Head], change: Callable[[Lines], Lines], problems: list[str]
) -> None:
    path, head = kept
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    found = verify(path, head)
    assert found[: len(problems)] == problems
    # A made-up end is at odds with what the database knows, too.
    assert found[len(problems) :] in (
        [],
        ["entry 9 is not the one that the database knows of"],
    )


def test_a_file_that_is_gone_is_said(kept: tuple[Path, Head]) -> None:
    path, head = kept
    path.unlink()
    assert verify(path, head) == [f"{path} is missing: entries 1 to 9 are gone"]


def test_no_file_is_well_where_nothing_was_ever_noted(tmp_path: Path) -> None:
    assert verify(tmp_path / "audit.log", Head(0, "")) == []


def test_a_disk_that_is_full_at_the_sync_keeps_nothing_of_it(
    kept: tuple[Path, Head], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, head = kept

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    data, after = chained(notes(1), head)
    with monkeypatch.context() as patched, pytest.raises(OSError):
        patched.setattr(os, "fdatasync", fail)
        append(path, data, syncs=True)
    append(path, data, syncs=True)
    assert verify(path, after) == []


def test_half_a_line_at_the_end_is_just_being_written(kept: tuple[Path, Head]) -> None:
    path, head = kept
    with path.open("ab") as file:
        file.write(b'{"number":10')
    assert verify(path, head) == []


def test_a_thousand_problems_are_a_hundred_sentences(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"x\n" * 1000)
    found = verify(path, Head(0, ""))
    assert len(found) == 101
    assert found[-1] == "and 900 more of such sentences"
