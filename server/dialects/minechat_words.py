"""Write the lines of MineChat's doors; nothing in a text ends or fakes one.

The spelling of the prompts is the protocol: clients wait for them (docs/minechat.md).
"""

import msgspec

from common.names import Name, Secret
from common.safe_text import visible
from decorators import log
from errors import BadRequest, RequestError
from server.events import Aside, Delivery

__all__ = [
    "ASK_NICKNAME",
    "HELLO",
    "SENT",
    "WELCOME",
    "account_line",
    "aside",
    "line_of",
    "lines_of",
    "reason",
]

HELLO = (
    "Hello %username%! Enter your personal hash or leave it empty to create new "
    "account."
)
ASK_NICKNAME = "Enter preferred nickname below:"
WELCOME = "Welcome to chat! Post your message below. End it with an empty line."
SENT = "Message send. Write more, end message with an empty line."


@log
def aside(event: Aside) -> bytes:
    """Return what a dialect has told itself."""
    return event.words if isinstance(event.words, bytes) else line_of(event.words)


@log
def line_of(text: str) -> bytes:
    """Return one line, in which nothing drives a terminal."""
    return f"{visible(text)}\n".encode()


@log
def lines_of(event: Delivery) -> bytes:
    """Return messages, each in one line that no text can end or fake."""
    start = f"{event.sender}: "
    texts = [visible(_in_one_line(text)) for text in event.texts]
    return "".join([f"{start}{text}\n" for text in texts]).encode()


@log
def _in_one_line(text: str) -> str:
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


@log
def account_line(name: Name, token: Secret) -> bytes:
    """Return the line of JSON by which a client knows who it is."""
    return msgspec.json.encode({"nickname": name, "account_hash": token}) + b"\n"


@log
def reason(error: RequestError) -> str:
    """Return why something was refused."""
    return error.problem if isinstance(error, BadRequest) else str(error)
