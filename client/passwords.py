"""Passwords as somebody gives them: by the settings, or typed without echo."""

from __future__ import annotations

from pathlib import Path

from client.credentials import (
    check_password,
    read_password_file,
    run_password_command,
)
from client.line import Line, Tone
from client.screen import Leave, Screen
from common.client_settings import ClientSettings
from common.names import Name, Secret, fold
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError, SettingsError

__all__ = ["GivenPassword", "ask_password", "no_terminal"]


class GivenPassword:
    """The password that the settings give for their name, once."""

    @log
    def __init__(self, settings: ClientSettings, screen: Screen) -> None:
        """Raise SettingsError where it is not clear which one is meant."""
        if settings.password_file and settings.password_command:
            raise SettingsError(
                "the password comes from a file or from a command: give either "
                "password_file or password_command"
            )
        self._settings = settings
        self._screen = screen
        self._used = False

    @log
    async def password(self, name: Name | str) -> Secret | Leave | None:
        """Return it, or how somebody leaves who is asked; None if there is none."""
        settings = self._settings
        if self._used or (settings.name and fold(name) != fold(settings.name)):
            return None
        self._used = True
        if settings.password:
            if not self._screen.interactive:
                raise no_terminal()
            question = f"password for {visible(name)}:"
            return await ask_password(self._screen, question)
        if settings.password_command:
            return await run_password_command(Secret(settings.password_command))
        if settings.password_file:
            found = read_password_file(Path(settings.password_file))
            if found.warning:
                self._screen.show(Line(Tone.TROUBLE, visible(found.warning)))
            return found.password
        return None


@log
async def ask_password(screen: Screen, question: str) -> Secret | Leave:
    """Ask until the answer is no password, an empty one, or one that can be used."""
    while True:
        answer = await screen.ask_secret(question)
        if isinstance(answer, Leave) or not answer:
            return answer
        problem = check_password(answer)
        if not problem:
            return answer
        screen.show(Line(Tone.TROUBLE, problem))


@log
def no_terminal() -> ProgramError:
    """Return what to raise where a password is wanted and nobody can type it."""
    return ProgramError(
        "there is no terminal to ask for the password on: use --password-file or "
        "--password-command",
        ExitCode.USAGE,
    )
