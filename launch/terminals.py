"""Where a window of its own is to be had for a client: tmux, an emulator, a command."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from common.names import Label, Name
from common.safe_text import visible
from decorators import log
from errors import ExitCode, SettingsError, StartError
from launch.processes import Child, exit_sentence, start_child

__all__ = ["Emulator", "OwnTmux", "Terminal", "Tmux", "find_terminal"]

_PLACE = "{command}"
_EMULATORS = ("x-terminal-emulator", "xterm")
_SESSION = "messenger"


class Terminal(Protocol):
    """A way to open windows."""

    @property
    def hint(self) -> tuple[str, ...]:
        """Where the user finds the windows: rows, commands indented; none if plain."""

    async def open(self, name: Name, command: Sequence[str]) -> Child | None:
        """Open a window in which `command` runs; raise StartError if it can't be.

        Returns the process that shows the window, where there is one of its own. The
        window closes when `command` ends.
        """

    async def close(self) -> None:
        """Remove what may have been left of the windows, once all commands ended."""


class Tmux:
    """Windows of the tmux session that we run in."""

    hint = (
        "the clients are windows of this tmux session; to the next one:",
        "  tmux next-window",
    )

    @log
    def __init__(self) -> None:
        self._windows: list[str] = []

    @log
    async def open(self, name: Name, command: Sequence[str]) -> Child | None:
        """Open a window behind ours."""
        self._windows.append(
            await _run_tmux(["new-window", "-d", *_SHOW_ID, *_named(name), *command])
        )
        return None

    @log
    async def close(self) -> None:
        """Close windows that the user's `remain-on-exit` has kept."""
        for window in self._windows:
            await _try_tmux(["kill-window", "-t", window])
        self._windows.clear()


class OwnTmux:
    """Windows of a tmux server of our own, with a socket of its own."""

    @log
    def __init__(self) -> None:
        label = f"messenger-{os.getpid()}"
        self._socket = ["-L", label]
        folder = os.environ.get("TMUX_TMPDIR") or "/tmp"
        self._file = Path(folder, f"tmux-{os.getuid()}", label)
        self.hint = (
            "the clients are windows of a tmux session; in another terminal:",
            f"  tmux {' '.join(self._socket)} attach",
        )

    @log
    async def open(self, name: Name, command: Sequence[str]) -> Child | None:
        """Open a window; the first makes the session."""
        socket, window = self._socket, [*_named(name), *command]
        if await _try_tmux([*socket, "has-session", "-t", _SESSION]):
            await _run_tmux(
                [*socket, "new-window", "-d", "-t", f"{_SESSION}:", *window]
            )
            return None
        # Whatever the user's tmux.conf says: when the last client has ended, nothing
        # may be left of it.
        options = [
            *(";", "set-option", "-s", "exit-empty", "on"),
            *(";", "set-option", "-g", "remain-on-exit", "off"),
            *(";", "set-option", "-g", "destroy-unattached", "off"),
        ]
        await _run_tmux(
            [*socket, "new-session", "-d", "-s", _SESSION, *window, *options]
        )
        return None

    @log
    async def close(self) -> None:
        """End the server, if it still runs, and remove its socket, which it leaves."""
        await _try_tmux([*self._socket, "kill-server"])
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


class Emulator:
    """Windows of a command like xterm, one process each."""

    hint = ()

    @log
    def __init__(self, template: str) -> None:
        """Take the command; {command} in it is where the client's goes, else its end.

        Raises SettingsError when it makes no sense.
        """
        self._template = template if _PLACE in template else f"{template} {_PLACE}"
        words = self._words(Name("alice"), ["my_client.py"])
        if shutil.which(words[0]) is None:
            raise SettingsError(
                f"--terminal: there is no program {visible(words[0])}", ExitCode.USAGE
            )

    @log
    async def open(self, name: Name, command: Sequence[str]) -> Child | None:
        """Start the emulator."""
        return await start_child(name, self._words(name, command), is_read=False)

    @log
    async def close(self) -> None:
        """Do nothing: such a window ends with its command."""

    @log
    def _words(self, name: Name, command: Sequence[str]) -> list[str]:
        """Return the command line, as a shell would split it."""
        text = self._template.replace(_PLACE, shlex.join(command))
        try:
            return shlex.split(text.replace("{name}", shlex.quote(name)))
        except ValueError as error:
            shown = visible(self._template)
            raise SettingsError(
                f"--terminal is not a command line ({error}): {shown}", ExitCode.USAGE
            ) from error


_SHOW_ID = ("-P", "-F", "#{window_id}")


@log
def _named(name: Name) -> list[str]:
    return ["-n", name, "-c", os.getcwd()]


@log
async def _run_tmux(arguments: Sequence[str]) -> str:
    """Run one tmux command; return its first line, or raise StartError."""
    child = await start_child(Label("tmux"), ["tmux", *arguments])
    line = await child.read_line()
    code = await child.wait()
    if code:
        said = " ".join(child.tail) or exit_sentence(code)
        raise StartError(f"tmux opens no window: {said}")
    return line


@log
async def _try_tmux(arguments: Sequence[str]) -> bool:
    """Run one tmux command; tell whether it worked."""
    child = await start_child(Label("tmux"), ["tmux", *arguments])
    return await child.wait() == 0


@log
def find_terminal(
    command: str,
    environment: Mapping[str, str],
    *,
    on_terminal: bool,
    which: Callable[[str], str | None] = shutil.which,
) -> Terminal | None:
    """Return where windows are to be had, or None.

    `command` is the user's --terminal; a tmux of our own needs somebody who can
    attach to it, so it takes `on_terminal`. Raises SettingsError.
    """
    if command:
        return Emulator(command)
    has_tmux = which("tmux") is not None
    if environment.get("TMUX") and has_tmux:
        return Tmux()
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        for emulator in _EMULATORS:
            # xterm is of X11 only.
            if which(emulator) and (environment.get("DISPLAY") or emulator != "xterm"):
                return Emulator(f"{emulator} -T {{name}} -e {_PLACE}")
    return OwnTmux() if has_tmux and on_terminal else None
