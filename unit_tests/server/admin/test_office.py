"""Who carries a command out: the running server, else this process."""

import contextlib
import json
import os
import socket
import tempfile
import threading
from pathlib import Path

import pytest

from common.server_settings import ServerSettings
from errors import Refused, TimedOut, Unreachable
from server.admin import office
from server.admin.office import SocketOffice, open_office, rows_of
from server.local_socket import SOCKET_NAME
from server.store.sqlite import SqliteStore
from unit_tests.server.admin.conftest import Owner


def test_a_folder_without_a_database_is_not_made_by_looking(owner: Owner) -> None:
    for words in (["user", "list"], ["check"], ["backup", "x"], ["who"]):
        said = owner.types(*words)
        assert said.code == 1
        assert "there is no database in" in said.err
    assert not owner.folder.exists()


def test_a_folder_in_use_whose_server_has_no_socket_is_a_sentence(
    owner: Owner,
) -> None:
    store = SqliteStore(owner.folder)
    try:
        said = owner.types("user", "list")
    finally:
        store.close()
    assert said.code == 1
    assert "another server is using" in said.err


def test_a_socket_that_a_server_has_left_behind_does_no_harm(owner: Owner) -> None:
    owner.adds("alice")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(os.fspath(owner.folder / SOCKET_NAME))
    assert owner.does("user", "list", "--json").rows[0]["account_name"] == "alice"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_folder_of_somebody_else_is_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:  # tmp_path keeps everybody out
        settings = ServerSettings(data_dir=folder)
        os.seteuid(65534)
        try:
            with pytest.raises(Exception, match="is for root only: do this as") as no:
                open_office(settings).__enter__()
        finally:
            os.seteuid(0)
    assert no.value.exit_code == 77  # type: ignore[attr-defined]


def test_nothing_is_kept_and_no_server_runs(tmp_path: Path) -> None:
    settings = ServerSettings(data_dir=str(tmp_path), history=False)
    with pytest.raises(Unreachable, match="start the server first"):
        open_office(settings).__enter__()


def test_a_refusal_offline_is_as_it_would_be_over_the_socket(owner: Owner) -> None:
    owner.adds("alice")
    said = owner.types("room", "remove", "all")
    assert said.code == 77
    assert said.err.startswith("my_server.py: ")


def test_notices_need_a_server(owner: Owner) -> None:
    owner.adds("alice")
    assert owner.types("say", "hello").code == 69


# ------------------------------------------------------------------- the socket


class Fake:
    """The other end of a socket, which answers what a test says."""

    def __init__(self, *answers: bytes) -> None:
        ours, theirs = socket.socketpair()
        self.asked: list[bytes] = []
        self.office = SocketOffice(ours)
        self._thread = threading.Thread(target=self._run, args=(theirs, answers))
        self._thread.start()

    def _run(self, sock: socket.socket, answers: tuple[bytes, ...]) -> None:
        with sock, sock.makefile("rb") as lines:
            for answer in answers:
                self.asked.append(lines.readline())
                sock.sendall(answer)

    def __enter__(self) -> "Fake":
        return self

    def __exit__(self, *_: object) -> None:
        self.office.close()
        self._thread.join()


def test_pages_are_asked_for_until_there_are_no_more() -> None:
    with Fake(
        b'{"response":200,"result":{"rows":[{"n":1},{"n":2}],"more":true,"last":"bob"}}\n',
        b'{"response":200,"result":{"rows":[{"n":3}],"more":false,"last":"carl"}}\n',
    ) as fake:
        rows = list(rows_of(fake.office, "user.list"))
    assert [row["n"] for row in rows] == [1, 2, 3]
    assert [json.loads(line)["arguments"] for line in fake.asked] == (
        [{}, {"after": "bob"}]
    )


def test_a_server_that_ends_meanwhile_is_a_sentence() -> None:
    with Fake(b"") as fake, pytest.raises(Unreachable, match="has ended"):
        fake.office.ask("who")


def test_an_answer_that_makes_no_sense_is_a_sentence() -> None:
    with (
        Fake(b'{"\xff\n') as fake,
        pytest.raises(Exception, match="makes no sense") as wrong,
    ):
        fake.office.ask("who")
    assert wrong.value.exit_code == 76  # type: ignore[attr-defined]


def test_a_refusal_is_told_as_the_server_says_it() -> None:
    with (
        Fake(b'{"response":403,"error":"not here"}\n') as fake,
        pytest.raises(Refused, match="not here") as refused,
    ):
        fake.office.ask("who")
    assert refused.value.exit_code == 77


def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(office, "_PATIENCE_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    with (
        theirs,
        contextlib.closing(SocketOffice(ours)) as asking,
        pytest.raises(TimedOut),
    ):
        asking.ask("who")
