"""Start the server: `python my_server.py -p 7777`."""

import gc
import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from common import __version__
from common.client_settings import ClientSettings
from common.command_line import command_line, program_name
from common.launcher_settings import LauncherSettings
from common.server_settings import ServerSettings
from common.settings import Resolved, resolve, show
from common.sources import gather
from decorators import log
from errors import ExitCode, NotStored, ProgramError, StartError
from log_config.program import run_program

__all__ = ["main"]

_EXAMPLES = """examples:
  my_server.py                          for everybody on your network, port 7777
  my_server.py -p 8888 -a 127.0.0.1     only this machine, another port
  my_server.py --settings server.yaml   settings from a file (port: 8888)
  JIM_PORT=8888 my_server.py            settings from the environment or .env
  my_server.py --show-settings          what is in force, and where it came from

Flags come before the environment, then .env, the settings file and the defaults.
A limit of 0 is switched off. Stop it with Ctrl-C; SIGHUP reads the logging file again.
"""

_logger = logging.getLogger("server")


@log
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is stopped; return its exit code."""
    return run_program(_name(), _logger, lambda: _start(arguments))


@log
def _name() -> str:
    return program_name(sys.argv[0], "my_server.py")


@log
def _start(arguments: Sequence[str] | None) -> int:
    usage = "[-p PORT] [-a ADDRESS] [--settings FILE] [settings]"
    examples = _EXAMPLES.replace("my_server.py", _name())
    parser = command_line(_name(), usage, examples, ServerSettings)
    flags = vars(parser.parse_args(arguments))
    show_only = flags.pop("show_settings")
    resolved = _resolve(flags)
    if show_only:
        sys.stdout.write(show(resolved))
        return ExitCode.DONE
    return _serve(resolved.values)


@log
def _resolve(flags: dict[str, object]) -> Resolved[ServerSettings]:
    sources = gather(flags, os.environ, lambda name: Path(name).read_text("utf-8"))
    return resolve(ServerSettings, sources, known=(ClientSettings, LauncherSettings))


@log
def _serve(settings: ServerSettings) -> int:
    # Imported late: --help and --version need none of it.
    from log_config import loader
    from server.crew import make_crew
    from server.hub import Hub
    from server.listening import listen, reachable_addresses
    from server.loop import Hooks, Loop
    from server.store.opening import open_store

    folder = Path(settings.log_dir) if settings.log_dir else loader.default_folder()
    config = Path(settings.log_config) if settings.log_config else None

    def configure() -> None:
        loader.configure("server", folder, config, texts=settings.log_texts)

    configure()
    # Before the database, which may take a moment: who finds the port in use should
    # not wait for it.
    listener = listen(settings.ip, settings.port)
    _raise_descriptor_limit()
    store, kept = open_store(settings)
    crew = make_crew(store)
    try:
        hub = Hub(settings, store, crew, time.monotonic(), time.time())
    except NotStored as error:
        raise StartError(str(error)) from error
    port = listener.getsockname()[1]
    where = ", ".join(reachable_addresses(settings.ip))
    line = f"listening on {where}, port {port}; {kept}; log: {folder / 'server.log'}"
    hooks = Hooks(
        started=lambda: _announce(line),
        reload=lambda: _reload(configure),
        end_turn=lambda: loader.flush("server"),
    )
    loop = Loop(settings, hub, listener, hooks)
    _relax_collector()
    try:
        in_peace = loop.run()
        hub.close()
    finally:
        crew.close()
        store.close()
    _logger.info("stopped")
    return ExitCode.DONE if in_peace else ExitCode.INTERRUPTED


@log
def _announce(line: str) -> None:
    """Say where the server is, to the log first: who reads the line may look there."""
    from log_config import loader

    _logger.info("started, version %s, %s", __version__, line)
    loader.flush("server")
    print(line, flush=True)


@log
def _reload(configure: Callable[[], None]) -> None:
    """Follow the edited logging file; a wrong one is told, and nothing changes."""
    try:
        configure()
    except ProgramError as error:
        _logger.warning("not followed: %s", error)
    else:
        _logger.info("the logging configuration was read again")


@log
def _relax_collector() -> None:
    """Collect garbage seldom: nearly all of ours has no cycles and frees itself.

    With the defaults, thousands of idle connections are walked again and again, which
    the busy ones feel as pauses of milliseconds.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


@log
def _raise_descriptor_limit() -> None:
    """Allow as many connections as the system lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
