import pytest

from common.completion import SHELLS
from server.admin.completing import server_completion


@pytest.mark.parametrize("shell", SHELLS)
def test_the_owners_commands_and_all_settings_are_in_the_script(shell: str) -> None:
    script = server_completion("chat-server", shell)
    for word in ("invite", "backup", "text-bytes", "chat-server"):
        assert word in script
