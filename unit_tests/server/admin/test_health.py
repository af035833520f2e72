"""What `status` and `check` say, of what is well and of all that can be wrong."""

import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from common.names import Name
from server.certificates import own_pair
from server.events import Delivery
from server.store.sqlite import SqliteStore
from unit_tests.certificates import make_certificate
from unit_tests.helpers import Server, run_server
from unit_tests.server.admin.conftest import Owner


def wrong(owner: Owner, *words: str) -> list[tuple[str, str]]:
    """Return what `check` finds, and see that its exit code says the same."""
    said = owner.types("check", "--json", *words)
    document = said.document
    assert said.code == (0 if document["ok"] else 1)
    return [(one["about"], one["sentence"]) for one in document["findings"]]


def test_the_state_of_a_running_server(live: Owner, server: Server) -> None:
    state = live.does("status", "--json").document
    assert state["running"]
    assert state["port"] == server.port
    assert state["process"] == server.process.pid
    assert state["database_bytes"] > 0
    assert live.does("status").out.startswith("the server runs\n")
    assert wrong(live) == []


def test_no_server_is_no_fault_but_an_exit_code(owner: Owner) -> None:
    said = owner.types("status", "--json")
    assert (said.code, said.document["running"]) == (69, False)
    owner.adds("alice")
    said = owner.types("status")
    assert said.code == 69
    assert "the server does not run" in said.out


def test_all_is_well(owner: Owner) -> None:
    owner.adds("alice")
    well, comes_in, *_, flags = owner.does("check").out.splitlines()
    assert well == "all is well"
    assert comes_in.startswith("who comes in: everybody who reaches the port")
    assert flags == "  --no-guests --registration invite"


def test_who_comes_in_is_what_the_running_server_lets_in(live: Owner) -> None:
    Path("jim.yaml").write_text("guests: no\nregistration: invite\n")
    said = live.does("check", "--json", "--settings", "jim.yaml").document
    assert said["comes_in"].startswith("everybody")


def test_who_comes_in_where_none_runs_is_by_the_settings(owner: Owner) -> None:
    owner.adds("alice")
    Path("jim.yaml").write_text("guests: no\nregistration: invite\n")
    said = owner.does("check", "--settings", "jim.yaml").out
    assert "who comes in: only who has an account, or an invitation" in said


def test_a_file_that_others_may_read_is_found(owner: Owner) -> None:
    owner.adds("alice")
    (owner.folder / "audit.log").chmod(0o644)
    ((about, sentence),) = wrong(owner)
    assert about == "permissions"
    assert "audit.log" in sentence
    said = owner.types("check")
    assert said.out.splitlines()[1].startswith("permissions  others may use")


def test_a_changed_audit_log_is_found(owner: Owner) -> None:
    owner.adds("alice")
    path = owner.folder / "audit.log"
    path.write_bytes(path.read_bytes().replace(b"alice", b"mallo"))
    assert wrong(owner) == [("audit log", "entry 1 (line 1) was changed")]


def test_a_damaged_database_is_found(owner: Owner) -> None:
    owner.adds("alice")
    with sqlite3.connect(owner.folder / "messenger.db") as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("UPDATE state SET last_number = 0")
    database.close()
    assert [about for about, _ in wrong(owner)] == ["counters"]


def test_a_certificate_that_ends_soon_is_found(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.adds("alice")
    own_pair(owner.folder, (), datetime.now(UTC))
    assert wrong(owner) == []
    monkeypatch.setattr("server.admin.health._CERTIFICATE_DAYS", 100 * 366)
    ((about, sentence),) = wrong(owner)
    assert about == "certificate"
    assert "put a new one there" in sentence


def test_what_the_running_server_goes_by_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_certificate(tmp_path, "soon", "127.0.0.1", days=5)
    made.file.chmod(0o600)
    flags = ("--tls-certificate", str(made.file), "--tls-key", str(made.file))
    # As a service has them: where no shell sees them, and from a folder of its own.
    environment = {"JIM_PLAIN_PASSWORDS": "yes", "JIM_LOG_CONFIG": ""}
    with run_server(*flags, environment=environment) as server:
        owner = Owner(server.folder / "data", capsys, tmp_path)
        found = dict(wrong(owner))
        assert set(found) == {"certificate", "settings"}
        assert "the certificate ends on" in found["certificate"]
        assert str(made.file) in found["certificate"]
        assert "plain_passwords is on" in found["settings"]
        # A new file does nothing while clients are shown the old one.
        own = own_pair(tmp_path, (), datetime.now(UTC))
        made.file.write_bytes(own.certificate.read_bytes() + own.key.read_bytes())
        assert "the certificate ends on" in dict(wrong(owner))["certificate"]


def test_a_certificate_that_is_missing_or_open_is_found(owner: Owner) -> None:
    owner.adds("alice")
    pair = own_pair(owner.folder, (), datetime.now(UTC))
    key = Path("key.pem")
    shutil.copy(pair.key, key)
    key.chmod(0o644)
    Path("tls.yaml").write_text(
        f"tls_certificate: {pair.certificate}\ntls_key: {key.absolute()}\n"
    )
    ((about, sentence),) = wrong(owner, "--settings", "tls.yaml")
    assert (about, "chmod 600" in sentence) == ("certificate", True)
    Path("tls.yaml").write_text("tls_certificate: nowhere.pem\ntls_key: nowhere.key\n")
    ((about, sentence),) = wrong(owner, "--settings", "tls.yaml")
    assert (about, "nowhere.pem" in sentence) == ("certificate", True)


def test_a_message_from_the_future_shows_a_wrong_clock(owner: Owner) -> None:
    owner.adds("alice")
    store = SqliteStore(owner.folder)
    contents = store.load()
    room, alice = contents.rooms[0], contents.accounts[0]
    late = Delivery(
        Name("alice"), room.name, ["hi"], 1, room.conversation, alice.identity
    )
    store.commit([late], (), 4_000_000_000.0)
    store.close()
    assert [about for about, _ in wrong(owner)] == ["clock"]


def test_a_full_disk_is_found(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.adds("alice")
    usage: Any = type("Usage", (), {"free": 5_000_000})
    monkeypatch.setattr("server.admin.health.shutil.disk_usage", lambda _: usage)
    ((about, sentence),) = wrong(owner)
    assert about == "disk"
    assert sentence.startswith("5 MB are free")


def test_settings_that_are_unwise_are_found(owner: Owner) -> None:
    owner.adds("alice")
    Path("jim.yaml").write_text("plain_passwords: yes\nlog_config: nowhere.yaml\n")
    found = wrong(owner, "--settings", "jim.yaml")
    assert [about for about, _ in found] == ["settings", "settings"]
    assert any("nowhere.yaml" in sentence for _, sentence in found)


def test_a_wrong_setting_ends_every_command(owner: Owner) -> None:
    Path("jim.yaml").write_text("portt: 1\n")
    said = owner.types("check", "--settings", "jim.yaml")
    assert said.code == 78
    assert "did you mean port?" in said.err


def test_looking_changes_nothing(owner: Owner) -> None:
    owner.adds("alice")
    before = {path: path.stat().st_mtime_ns for path in owner.folder.iterdir()}
    owner.does("check")
    owner.types("status")
    owner.does("audit", "verify")
    after = {path: path.stat().st_mtime_ns for path in owner.folder.iterdir()}
    kept = {p: t for p, t in after.items() if not os.fspath(p).endswith(("shm", "wal"))}
    assert {p: before[p] for p in kept if p in before} == kept
