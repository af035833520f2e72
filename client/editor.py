"""A text written in somebody's own editor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from common.byte_order_mark import without_mark
from common.safe_text import visible
from decorators import log
from errors import NotAllowed, NotUtf8

__all__ = ["write_in_editor"]

_VARIABLES = ("VISUAL", "EDITOR")
# The first that is there, where nobody has said which; one is nearly everywhere.
_USUAL = ("nano", "vi")


@log
async def write_in_editor(text: str, environment: Mapping[str, str]) -> str:
    """Let `text` be edited in the terminal, which must be free; return what it became.

    It is in a file that only we can read, in a folder that is gone afterwards, with
    whatever the editor leaves beside it. Raises NotAllowed where there is no editor, it
    fails, or leaves no text; who cancels it ends the editor.
    """
    words = _command(environment)
    try:
        with tempfile.TemporaryDirectory(prefix="messenger-") as folder:
            file = Path(folder, "message.txt")
            with open(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as stream:
                stream.write(text.encode())
            await _run([*words, str(file)])
            return without_mark(file.read_text("utf-8")).rstrip("\n")
    except UnicodeDecodeError:
        # Not `from`: that error holds the text.
        why = NotUtf8("what the editor has left")
        raise NotAllowed(f"nothing sent: {why}") from None
    except OSError as error:
        reason = error.strerror or "it can't be read"
        raise NotAllowed(
            f"nothing sent: the text could not be edited: {reason}"
        ) from error


@log
def _command(environment: Mapping[str, str]) -> list[str]:
    for name in _VARIABLES:
        try:
            words = shlex.split(environment.get(name, ""))
        except ValueError as error:
            raise NotAllowed(f"nothing sent: {name} is no command: {error}") from error
        if words:
            return words
    usual = next(
        filter(
            None, (shutil.which(name, path=environment.get("PATH")) for name in _USUAL)
        ),
        None,
    )
    if usual is None:
        raise NotAllowed(
            f"nothing sent: no editor ({' or '.join(_USUAL)}) is installed; "
            "set VISUAL or EDITOR to yours"
        )
    return [usual]


@log
async def _run(words: list[str]) -> None:
    editor = visible(words[0])
    with _without_interrupts():
        try:
            process = await asyncio.create_subprocess_exec(*words)
        except OSError as error:
            reason = error.strerror or "unknown"
            raise NotAllowed(
                f"nothing sent: the editor {editor} does not start: {reason}"
            ) from error
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            # Nobody is left to take the text, and the terminal is the shell's again.
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
    if code:
        raise NotAllowed(f"nothing sent: the editor {editor} failed (exit code {code})")


@contextlib.contextmanager
@log
def _without_interrupts() -> Iterator[None]:
    """Let Ctrl-C be the editor's: the terminal sends it to both of us.

    A handler of ours does not pass to what we start, as being ignored would.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
