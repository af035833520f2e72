import argparse
from pathlib import Path

import pytest

from client.scripts.completing import client_completion, names_text
from common.completion import SHELLS
from unit_tests.client.archives import changes, kept_message, opened


def a_parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog="chat")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_commands_their_flags_and_names_are_in_the_script(shell: str) -> None:
    script = client_completion("chat", a_parser, shell)
    for word in ("read", "send", "join", "token-file", "chat --print-names rooms"):
        assert word in script


@pytest.mark.parametrize(
    ("which", "names"),
    [("people", "bob\n"), ("rooms", "tea\n"), ("all", "#tea\nbob\n")],
)
def test_people_and_rooms_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str, names: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with opened(tmp_path / "messenger" / "devices") as archive:
        archive.keep(changes(kept_message(1), kept_message(2, to="#tea")))
    assert names_text(which) == names
