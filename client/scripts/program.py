"""`read` and `send` as programs: a command line in, an exit code out."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from client.scripts.arguments import (
    ReadArguments,
    SendArguments,
    read_arguments,
    send_arguments,
)
from client.scripts.input import read_text
from client.scripts.talk import complain
from common.script_settings import ScriptSettings
from decorators import log
from errors import ExitCode, SettingsError
from log_config import loader
from log_config.program import silence_output

__all__ = ["run"]


@log
def run(program: str, words: Sequence[str]) -> int:
    """Do what a command line says that begins with `read` or `send`."""
    given: ReadArguments | SendArguments | None
    if words[0] == "read":
        given = read_arguments(program, words[1:])
    else:
        given = send_arguments(program, words[1:])
    if given is None:
        return ExitCode.DONE
    _configure_log(given.settings)
    if isinstance(given, SendArguments) and given.text is None and not given.lines:
        # Before there is a loop, which would not hear of Ctrl-C meanwhile.
        given = given._replace(text=read_text())
    try:
        return asyncio.run(_listening(_work(given)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who reads from us has read enough.
        silence_output()
        return ExitCode.DONE
    finally:
        loader.flush("client")


@log
def _work(given: ReadArguments | SendArguments) -> Coroutine[Any, Any, ExitCode]:
    # Imported late: each command needs its own, and --help none of it.
    if isinstance(given, ReadArguments):
        if given.settings.read_port:
            from client.scripts.minechat_reader import read_minechat

            return read_minechat(given)
        from client.scripts.reader import read

        return read(given)
    if given.settings.send_port:
        from client.scripts.minechat_sender import send_minechat

        return send_minechat(given)
    from client.scripts.sender import send

    return send(given)


@log
async def _listening(work: Coroutine[Any, Any, ExitCode]) -> ExitCode:
    """Do the work; leave politely also when the system asks for it."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if task is not None and signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, task.cancel)
    return await work


@log
def _configure_log(settings: ScriptSettings) -> None:
    folder = Path(settings.log_dir) if settings.log_dir else loader.default_folder()
    config = Path(settings.log_config) if settings.log_config else None
    try:
        loader.configure("client", folder, config, texts=settings.log_texts)
    except SettingsError as error:
        if settings.log_config and error.exit_code != ExitCode.NOT_ALLOWED:
            raise
        # Messages are sent and read also where nothing can be written.
        complain(f"{error}; going on without a log")
        logging.getLogger("client").addHandler(logging.NullHandler())
