"""A session and its archive through kills: nothing is lost, and nothing is twice."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from client.archive import Archive
from client.events import CaughtUp, MessageReceived, MessageSent, Welcomed
from client.session import Credentials
from common.names import Secret
from unit_tests.client.archives import Keeping, opened
from unit_tests.client.sessions import NOW, line, welcome

KEEPING: dict[str, Any] = {"keeps_history": True}


def message(message_id: int, **more: Any) -> bytes:
    fields = {"from": "bob", "to": "alice", "encoding": "utf-8", "message": "hi"}
    return line(action="msg", time=5.5, message_id=message_id, **(fields | more))


def caught_up(last_id: int) -> bytes:
    return line(response=100, time=NOW, alert="caught up", last_id=last_id)


def said(keeping: Keeping) -> list[dict[str, Any]]:
    return [json.loads(one) for one in keeping.say().splitlines()]


def kept_ids(archive: Archive, whom: str = "bob") -> list[int]:
    return [one.message_id for one in archive.history(whom).messages]


def sign_in(keeping: Keeping, **told: Any) -> list[Any]:
    """Sign in; return the events, after which all that waited is on the wire."""
    keeping.session.sign_in()
    (presence,) = said(keeping)
    return keeping.hear(welcome(presence["id"], **(KEEPING | told)))


def killed(folder: Path) -> Path:
    """Return the folder as a process that is killed at this moment leaves it."""
    return shutil.copytree(folder, folder.with_name(f"{folder.name}+"))


def test_the_next_start_goes_on_behind_the_last_message(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        sign_in(keeping, last_id=10)
        keeping.hear(caught_up(10), message(11), message(12))
        tmp_path = killed(tmp_path)
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        keeping.session.sign_in()
        (presence,) = said(keeping)
        assert (presence["store"], presence["since"]) == ("store-1", 12)
        (welcomed,) = keeping.hear(welcome(presence["id"], **KEEPING))
        assert welcomed == Welcomed("alice", True, False, 0, keeps_history=True)
        events = keeping.hear(message(12), message(13), caught_up(13))
        assert [type(one) for one in events] == [MessageReceived, CaughtUp]
        assert kept_ids(archive) == [11, 12, 13]


def test_all_that_is_shown_is_in_the_archive_with_its_position(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        sign_in(keeping)
        for number in range(1, 6):
            (event,) = keeping.hear(message(number))
            assert isinstance(event, MessageReceived)
            assert archive._database is not None
            row = archive._database.execute(
                "SELECT since, max(messages.id) FROM device, messages"
            ).fetchone()
            assert row == (number, number)


def test_what_was_written_while_away_goes_out_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        keeping.session.send_message("bob", "one")
        keeping.session.send_message("#r", "two")
        keeping.say()
        tmp_path = killed(tmp_path)
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        assert keeping.session.unacknowledged == 2
        (welcomed,) = sign_in(keeping, device_seq=17)
        assert welcomed.waiting == 2
        sent = [(one["id"], one["to"], one["message"]) for one in said(keeping)]
        assert sent == [(18, "bob", "one"), (19, "#r", "two")]
        events = keeping.hear(caught_up(0), line(response=202, id=18, message_id=1))
        assert events[1:] == [MessageSent(1, "bob", "one", 1, 202)]
        assert keeping.session.send_message("bob", "three") == 3
        tmp_path = killed(tmp_path)
    with opened(tmp_path) as archive:
        waiting = archive.kept.waiting
        assert [(one.text, one.wire_id) for one in waiting] == [("two", 19)]
        assert kept_ids(archive) == [1]


def test_what_may_have_arrived_before_a_kill_is_sent_again_with_its_number(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        sign_in(keeping)
        for text in ("stored", "refused", "lost"):
            keeping.session.send_message("bob", text)
        numbers = [one["id"] for one in said(keeping)]
        tmp_path = killed(tmp_path)
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        _, *events = sign_in(
            keeping, device_seq=numbers[1], refused=[numbers[1]], last_id=5
        )
        assert [type(one).__name__ for one in events] == [
            "MessageSent",
            "MessageFailed",
        ]
        (again,) = said(keeping)
        assert (again["id"], again["message"]) == (numbers[2], "lost")


def test_a_number_is_never_used_twice_whenever_the_client_is_killed(
    tmp_path: Path,
) -> None:
    used: list[int] = []
    for _ in range(5):
        with opened(tmp_path) as archive:
            keeping = Keeping(archive)
            sign_in(keeping, device_seq=max(used, default=0))
            keeping.session.send_message("bob", "new")
            (one,) = said(keeping)
            used.append(one["id"])
            tmp_path = killed(tmp_path)
    assert len(used) == len(set(used)) == 5
    assert used == sorted(used)


def test_ones_own_message_is_kept_once_however_often_it_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        sign_in(keeping)
        keeping.session.send_message("bob", "mine")
        (one,) = said(keeping)
        keeping.hear(line(response=200, id=one["id"], message_id=7, time=6.5))
        keeping.hear(
            message(7, **{"from": "alice", "to": "bob", "message": "mine", "id": 2}),
            caught_up(7),
        )
        (row,) = archive.history("bob").messages
        assert (row.sender, row.to, row.text, row.time) == ("alice", "bob", "mine", 6.5)


def test_pages_of_the_server_are_kept_for_the_time_without_it(tmp_path: Path) -> None:
    row = {"message_id": 3, "time": 1, "from": "bob", "to": "alice", "message": "old"}
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        sign_in(keeping, last_id=10)
        for ask in (keeping.session.request_history, keeping.session.search):
            ask("bob")
            (one,) = said(keeping)
            keeping.hear(line(response=202, id=one["id"], data_list=[row]))
            row["message_id"] += 1  # type: ignore[operator]
        assert kept_ids(archive) == [3, 4]
        assert archive.search("OLD").messages


def test_no_secret_is_in_the_archive(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        keeping = Keeping(archive)
        keeping.session.credentials = Credentials(password=Secret("pass-phrase"))
        sign_in(keeping)
        keeping.session.create_token()
        (one,) = said(keeping)
        keeping.hear(line(response=201, id=one["id"], token="to-ken", token_id=1))
        keeping.hear(message(3))
    (path,) = tmp_path.glob("*.db")
    assert path.read_bytes().count(b"alice")
    assert b"pass-phrase" not in path.read_bytes()
    assert b"to-ken" not in path.read_bytes()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
