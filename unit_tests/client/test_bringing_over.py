import os
from pathlib import Path

from client.archive.slots import SLOTS, claim_slot, used_slots
from client.bringing_over import bring_over, own_token
from client.credentials import TokenFile
from common.names import Secret

OLD, OTHER, NEW = "127.0.0.1:7777", "localhost:7777", "SHA256:abc"


def write_slot(state: Path, server: str, number: int, said: str, used: float) -> None:
    folder = state / "devices"
    folder.mkdir(parents=True, exist_ok=True)
    slot = claim_slot(folder, server, "ada", number)
    assert slot is not None
    for path in (slot.path, slot.path.with_suffix(".db-wal")):
        path.write_text(said)
        os.utime(path, (used, used))
    slot.release()


def slots(state: Path, server: str) -> dict[int, str]:
    found = {}
    for _, number in used_slots(state / "devices", server, "ada"):
        slot = claim_slot(state / "devices", server, "ada", number)
        assert slot is not None
        assert slot.path.with_suffix(".db-wal").read_text() == slot.path.read_text()
        found[number] = slot.path.read_text()
        slot.release()
    return found


def test_each_archive_becomes_a_device_and_the_last_used_the_first(
    tmp_path: Path,
) -> None:
    write_slot(tmp_path, OLD, 0, "older", 1_000)
    write_slot(tmp_path, OLD, 1, "oldest", 500)
    write_slot(tmp_path, OTHER, 0, "newest", 2_000)
    bring_over(tmp_path, NEW, [OLD, OTHER], "ada")
    assert slots(tmp_path, NEW) == {0: "newest", 1: "older", 2: "oldest"}
    assert not slots(tmp_path, OLD)
    # Neither archives nor locks are left behind.
    assert len(list((tmp_path / "devices").iterdir())) == len("dwl") * 3


def test_what_is_there_already_stays_the_first(tmp_path: Path) -> None:
    write_slot(tmp_path, NEW, 0, "here", 1)
    write_slot(tmp_path, OLD, 0, "moved", 2)
    for _ in range(2):
        bring_over(tmp_path, NEW, [OLD], "ada")
        assert slots(tmp_path, NEW) == {0: "here", 1: "moved"}


def test_what_is_used_or_has_no_room_waits_for_another_start(tmp_path: Path) -> None:
    write_slot(tmp_path, OLD, 0, "used", 1)
    used = claim_slot(tmp_path / "devices", OLD, "ada", 0)
    assert used is not None
    bring_over(tmp_path, NEW, [OLD], "ada")
    used.release()
    assert slots(tmp_path, OLD) == {0: "used"}
    for number in range(SLOTS):
        write_slot(tmp_path, NEW, number, "full", 1)
    bring_over(tmp_path, NEW, [OLD], "ada")
    assert slots(tmp_path, OLD) == {0: "used"}


def test_of_two_tokens_the_later_one_stays(tmp_path: Path) -> None:
    for newer, older in ((OLD, NEW), (NEW, OLD)):
        for server, token, used in ((older, "old", 1), (newer, "new", 2)):
            TokenFile(tmp_path / "tokens", server, "ada").write(Secret(token))
            for file in (tmp_path / "tokens").iterdir():
                if token in file.read_text():
                    os.utime(file, (used, used))
        assert own_token(tmp_path, NEW, [OLD], "ada").read() == "new"
        assert len(list((tmp_path / "tokens").iterdir())) == 1


def test_another_persons_files_stay(tmp_path: Path) -> None:
    TokenFile(tmp_path / "tokens", OLD, "bob").write(Secret("one"))
    assert own_token(tmp_path, NEW, [OLD], "ada").read() is None
    assert TokenFile(tmp_path / "tokens", OLD, "bob").read() == "one"


def test_a_folder_that_is_not_there_is_nothing_to_bring(tmp_path: Path) -> None:
    bring_over(tmp_path / "none", NEW, [OLD], "ada")
    assert not (tmp_path / "none").exists()
