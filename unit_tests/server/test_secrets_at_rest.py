"""What is left of a server's life, searched for what must not be there.

Marked passwords, tokens, devices and texts go every way that there is, the failing
ones included; then the logs, the files of the database, what came on stderr and what
the system shows of the process hold none of it, but texts in the messages and in the
index of the search.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from unit_tests.helpers import ROOT, Peer, Server, run_server

PASSWORD = "MARKED-password-c0ffee"
NEW_PASSWORD = "MARKED-new-password-beef"
WRONG_PASSWORD = "MARKED-wrong-password-dead"
TOKEN = "jim_MARKED-token-f00d"
DEVICE = "MARKED-device-5f2c"
TEXT = "markedtext77aa"  # one word, so that the index holds it as it is
SOUGHT = "markedsought88bb"
PUBLIC = "MARKED-public"
SECRETS = (PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, TOKEN, DEVICE, SOUGHT)


class Remains(NamedTuple):
    """What a server left, its data folder, and the tokens it gave out."""

    log: str
    errors: str
    processes: str
    data: Path
    tokens: list[str]


def user(name: str, **fields: Any) -> dict[str, Any]:
    return {"user": {"account_name": name, **fields}}


def ask(peer: Peer, action: str, **fields: Any) -> Any:
    """Return the answer to a request."""
    peer.send({"action": action, "time": 1, "id": 77, **fields})
    return peer.wait_for(lambda found: found.get("id") == 77)


def live(server: Server) -> list[str]:
    """Do all that has to do with secrets; return the tokens that were given out."""
    with server.connect() as alice:
        made = ask(alice, "register", **user("alice", password=PASSWORD))
        tokens = [made["token"]]
        fail_every_way(alice)
    with server.connect() as alice, server.connect() as desk:
        by_password = user("alice", password=PASSWORD)
        answer = ask(alice, "authenticate", **by_password, device=DEVICE)
        assert answer["response"] == 200
        by_token = user("alice", token=tokens[0])
        answer = ask(desk, "authenticate", **by_token, device=f"{DEVICE}2")
        assert answer["response"] == 200
        alice.say("alice", TEXT, id=1)
        tokens.append(ask(alice, "create_token")["token"])
        assert ask(alice, "tokens")["response"] == 202
        assert ask(alice, "devices")["response"] == 202
        assert ask(alice, "search", text=f"{SOUGHT} {TEXT}")["response"] == 202
        assert ask(alice, "search", text=TEXT)["data_list"]
        assert ask(alice, "history", **{"with": "alice"})["data_list"]
        assert ask(alice, "conversations")["data_list"]
        for words in (
            {"password": WRONG_PASSWORD, "new_password": NEW_PASSWORD},
            {"password": PASSWORD, "new_password": "MARKED-"},
            {"password": PASSWORD, "new_password": NEW_PASSWORD * 99},
            {"password": PASSWORD},
        ):
            assert ask(alice, "change_password", **words)["response"] >= 400
        words = {"password": PASSWORD, "new_password": NEW_PASSWORD}
        assert ask(alice, "change_password", **words)["response"] == 200
        assert ask(alice, "delete_account", password=WRONG_PASSWORD)["response"] == 402
        tokens.append(ask(alice, "create_token")["token"])
    with server.signed_in("bob", device=DEVICE) as bob:
        bob.say("alice", TEXT)  # 202
        bob.say("nobody", TEXT)  # 404
        made = ask(bob, "register", **user("bob", password=PASSWORD))
        tokens.append(made["token"])
        assert ask(bob, "delete_account", password=PASSWORD)["response"] == 200
    return tokens


def fail_every_way(peer: Peer) -> None:
    """Say secrets where they are wrong, too long, or no secrets at all."""
    for name, words in (
        ("alice", {"password": WRONG_PASSWORD}),
        ("a name", {"password": PASSWORD}),
        ("alice", {"token": TOKEN}),
        ("alice", {"token": TOKEN, "password": PASSWORD}),
        ("alice", {"password": PASSWORD * 99}),
        ("alice", {"password": [PASSWORD]}),
        ("alice", {"token": {"x": TOKEN}}),
        ("alice", {"passwort": PASSWORD}),
    ):
        for action in ("authenticate", "register"):
            answer = ask(peer, action, **user(name, **words), device=DEVICE)
            assert answer["response"] >= 400
            assert PASSWORD not in answer["error"]
            assert TOKEN not in answer["error"]
    # What is typed where the name belongs is none of the log's either.
    ask(peer, "authenticate", **user(PASSWORD, password="x"))
    for data in (
        f'{{"action":"authenticate","user":{{"password":"{PASSWORD}",,}}\n',
        f'{{"action":"{PASSWORD}","token":"{TOKEN}"}}\n',
        f'{{"action":"presence","user":{{"account_name":5,"password":"{PASSWORD}"}}}}\n',
        f'{{"action":"presence","password":"{PASSWORD}","device":["{DEVICE}"]}}\n',
        f"{PASSWORD} {TOKEN}\n",
    ):
        peer.send_bytes(data.encode())
    assert ask(peer, "rooms")["response"] == 401


@pytest.fixture(scope="module", params=["text", "json"])
def remains(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Remains]:
    folder = tmp_path_factory.mktemp("rest")
    config = folder / "logging.yaml"
    shutil.copy(ROOT / "log_config" / "server.yaml", config)
    # All that there is to say, of every logger.
    plan = config.read_text().replace("formatter: text", f"formatter: {request.param}")
    config.write_text(plan.replace("level: INFO", "level: DEBUG"))
    data = folder / "data"
    flags = ("--log-config", str(config), "--data-dir", str(data))
    with run_server(*flags, "--message-rate", "0") as server:
        with server.signed_in("carol") as carol:
            # Proof that the log and the database would show it.
            assert ask(carol, "join", room=f"#{PUBLIC}")["response"] == 200
        tokens = live(server)
        processes = listed(server.process.pid)
        assert server.stop() == 0
        yield Remains(server.log(), server.errors(), processes, data, tokens)


def listed(pid: int) -> str:
    """Return what the system tells everybody, or its owner, of a process."""
    process = psutil.Process(pid)
    names = [
        Path(f"/proc/{pid}/task/{thread.id}/comm").read_text()
        for thread in process.threads()
        if psutil.LINUX
    ]
    told = [process.cmdline(), process.environ(), names, process.open_files()]
    assert "my_server.py" in repr(told)
    return repr(told)


def test_what_is_public_is_there_so_that_the_search_would_find_the_rest(
    remains: Remains,
) -> None:
    assert PUBLIC in remains.log
    assert "server.handlers.accounts.authenticate" in remains.log
    assert "server.passwords.verify" in remains.log
    assert any(PUBLIC.encode() in data for data in files(remains))
    assert any(TEXT.encode() in data for data in files(remains))


def files(remains: Remains) -> list[bytes]:
    found = [file.read_bytes() for file in sorted(remains.data.rglob("*"))]
    assert found
    return found


# The names of tests stand in the environment, so that they must not hold the secret.
@pytest.mark.parametrize(
    "secret", SECRETS, ids=[f"secret{n}" for n in range(len(SECRETS))]
)
def test_no_secret_is_in_a_log_an_error_a_process_list_or_a_file(
    remains: Remains, secret: str
) -> None:
    for place in (remains.log, remains.errors, remains.processes):
        assert secret not in place
    assert not any(secret.encode() in data for data in files(remains))


def test_no_token_that_was_given_out_is_anywhere(remains: Remains) -> None:
    assert len(remains.tokens) == 4
    for token in remains.tokens:
        assert token.startswith("jim_")
        for place in (remains.log, remains.errors, remains.processes):
            assert token not in place
        assert not any(token.encode() in data for data in files(remains))


def test_no_text_is_in_a_log_an_error_or_a_process_list(remains: Remains) -> None:
    for place in (remains.log, remains.errors, remains.processes):
        assert TEXT not in place


def test_texts_are_in_the_messages_and_the_index_of_the_search_alone(
    remains: Remains,
) -> None:
    holding = set()
    for file in remains.data.glob("*.db"):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            for (table,) in database.execute(
                "SELECT name FROM sqlite_schema "
                "WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            ).fetchall():
                found = database.execute(f'SELECT * FROM "{table}"')
                columns = [column[0] for column in found.description]
                for row in found:
                    for column, value in zip(columns, row, strict=True):
                        if TEXT in str(value):
                            holding.add((file.name, table, column))
    in_index = {one for one in holding if one[0] == "search.db"}
    assert holding - in_index == {("messenger.db", "messages", "text")}
    for file in remains.data.iterdir():
        if TEXT.encode() in file.read_bytes():
            assert file.name.startswith(("messenger.db", "search.db"))
