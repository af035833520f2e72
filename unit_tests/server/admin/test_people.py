"""Accounts and tokens from the shell: on files, and on a running server."""

from collections.abc import Callable

from unit_tests.helpers import Server
from unit_tests.server.admin.conftest import PASSWORD, Owner


def test_an_account_is_made_where_no_server_ever_ran(owner: Owner) -> None:
    owner.adds("alice", "owner")
    said = owner.does("user", "list")
    title, row = said.out.splitlines()
    assert title.split()[:3] == ["name", "role", "here"]
    assert row.split() == ["alice", "owner"]
    (row,) = owner.does("user", "list", "--json").rows
    assert (row["account_name"], row["role"]) == ("alice", "owner")


def test_a_password_comes_from_standard_input(
    owner: Owner, typed: Callable[[bytes], None]
) -> None:
    typed(f"{PASSWORD}\nmore".encode())
    said = owner.does("user", "add", "alice", "--password-file", "-")
    assert said.out == "alice may sign in now (member)\n"


def test_without_a_terminal_nobody_is_asked(
    owner: Owner, typed: Callable[[bytes], None]
) -> None:
    typed(b"")
    said = owner.types("user", "add", "alice")
    assert said.code == 2
    assert "--password-file" in said.err


def test_a_password_that_is_none_is_refused_and_not_quoted(
    owner: Owner, typed: Callable[[bytes], None]
) -> None:
    for data in (b"xyzzy\n", b"\n", b"xyzzy" * 100 + b"\n", b"xyzzy\xff\n"):
        typed(data)
        said = owner.types("user", "add", "alice", "--password-file", "-")
        assert said.code != 0
        assert "xyzzy" not in said.out + said.err
        assert said.err.count("\n") == 1


def test_a_password_file_that_others_can_read_is_told(owner: Owner) -> None:
    owner.password_file.chmod(0o644)
    file = owner.password_file
    said = owner.does("user", "add", "alice", "--password-file", file)
    assert "chmod 600" in said.err


def test_a_missing_password_file_is_a_sentence(owner: Owner) -> None:
    said = owner.types("user", "add", "alice", "--password-file", "nowhere")
    assert (said.code, said.err) == (
        (78, "my_server.py: the password file nowhere can't be read: "
        "No such file or directory\n")
    )  # fmt: skip


def test_nobody_of_that_name_is_a_sentence(owner: Owner) -> None:
    owner.adds("alice")
    for words in (("show",), ("remove",), ("passwd",)):
        said = owner.types("user", *words, "bob")
        assert said.code == 1
        assert said.err == "my_server.py: there is nobody called 'bob' here\n"


def test_an_account_changes_and_goes(owner: Owner) -> None:
    owner.adds("alice")
    said = owner.does("user", "role", "alice", "moderator")
    assert said.out == "alice is moderator now\n"
    file = owner.password_file
    said = owner.does("user", "passwd", "alice", "--password-file", file)
    assert said.out.startswith("alice has a new password; all devices and tokens")
    shown = owner.does("user", "show", "alice").out.splitlines()
    assert ["role", "moderator"] in [line.split() for line in shown]
    owner.does("user", "remove", "alice")
    assert owner.does("user", "list").err == "none\n"


def test_an_account_may_be_without_a_password(owner: Owner) -> None:
    said = owner.does("user", "add", "alice", "--open", "--json")
    assert said.document == {"account_name": "alice", "role": "member", "open": True}


def test_tokens_are_shown_once_listed_and_revoked(owner: Owner) -> None:
    owner.adds("alice")
    said = owner.does("token", "alice")
    assert said.out.startswith("jim_")
    (row,) = owner.does("token", "alice", "--list", "--json").rows
    assert said.out.strip() not in str(row)
    owner.does("token", "alice", "--revoke", row["token_id"])
    assert owner.does("token", "alice", "--list").err == "none\n"


def test_what_is_done_on_a_running_server_holds_at_once(
    live: Owner, server: Server
) -> None:
    live.adds("dora")
    user = {"account_name": "dora", "password": PASSWORD}
    with server.connect() as dora:
        dora.send({"action": "authenticate", "id": 1, "user": user})
        assert dora.receive_welcome()["response"] == 200
        rows = live.does("who", "--json").rows
        assert "dora" in [row["account_name"] for row in rows]
        assert live.does("say", "back", "soon").out.startswith("said to ")
        assert dora.receive()["alert"] == "back soon"
        said = live.does("kick", "dora", "--reason", "lunch")
        assert said.out == "dora is sent away, and may come back\n"
        assert b'"response":403' in dora.read_to_end()
    live.does("user", "remove", "dora")


def test_hostile_words_are_shown_harmlessly(live: Owner, server: Server) -> None:
    with server.connect() as peer:
        user = {"account_name": "mallory", "status": "\x1b[2J\u202egone\nroot owner"}
        peer.send({"action": "presence", "time": 1, "store": "", "user": user})
        peer.receive_welcome()
        out = live.does("who").out
    assert "\\x1b[2J\\u202egone\\nroot owner" in out
    assert "\x1b" not in out
