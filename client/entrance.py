"""The way in: under which name and by what proof, refusal after refusal."""

from __future__ import annotations

from pathlib import Path

from client.bringing_over import own_token
from client.events import ServerUnknown, SignInRefused
from client.knocking import knock
from client.line import Line, Tone
from client.meeting import hint_at_tls, meet
from client.passwords import GivenPassword, ask_password, no_terminal
from client.privacy import in_the_clear
from client.screen import Leave, Screen
from client.session import Credentials
from client.tls import Trust
from client.visit import Visit
from client.way import Way, hang_up
from common.client_settings import ClientSettings
from common.names import Name, Secret
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError, Refused, TimedOut, Unreachable

__all__ = ["Entrance", "exit_code"]

# The name is an account's, and there was no proof or a wrong one.
_PROOF_WANTED = frozenset({401, 402})
# Neither another name nor a proof would help.
_NOT_ALLOWED = 403


class Entrance:
    """Visits of one server, one after the other, until somebody leaves.

    The proof for a name is the token that is kept for it, else a password that the
    settings give, else none; a password is asked for where the server wants one.
    """

    @log
    def __init__(
        self,
        settings: ClientSettings,
        screen: Screen,
        folder: Path,
        trust: Trust,
        invite: Secret | None = None,
    ) -> None:
        """Keep devices and tokens below `folder`; let `trust` judge the server.

        The first account that is entered takes the invitation, if there is one.
        """
        self._settings = settings
        self._screen = screen
        self._folder = folder
        self._trust = trust
        self._invite = invite
        self._given = GivenPassword(settings, screen)
        self._way: Way | None = None
        self._credentials = Credentials()
        self._take_name(settings.name)

    @log
    async def run(self) -> ExitCode:
        """Visit the server; return how the last visit ended, or raise ProgramError."""
        left: Leave | ExitCode | None = None
        if not self._name:
            left = await self._ask_name("your name:")
        try:
            left = left or await self._find_server() or await self._find_proof()
            return await self._visit_all(left)
        finally:
            if self._way is not None:
                await hang_up(self._way.writer)

    @log
    async def _visit_all(self, left: Leave | ExitCode | None) -> ExitCode:
        """Visit the server again and again, until somebody has left."""
        while left is None:
            visit = self._next_visit()
            outcome = await visit.run()
            if isinstance(outcome, ServerUnknown):
                left = await self._meet(outcome)
            elif isinstance(outcome, SignInRefused):
                left = await self._answer(outcome, visit)
            else:
                self._invite = None
                left = await self._move_on(outcome, visit)
        return exit_code(left)

    @log
    async def _find_server(self) -> Leave | None:
        """Find out who the server is; one that is away may be waited for later."""
        try:
            way = await knock(self._trust, self._settings, self._screen)
        except (Unreachable, TimedOut):
            if not self._screen.interactive:
                raise
            way = None
        if isinstance(way, Leave):
            return way
        self._way = way
        # What was met just now may be known under another address.
        self._take_name(self._name)
        if way is not None and not way.is_private:
            self._check_no_proof()
        return None

    @log
    def _check_no_proof(self) -> None:
        """Raise Distrusted where a proof would go over a way that others can read.

        Before a password is asked for that could not be used.
        """
        settings = self._settings
        if settings.password or settings.password_file or settings.password_command:
            raise in_the_clear(self._name, "password", self._trust.where)
        if self._token.read() is not None:
            raise in_the_clear(self._name, "token", self._trust.where)

    @log
    async def _meet(self, unknown: ServerUnknown) -> Leave | None:
        """Meet a server that was away at the start, or is another one than before.

        What was found for one that was known is not for this one.
        """
        left = await meet(self._trust, self._screen, unknown.fingerprint)
        if left is None:
            password = self._credentials.password
            self._take_name(self._name)
            if not password:
                return await self._find_proof()
            self._credentials = Credentials(password=password)
        return left

    @log
    def _next_visit(self) -> Visit:
        way, self._way = self._way, None
        visit = Visit(
            self._settings,
            self._screen,
            self._name,
            self._folder / "devices",
            self._slot,
            self._credentials,
            self._keep_token,
            self._trust,
            way,
        )
        if self._invite and self._credentials != Credentials():
            visit.redeem(self._invite)
        return visit

    @log
    async def _move_on(
        self, outcome: ExitCode, visit: Visit
    ) -> Leave | ExitCode | None:
        """Return how a visit ended; None if it was left for another account."""
        account = visit.chat.account
        if account.signs_out:
            self._token.forget()
            self._hint("signed out here; the server was away and could not be told")
        if not account.login_as:
            return outcome
        self._take_name(account.login_as)
        left = await self._find_proof()
        if left is None and self._credentials == Credentials():
            return await self._ask_password()
        return left

    @log
    async def _answer(self, refused: SignInRefused, visit: Visit) -> Leave | None:
        """Find what may be tried after a refusal; raise where nobody can be asked."""
        reason = visible(refused.reason)
        if refused.code == _NOT_ALLOWED:
            raise Refused(hint_at_tls(reason), ExitCode.NOT_ALLOWED)
        if refused.code in _PROOF_WANTED:
            if not visit.is_private:
                raise in_the_clear(self._name, "password", self._trust.where)
            return await self._prove_again(reason)
        if visit.next_slot:
            self._slot = visit.next_slot
            return None
        if not self._screen.interactive:
            raise Refused(reason)
        self._complain(reason)
        return await self._ask_name("another name:") or await self._find_proof()

    @log
    async def _prove_again(self, reason: str) -> Leave | None:
        """Find another proof than the one that was refused."""
        token = self._credentials.token
        if token:
            self._token.forget(token)
            reason = f"{visible(self._name)} is signed out on this device"
            left = await self._find_proof()
            if left or self._credentials != Credentials():
                return left
        if not self._screen.interactive:
            if self._credentials == Credentials():
                reason += " (--password-file or --password-command can give one)"
            raise Refused(reason, ExitCode.NOT_ALLOWED)
        self._complain(reason)
        if self._settings.password and not token:
            self._hint("an account is made by register, typed as a guest of that name")
        return await self._ask_password()

    @log
    async def _find_proof(self) -> Leave | None:
        """Take the token that is kept, or the password that the settings give."""
        self._credentials = Credentials()
        token = self._token.read()
        if token is not None:
            self._credentials = Credentials(token=token)
            return None
        password = await self._given.password(self._name)
        if isinstance(password, Leave):
            return password
        if password:
            self._credentials = Credentials(password=password)
        return None

    @log
    async def _ask_password(self) -> Leave | None:
        """Ask for the password of our name; an empty one leads to another name."""
        if not self._screen.interactive:
            raise no_terminal()
        name = visible(self._name)
        question = f"password for {name} (empty: another name):"
        password = await ask_password(self._screen, question)
        if isinstance(password, Leave):
            return password
        if not password:
            return await self._ask_name("another name:") or await self._find_proof()
        self._credentials = Credentials(password=password)
        return None

    @log
    async def _ask_name(self, question: str) -> Leave | None:
        """Ask until something is typed; without anybody there raise ProgramError."""
        if not self._screen.interactive:
            raise ProgramError(
                "who are you? give a name with -n NAME or JIM_NAME", ExitCode.USAGE
            )
        while True:
            answer = await self._screen.ask(question)
            if isinstance(answer, Leave):
                return answer
            if answer.strip():
                self._take_name(answer.strip())
                return None

    @log
    def _take_name(self, name: Name | str) -> None:
        self._name = name
        self._slot = 0
        self._credentials = Credentials()
        trust = self._trust
        self._token = own_token(self._folder, trust.identity, trust.earlier, name)

    @log
    def _keep_token(self, token: Secret) -> None:
        """Keep a token for the next start, or with an empty one none any more."""
        if not token:
            self._token.forget()
            return
        problem = self._token.write(token)
        if problem:
            self._complain(visible(problem))

    @log
    def _complain(self, sentence: str) -> None:
        self._screen.show(Line(Tone.TROUBLE, sentence))

    @log
    def _hint(self, sentence: str) -> None:
        self._screen.show(Line(Tone.TALK, sentence))


@log
def exit_code(left: Leave | ExitCode) -> ExitCode:
    """Return what the program answers to the shell when somebody has left."""
    if isinstance(left, ExitCode):
        return left
    return ExitCode.INTERRUPTED if left is Leave.INTERRUPT else ExitCode.DONE
