"""Backups, their restoring, and exports."""

import json
from pathlib import Path

from unit_tests.helpers import Server
from unit_tests.server.admin.conftest import Owner


def test_a_backup_is_made_while_the_server_runs_and_restored(
    live: Owner, server: Server, owner: Owner
) -> None:
    live.does("user", "add", "hana", "--open")
    with server.signed_in("hana") as hana:
        hana.say("#all", "kept")
        hana.wait_for(lambda found: found.get("response") == 200)
        said = live.does("backup", "monday.db", "--json")
    assert said.document["bytes"] == Path("monday.db").stat().st_size
    assert Path("monday.db").stat().st_mode & 0o777 == 0o600
    assert live.types("backup", "monday.db").code == 1
    assert live.types("restore", "monday.db").code == 1, "a server uses the folder"

    owner.adds("gone")
    said = owner.does("restore", "monday.db", "--json")
    assert Path(said.document["former"]).exists()
    names = [one["account_name"] for one in owner.does("user", "list", "--json").rows]
    assert "hana" in names
    assert "gone" not in names
    entries = owner.does("audit", "show", "--json").rows
    assert (entries[-1]["what"], entries[-1]["how"]) == ("restore", "monday.db")
    assert owner.does("check").out.startswith("all is well\n")
    live.does("user", "remove", "hana")


def test_a_restore_into_an_empty_folder_begins_the_audit_log(owner: Owner) -> None:
    owner.adds("alice")
    owner.does("backup", "monday.db")
    owner.folder = owner.folder.with_name("other")
    owner.does("restore", "monday.db")
    assert (
        owner.does("audit", "verify").out == "all 1 entries are as they were written\n"
    )
    owner.does("user", "remove", "alice")
    assert owner.does("check").out.startswith("all is well\n")


def test_a_restore_behind_a_backup_goes_on_with_the_log(owner: Owner) -> None:
    owner.adds("alice")
    owner.does("backup", "monday.db")
    owner.adds("bob")
    owner.does("restore", "monday.db")
    owner.does("user", "remove", "alice")
    assert (
        owner.does("audit", "verify").out == "all 4 entries are as they were written\n"
    )


def test_a_log_that_was_changed_before_a_restore_is_noted(owner: Owner) -> None:
    owner.adds("alice")
    owner.does("backup", "monday.db")
    (owner.folder / "audit.log").unlink()
    owner.does("restore", "monday.db")
    (entry,) = owner.does("audit", "show", "--json").rows
    assert entry["how"].startswith("monday.db; before it: ")
    assert "audit.log is missing" in entry["how"] or "entries" in entry["how"]


def test_what_is_no_backup_is_refused_and_nothing_has_changed(owner: Owner) -> None:
    owner.adds("alice")
    Path("text.db").write_text("no database")
    assert owner.types("restore", "text.db").code == 1
    assert owner.types("restore", "nowhere.db").code == 1
    assert owner.does("user", "list", "--json").rows[0]["account_name"] == "alice"


def test_an_export_is_audited_and_told_to_those_concerned(
    live: Owner, server: Server
) -> None:
    for name in ("ida", "jan"):
        live.does("user", "add", name, "--open")
    with server.signed_in("ida") as ida:
        ida.say("jan", "between us")
        ida.wait_for(lambda found: found.get("response") in (200, 202))
        said = live.does("export", "--person", "ida")
        rows = [(row["from"], row["to"], row["text"]) for row in said.rows]
        assert ("ida", "jan", "between us") in rows
        told = ida.wait_for(lambda found: found.get("from") == "server")
        assert "exported" in told["message"]
    assert "told of it: 2" in said.err
    entry = live.does("audit", "show", "--json").rows[-1]
    assert entry["what"] != "export" or entry["whom"] == "ida"
    for name in ("ida", "jan"):
        live.does("user", "remove", name)


def test_an_export_goes_into_a_new_file_of_our_own(owner: Owner) -> None:
    owner.adds("alice")
    said = owner.does("export", "--room", "all", "all.jsonl", "--json")
    assert said.document == {"file": "all.jsonl", "messages": 0, "told": 0}
    assert Path("all.jsonl").stat().st_mode & 0o777 == 0o600
    assert owner.types("export", "--room", "all", "all.jsonl").code == 1
    assert owner.types("export", "--room", "all", "nowhere/all.jsonl").code == 1
    assert owner.types("export", "--room", "nowhere").code == 1
    assert owner.types("export", "--person", "nobody").code == 1


def test_an_export_of_everything_says_so_to_everybody(owner: Owner) -> None:
    owner.adds("alice")
    owner.does("export", "all.jsonl")
    (row,) = map(json.loads, Path("all.jsonl").read_text("utf-8").splitlines())
    assert (row["from"], row["to"]) == ("server", "#all")
