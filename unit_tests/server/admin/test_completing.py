from pathlib import Path

import pytest

from common.completion import SHELLS
from server.admin.completing import server_completion
from unit_tests.shells import SHELLS_HERE, Prompt


@pytest.mark.parametrize("shell", SHELLS)
def test_the_owners_commands_and_all_settings_are_in_the_script(shell: str) -> None:
    script = server_completion("chat-server", shell)
    for word in ("invite", "backup", "text-bytes", "chat-server"):
        assert word in script


@pytest.mark.parametrize("shell", SHELLS_HERE)
def test_a_real_shell_completes_what_is_typed(tmp_path: Path, shell: str) -> None:
    typed = {
        "chat-server user a\t --rol\t ow\t eve": [
            "user",
            "add",
            "--role",
            "owner",
            "eve",
        ],
        "chat-server --tls req\t": ["--tls", "required"],
        "chat-server restore mond\t": ["restore", "monday.db"],
    }
    (tmp_path / "monday.db").touch()
    prompt = Prompt(tmp_path, shell, "chat-server", "my_server")
    called, painted = prompt.type(*typed)
    assert called == list(typed.values()), painted
