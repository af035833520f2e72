"""The audit log, read from the shell."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from server.audit import Audit
from server.audit_file import Head, append, chained
from server.store.memory import MemoryStore
from unit_tests.helpers import PATIENCE, ROOT, Server, clean_environment, run_server
from unit_tests.server.admin.conftest import PASSWORD, Owner


def test_entries_are_shown_the_last_ones_or_all(owner: Owner) -> None:
    owner.adds("alice")
    owner.does("user", "role", "alice", "owner")
    rows = owner.does("audit", "show", "--json").rows
    assert [(row["what"], row["whom"]) for row in rows] == [
        ("account made", "alice"),
        ("role", "alice"),
    ]
    assert len(owner.does("audit", "show", "--last", 1, "--json").rows) == 1
    assert len(owner.does("audit", "show", "--last", 0, "--json").rows) == 2
    assert "account made" in owner.does("audit", "show").out
    assert owner.does("audit", "verify", "--json").document == (
        {"ok": True, "problems": [], "remarks": []}
    )


def test_whoever_has_read_enough_may_hang_up(owner: Owner, tmp_path: Path) -> None:
    audit = Audit(owner.folder.parent)
    for _ in range(3000):
        audit.note("role", who="alice")
    audit.write(MemoryStore(), 0.0)
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [sys.executable, str(ROOT / "my_server.py"), "audit", "show", "--last", "0"],
        cwd=tmp_path,
        env=clean_environment(JIM_DATA_DIR=str(tmp_path)),
        stdout=writes,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_was_cut_off_is_found(owner: Owner) -> None:
    owner.adds("alice")
    owner.adds("bob")
    path = owner.folder / "audit.log"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    said = owner.types("audit", "verify")
    assert (said.code, said.out) == (1, "entry 2 is missing at the end\n")
    path.unlink()
    said = owner.types("audit", "verify")
    assert said.out.endswith("entries 1 to 2 are gone\n")
    assert owner.does("audit", "show").err == "none\n"


def forge(owner: Owner) -> None:
    """Put an entry behind the last one, as somebody would who can write the file."""
    path = owner.folder / "audit.log"
    last = json.loads(path.read_bytes().splitlines()[-1])
    head = Head(last["number"], last["hash"])
    entry = {
        "what": "role",
        "who": "server",
        "whom": "eve",
        "where": "",
        "how": "owner",
    }
    append(path, chained([entry | {"time": 1.5}], head)[0], syncs=False)


def test_a_forged_last_entry_is_found_before_the_next_start_and_behind_it(
    owner: Owner,
) -> None:
    owner.adds("alice")
    forge(owner)
    said = owner.types("audit", "verify")
    assert said.code == 1
    assert said.out.startswith("entry 2 is not known to the database: somebody put")
    assert "audit log" in owner.types("check").out
    owner.adds("bob")  # it goes on behind what stands there, and says so
    said = owner.types("audit", "verify")
    how = "the database knew 1 entries, the file had 2: a crash, or somebody put the"
    assert (said.code, said.out) == (
        0,
        f"all 4 entries are as they were written\nentry 3: {how} others there\n",
    )
    rows = owner.does("audit", "show", "--json").rows
    assert [row["what"] for row in rows] == [
        "account made",
        "role",
        "unknown entries",
        "account made",
    ]


def test_a_forged_last_entry_is_found_while_the_server_runs(owner: Owner) -> None:
    with run_server("--data-dir", str(owner.folder)):
        owner.adds("alice")
        assert owner.does("audit", "verify").code == 0
        forge(owner)
        said = owner.types("audit", "verify")
        assert said.code == 1
        assert "not known to the database" in said.out
        owner.adds("bob")
        assert "was inserted or is out" in owner.types("audit", "verify").out


def test_a_restored_database_goes_on_behind_the_log(
    owner: Owner, tmp_path: Path
) -> None:
    owner.adds("alice")
    owner.does("backup", tmp_path / "copy.db")
    owner.adds("bob")
    owner.does("restore", tmp_path / "copy.db")
    said = owner.does("audit", "verify")
    assert said.out == "all 3 entries are as they were written\n"


def test_a_killed_server_leaves_a_log_that_goes_on(owner: Owner) -> None:
    with (
        run_server("--data-dir", str(owner.folder)) as server,
        server.signed_in("alice"),
        server.signed_in("bob"),
    ):
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    before = owner.does("audit", "show", "--json").rows
    assert [row["who"] for row in before][-2:] == ["alice", "bob"]
    assert owner.does("audit", "verify").code == 0
    owner.adds("carl")
    rows = owner.does("audit", "show", "--json").rows
    assert len(rows) == len(before) + 1
    assert owner.does("audit", "verify").code == 0


def test_no_secret_stands_in_it(owner: Owner) -> None:
    owner.adds("alice")
    token = owner.does("token", "alice").out.strip()
    invite = owner.does("invite", "--json").document["invite"]
    log = (owner.folder / "audit.log").read_text("utf-8")
    for secret in (PASSWORD, token, invite):
        assert secret not in log


def test_no_secret_of_a_command_stands_in_the_servers_log(
    live: Owner, server: Server
) -> None:
    live.adds("kurt")
    made = live.does("token", "kurt", "--json").document
    invite = live.does("invite", "--json").document["invite"]
    live.does("user", "remove", "kurt")
    log = server.log() + (live.folder / "audit.log").read_text("utf-8")
    assert "kurt" in log
    for secret in (PASSWORD, made["token"], invite, "argon2id"):
        assert secret not in log
