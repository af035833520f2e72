"""Joining by one line: a name, a new password, and the account is made.

It has a connection of its own, on which nobody signs in: what is told to it is the one
request. The token that comes back is kept, and the next connection signs in by it.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from client.bringing_over import own_token
from client.credentials import TokenFile, check_new_password
from client.knocking import knock
from client.known_servers import own_notes, own_servers
from client.line import Line, Tone
from client.meeting import hint_at_tls, meet
from client.passwords import GivenPassword, no_terminal
from client.registering import check_private, register
from client.screen import Leave, Screen
from client.tls import Trust
from client.way import hang_up
from common.client_settings import ClientSettings
from common.join_line import JoinLine, read_join_line
from common.messages import Answer
from common.names import Name, Secret
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError, Refused

__all__ = ["Joining", "ask_line"]

# Another name may be free, or within the rules.
_ANOTHER_NAME = frozenset({400, 409})
_TAKEN = 409
_REFUSED = range(401, 404)


class Joining:
    """One line on its way to an account; `run` first.

    Then `settings` say where the account is and how it is called, and `invite` is what
    is still to be taken: by an account that was here before.
    """

    @log
    def __init__(
        self,
        settings: ClientSettings,
        screen: Screen,
        folder: Path,
        line: JoinLine,
    ) -> None:
        """Keep the token below `folder`; raises SettingsError."""
        self.settings = replace(
            settings,
            address=line.host,
            port=line.port,
            fingerprint=line.fingerprint or settings.fingerprint,
        )
        self.trust = Trust(self.settings, own_servers(), own_notes())
        self.invite = line.invite
        self._screen = screen
        self._folder = folder
        self._given = GivenPassword(self.settings, screen)
        self._password = Secret("")

    @log
    async def run(self) -> Leave | None:
        """Make an account; return how somebody leaves who is asked.

        Raises ProgramError with the server's reason where it makes none.
        """
        left = await self._find_server()
        if left:
            return left
        name: Name | str | Leave = self.settings.name
        while True:
            name = name or await self._ask_name("the name you want:")
            if isinstance(name, Leave):
                return name
            trust = self.trust
            token = own_token(self._folder, trust.identity, trust.earlier, name)
            if token.read() is not None:
                break
            left = await self._find_password(name)
            answer = left or await self._register(name)
            if isinstance(answer, Leave):
                return answer
            if answer.response < 300:
                self._keep(answer, token)
                self.invite = None
                break
            name = await self._answer(answer, name)
        self.settings = replace(self.settings, name=name)
        return None

    @log
    async def _find_server(self) -> Leave | None:
        """Find out who the server is, before anybody is asked for a password."""
        way = await knock(self.trust, self.settings, self._screen)
        if way is None or isinstance(way, Leave):
            return way
        await hang_up(way.writer)
        check_private(self.trust, way)
        return None

    @log
    async def _register(self, name: Name | str) -> Answer | Leave:
        """Ask for the account; where the server is a stranger, somebody meets it."""
        while True:
            answer = await register(
                self.trust, self.settings, name, self._password, self.invite
            )
            if isinstance(answer, Answer):
                return answer
            left = await meet(self.trust, self._screen, answer)
            if left:
                return left

    @log
    def _keep(self, answer: Answer, token: TokenFile) -> None:
        problem = token.write(answer.token) if answer.token else ""
        if problem:
            self._complain(problem)

    @log
    async def _answer(self, refused: Answer, name: Name | str) -> Name | str | Leave:
        """Return another name to try; raise where that would not help."""
        reason = visible(refused.error or f"the server answered {refused.response}")
        if refused.response not in _ANOTHER_NAME or not self._screen.interactive:
            if refused.response in _REFUSED:
                raise Refused(hint_at_tls(reason), ExitCode.NOT_ALLOWED)
            raise Refused(reason)
        self._complain(reason)
        if refused.response == _TAKEN:
            self._screen.show(
                Line(
                    Tone.TALK,
                    f"if {visible(name)} is you: sign in with your password "
                    "(my_client.py HOST PORT -n NAME --password), then type redeem",
                )
            )
        return await self._ask_name("another name:")

    @log
    async def _ask_name(self, question: str) -> Name | str | Leave:
        if not self._screen.interactive:
            raise ProgramError(
                "who will you be? give a name with -n NAME or JIM_NAME", ExitCode.USAGE
            )
        while True:
            answer = await self._screen.ask(question)
            if isinstance(answer, Leave) or answer.strip():
                return answer if isinstance(answer, Leave) else Name(answer.strip())

    @log
    async def _find_password(self, name: Name | str) -> Leave | None:
        """Take the password that the settings give, or ask for one, once."""
        if self._password:
            return None
        settings = self.settings
        if settings.password_file or settings.password_command:
            password = await self._given.password(name)
        elif self._screen.interactive:
            password = await self._ask_new_password(name)
        else:
            raise no_terminal()
        if isinstance(password, Leave):
            return password
        self._password = password or Secret("")
        return None

    @log
    async def _ask_new_password(self, name: Name | str) -> Secret | Leave:
        """Ask twice, until both answers are the same."""
        while True:
            question = f"a new password for {visible(name)}:"
            first = await self._screen.ask_secret(question)
            if isinstance(first, Leave):
                return first
            problem = check_new_password(first)
            if problem:
                self._complain(problem)
                continue
            second = await self._screen.ask_secret("once more:")
            if isinstance(second, Leave) or second == first:
                return second
            self._complain("these were two different passwords")

    @log
    def _complain(self, sentence: str) -> None:
        self._screen.show(Line(Tone.TROUBLE, visible(sentence)))


@log
async def ask_line(screen: Screen) -> JoinLine | Leave:
    """Ask for the line, without showing it; from a pipe it is the first line.

    Raises ProgramError for a wrong one where nobody can be asked again.
    """
    while True:
        answer = await screen.ask_secret("the line you were given (it stays hidden):")
        if isinstance(answer, Leave):
            if screen.interactive:
                return answer
            raise ProgramError(
                "there is no line to join by: it goes behind the word join, or into "
                "the standard input",
                ExitCode.USAGE,
            )
        try:
            return read_join_line(answer)
        except ValueError as error:
            if not screen.interactive:
                # Not `from`: only the sentence is known to hold nothing secret.
                raise ProgramError(str(error), ExitCode.USAGE) from None
            screen.show(Line(Tone.TROUBLE, str(error)))
