from pathlib import Path

import pytest

from client.scripts.completing import client_completion, names_text
from common.command_parser import CommandParser
from common.completion import SHELLS
from unit_tests.client.archives import changes, kept_message, opened
from unit_tests.shells import SHELLS_HERE, Prompt


def a_parser() -> CommandParser:
    return CommandParser(prog="chat")


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


# What is typed, with Tab, and what the program is called with then.
_TYPED = [
    ("chat se\t hi", ["send", "hi"]),
    ("chat send --to b\t hi", ["send", "--to", "bob", "hi"]),
    ("chat send --to \\#t\t hi", ["send", "--to", "#tea", "hi"]),
    ("chat send --to '#t\t hi", ["send", "--to", "#tea", "hi"]),
    ("chat send --wait r\t hi", ["send", "--wait", "read", "hi"]),
    ("chat send --to nobody\t hi", ["send", "--to", "nobody", "hi"]),
    ("chat read --room t\t", ["read", "--room", "tea"]),
    ("chat read --from b\t --on\t", ["read", "--from", "bob", "--once"]),
    ("chat --bell a\t", ["--bell", "all"]),
    ("chat --addr\t home", ["--address", "home"]),
    ("chat send --token-file my\\ t\t hi", ["send", "--token-file", "my token", "hi"]),
    ("chat send --token-file 'my t\t hi", ["send", "--token-file", "my token", "hi"]),
    ("chat --log-dir my\t", ["--log-dir", "my logs/"]),
]


@pytest.mark.parametrize("shell", SHELLS_HERE)
def test_a_real_shell_completes_what_is_typed(tmp_path: Path, shell: str) -> None:
    (tmp_path / "my token").touch()
    (tmp_path / "my logs").mkdir()
    with opened(tmp_path / "messenger" / "devices") as archive:
        archive.keep(changes(kept_message(1), kept_message(2, to="#tea")))
    prompt = Prompt(tmp_path, shell, "chat", "my_client")
    called, painted = prompt.type(*(typed for typed, _ in _TYPED))
    # Some leave the slash behind a folder to the next key.
    words = [[word.rstrip("/") for word in one] for one in called]
    assert words == [[word.rstrip("/") for word in one] for _, one in _TYPED], painted
    assert "error" not in painted
