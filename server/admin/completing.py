"""What completes the server's command line: its settings and the owner's commands."""

from common.completion import completion_script
from common.server_settings import ServerSettings
from common.settings import add_flags
from decorators import log
from server.admin.parser import build

__all__ = ["server_completion"]


@log
def server_completion(program: str, shell: str) -> str:
    """Return the script of a shell for `program`."""
    parser = build(program)
    add_flags(parser, ServerSettings)
    return completion_script(parser, shell, {})
