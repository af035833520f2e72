"""The audit log, changed in every way that somebody may try, and what is said."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from server.audit_file import Head, append, chained, cut_in_words, set_aside
from server.audit_verify import Verdict, verify

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


UNKNOWN = (
    "not known to the database: somebody put them there, or what they tell of was "
    "never made final (a crash, a full disk)"
)


def head_of(lines: Lines) -> Head:
    last = json.loads(lines[-1])
    return Head(last["number"], last["hash"])


def found(path: Path, known: Head) -> list[str]:
    """Return what is wrong, while nobody writes."""
    return verify(path, lambda: known).problems


def test_a_file_that_nobody_touched_is_well(kept: tuple[Path, Head]) -> None:
    path, head = kept
    assert verify(path, lambda: head) == Verdict([], [], 1, 9)


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
        (
            lambda a: [*a, chained(notes(1), head_of(a))[0]],
            [f"entry 10 is {UNKNOWN}"],
        ),
        (
            lambda a: [*a, chained(notes(3), head_of(a))[0]],
            [f"entries 10 to 12 are {UNKNOWN}"],
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
    said = found(path, head)
    assert said[: len(problems)] == problems
    # A made-up end is at odds with what the database knows, too.
    assert said[len(problems) :] in (
        [],
        ["entry 9 is not the one that the database knows of"],
    )


def test_a_file_that_is_gone_is_said(kept: tuple[Path, Head]) -> None:
    path, head = kept
    path.unlink()
    assert found(path, head) == [f"{path} is missing: entries 1 to 9 are gone"]


def test_no_file_is_well_where_nothing_was_ever_noted(tmp_path: Path) -> None:
    assert found(tmp_path / "audit.log", Head(0, "")) == []


def test_half_a_line_at_the_end_is_just_being_written(kept: tuple[Path, Head]) -> None:
    path, head = kept
    with path.open("ab") as file:
        file.write(b'{"number":10')
    assert found(path, head) == []


def test_a_thousand_problems_are_a_hundred_sentences(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"x\n" * 1000)
    said = found(path, Head(0, ""))
    assert len(said) == 101
    assert said[-1] == "and 900 more of such sentences"


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
    assert found(path, after) == []


def test_a_server_that_writes_meanwhile_is_no_forger(kept: tuple[Path, Head]) -> None:
    path, head = kept
    data, after = chained(notes(1), head)
    append(path, data, syncs=False)
    told = iter((head, after))
    # It is asked again when something is wrong: by then the entry is final.
    assert verify(path, lambda: next(told)).problems == []


# ------------------------------------------------------------- a log that was shortened


@pytest.fixture
def shortened(kept: tuple[Path, Head]) -> tuple[Path, Head]:
    """Return a log whose entries 1 to 9 are gone: 10 to 12 are old, 13 is the last."""
    path, ninth = kept
    set_aside(path, syncs=True)
    head = ninth
    for count in (2, 1, 1):
        batch = notes(count)
        if head.number == 11:
            batch[0] |= {"what": "trimmed", "how": cut_in_words(ninth)}
        if head.number == 12:
            set_aside(path, syncs=True)
        data, head = chained(batch, head)
        append(path, data, syncs=True)
    return path, head


def test_what_goes_by_the_rule_is_no_problem_but_said(
    shortened: tuple[Path, Head],
) -> None:
    path, head = shortened
    remark = "entries 1 to 9 are removed, as entry 12 (trimmed) says"
    assert verify(path, lambda: head) == Verdict([], [remark], 10, 13)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        (
            "audit.log.1",
            lambda a: a[1:],
            "entries 1 to 10 are missing before line 1 of",
        ),
        ("audit.log.1", lambda a: a[:2], "entries 1 to 9 are missing before line"),
        ("audit.log.1", lambda a: [], "entries 1 to 12 are missing before line 1"),
        (
            "audit.log.1",
            lambda a: [*a[:2], forged(a[2], how=cut_in_words(Head(10, "a" * 64)))],
            "entries 1 to 9 are missing before line 1 of audit.log.1",
        ),
        (
            "audit.log.1",
            lambda a: [*a[:2], changed(a[2], how="entries 1 to 9 go")],
            "entries 1 to 9 are missing before line 1 of audit.log.1",
        ),
        (
            "audit.log.1",
            lambda a: [a[0], changed(a[1], who="eve"), a[2]],
            "entry 11 (line 2 of audit.log.1) was changed",
        ),
        ("audit.log", lambda a: [], "entry 13 is missing at the end"),
    ],
)
def test_what_is_done_to_a_shortened_log_is_said(
    shortened: tuple[Path, Head],
    name: str,
    change: Callable[[Lines], Lines],
    problem: str,
) -> None:
    path, head = shortened
    file = path.with_name(name)
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))
    assert found(path, head)[0].startswith(problem)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("audit.log.1", "entries 1 to 12 are missing before line 1"),
        ("audit.log", "entry 13 is missing at the end"),
    ],
)
def test_half_of_a_shortened_log_is_not_enough(
    shortened: tuple[Path, Head], name: str, problem: str
) -> None:
    path, head = shortened
    path.with_name(name).unlink()
    assert found(path, head) == [problem]


def test_a_log_begun_anew_a_moment_ago_is_well(kept: tuple[Path, Head]) -> None:
    path, head = kept
    set_aside(path, syncs=True)
    assert found(path, head) == []
