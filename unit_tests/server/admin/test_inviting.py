"""Invitations from the shell, and how they reach those who are invited."""

from pathlib import Path

import pytest

from common.join_line import read_join_line
from common.names import Secret
from unit_tests.helpers import Server
from unit_tests.server.admin.conftest import Owner


def test_an_invitation_is_a_line_that_joins(live: Owner, server: Server) -> None:
    said = live.does("invite", "--uses", 3, "--for", "2h")
    line = read_join_line(Secret(said.out))
    assert (line.host, line.port) == ("127.0.0.1", server.port)
    assert line.fingerprint is not None
    assert line.invite is not None
    assert said.err.startswith("good 3 times until ")
    assert "\n  make client\n" in said.err
    with server.connect() as peer:
        user = {"account_name": "emil", "password": "correct horse"}
        asked = {"action": "register", "time": 1, "user": user, "invite": line.invite}
        peer.send(asked)
        assert peer.receive()["response"] == 201
    rows = live.does("invites", "--json").rows
    (row,) = [one for one in rows if one["times_used"]]
    assert (row["role"], row["uses_left"], row["times_used"]) == ("member", 2, 1)
    live.does("invites", "--revoke", row["invite_id"])
    with server.connect() as peer:
        user = {"account_name": "franz", "password": "correct horse"}
        peer.send(asked | {"user": user})
        assert peer.receive()["response"] == 403


def test_where_no_server_runs_the_line_is_for_the_one_that_will(owner: Owner) -> None:
    Path("jim.yaml").write_text("port: 8888\nip: 127.0.0.1\n")
    said = owner.does("invite", "--json", "--settings", "jim.yaml", "--role", "owner")
    (line,) = said.document["lines"]
    read = read_join_line(Secret(line))
    assert (read.host, read.port) == ("127.0.0.1", 8888)
    assert read.invite == said.document["invite"]
    assert said.document["role"] == "owner"
    # The certificate is made now, so that the line knows it.
    assert read.fingerprint is not None
    again = owner.does("invite", "--json", "--settings", "jim.yaml")
    assert read_join_line(Secret(again.document["lines"][0])).fingerprint == (
        read.fingerprint
    )


def test_the_line_of_a_server_without_tls_has_no_fingerprint(owner: Owner) -> None:
    Path("jim.yaml").write_text("tls: off\nip: 127.0.0.1\n")
    said = owner.does("invite", "--settings", "jim.yaml")
    assert read_join_line(Secret(said.out)).fingerprint is None


def test_a_terminal_gets_the_qr_code(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "▀" in owner.does("invite").out
    assert "▀" not in owner.does("invite", "--no-qr").out


def test_a_wrong_time_is_told_before_anything_is_done(owner: Owner) -> None:
    said = owner.types("invite", "--for", "soon")
    assert said.code == 2
    assert "30m, 2h, 3d or 1w" in said.err
    assert not owner.folder.exists()


def test_an_unknown_room_is_a_sentence(owner: Owner) -> None:
    said = owner.types("invite", "--room", "nowhere")
    assert said.code == 1
    assert "'#nowhere'" in said.err
