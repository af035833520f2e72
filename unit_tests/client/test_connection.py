"""One session over real sockets, with a server that follows the test's script."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from client.connection import Connection, Ending
from client.events import (
    Away,
    Event,
    MessageReceived,
    MessageSent,
    ProtocolBroken,
    SessionEnded,
    SignInRefused,
    Welcomed,
)
from client.keeping import Changes, Kept
from client.session import ClientSession, Credentials
from client.tls import Trust
from common.client_settings import ClientSettings
from common.names import Secret
from errors import (
    Distrusted,
    NotAllowed,
    ProgramError,
    ProtocolError,
    Refused,
    TimedOut,
    Unreachable,
)
from unit_tests.client.sessions import line, new_session, welcome
from unit_tests.helpers import PATIENCE

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Run:
    """A connection to a scripted server: each element of `script` speaks once."""

    def __init__(self, *script: Speak) -> None:
        self.session: ClientSession = new_session()
        self.events: list[Event] = []
        self.on_event: Callable[[Event], object] = lambda _: None
        #: What was kept, and before how many events.
        self.kept: list[tuple[int, Changes]] = []
        self.trust: Trust | None = None
        self._script = list(script)

    def __call__(
        self, *, answer_seconds: float = PATIENCE, patient: bool = False
    ) -> Ending:
        """Run to the end of the session; the listener closes with its last speech."""
        return asyncio.run(self._run(answer_seconds, patient))

    async def _run(self, answer_seconds: float, patient: bool) -> Ending:
        server = await asyncio.start_server(self._speak, "127.0.0.1", 0)
        self._server = server
        connection = Connection(
            self.session,
            "127.0.0.1",
            server.sockets[0].getsockname()[1],
            on_event=self._note,
            answer_seconds=answer_seconds,
            patient=patient,
            keeper=self,
            trust=self.trust,
        )
        self._connection = connection
        async with asyncio.timeout(PATIENCE):
            try:
                return await connection.run()
            finally:
                server.close()

    def keep(self, changes: Changes) -> None:
        """Keep nothing, but remember when it was to be."""
        self.kept.append((len(self.events), changes))

    def _note(self, event: Event) -> None:
        self.events.append(event)
        self.on_event(event)
        if isinstance(event, MessageReceived) and event.text == "reply":
            self.session.send_message("bob", "replied")
            self._connection.send()

    async def _speak(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        speak = self._script.pop(0)
        if not self._script:
            self._server.close()
        await speak(reader, writer)
        writer.close()
        await writer.wait_closed()


def saying(*objects: bytes) -> Speak:
    """Answer the presence with `objects` in one go, and hang up."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"".join(objects))
        await writer.drain()

    return speak


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing until the other side hangs up."""
    await reader.read()


REPLACED = line(response=409, replaced=True, error="elsewhere")


def test_a_session_that_goes_on_elsewhere_ends() -> None:
    run = Run(saying(welcome(), REPLACED))
    assert run() == SessionEnded("elsewhere", final=True, replaced=True)
    assert [type(event) for event in run.events] == [Welcomed]


def test_a_refused_sign_in_is_returned() -> None:
    run = Run(saying(line(response=409, id=1, error="taken")))
    assert run() == SignInRefused(409, "taken")


def test_what_is_not_jim_is_returned() -> None:
    assert isinstance(Run(saying(b"+OK\r\n"))(), ProtocolBroken)


def test_a_broken_connection_is_said_once_and_made_again() -> None:
    run = Run(
        saying(welcome()),
        saying(),
        saying(welcome(3), REPLACED),
    )
    run()
    kinds = [type(event) for event in run.events]
    assert kinds == [Welcomed, Away, Welcomed]


def test_a_reply_to_an_event_is_sent_at_once() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        message = {"from": "bob", "encoding": "utf-8", "message": "reply"}
        writer.write(welcome() + line(action="msg", time=0, to="alice", **message))
        assert b"replied" in await reader.readline()
        writer.write(line(response=200, id=2) + REPLACED)

    run = Run(speak)
    run()
    assert run.events[-1] == MessageSent(1, "bob", "replied")


def test_what_is_said_and_shown_is_kept_before() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        fields = {"from": "bob", "encoding": "utf-8", "message": "reply"}
        reply = line(action="msg", time=0, to="alice", message_id=7, **fields)
        writer.write(welcome() + reply)
        assert b"replied" in await reader.readline()
        assert 1 in run.kept[-1][1].outbox
        writer.write(line(response=200, id=2, message_id=8) + REPLACED)

    run = Run(speak)
    run.session = ClientSession("alice", kept=Kept(Secret("device-1")))
    run()
    (shown, first), (_, second), (answered, third) = run.kept
    assert shown == 0
    assert [row.message_id for row in first.messages] == [7]
    assert first.since == 7
    assert second.outbox[1] is not None
    assert second.outbox[1].wire_id == second.last_number == 2
    assert answered == 2
    assert third.outbox == {1: None}
    assert [row.message_id for row in third.messages] == [8]


def test_what_an_owner_asks_while_events_are_told_is_sent() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(welcome())
        assert b"rooms" in await reader.readline()
        writer.write(REPLACED)

    run = Run(speak)
    run.on_event = lambda _: run.session.request_rooms()
    run()


def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    times: list[float] = []

    def noting(speak: Speak) -> Speak:
        async def noted(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            times.append(time.monotonic())
            await speak(reader, writer)

        return noted

    slow_down = line(response=429, id=1, error="slow down", retry_after=0.8)
    run = Run(noting(saying(slow_down)), noting(saying(welcome(2), REPLACED)))
    run(patient=True)
    assert times[1] - times[0] >= 0.8


@pytest.mark.parametrize(
    ("script", "answer_seconds", "problem"),
    [
        ([silence], 0.2, TimedOut),
        ([saying()], PATIENCE, Unreachable),
        ([saying(line(response=503, id=1, error="full"))], PATIENCE, Refused),
        ([saying(welcome())], 0.2, Unreachable),
        ([saying(welcome()), silence], 0.2, ProgramError),
    ],
)
def test_impatience_ends_with_the_reason(
    script: list[Speak], answer_seconds: float, problem: type[ProgramError]
) -> None:
    with pytest.raises(problem):
        Run(*script)(answer_seconds=answer_seconds)


def test_who_is_patient_tries_until_the_server_takes_them() -> None:
    run = Run(
        saying(line(response=429, id=1, error="too many")),
        saying(welcome(2), REPLACED),
    )
    run(patient=True)
    assert run.events[0] == Away("too many")
    assert isinstance(run.events[1], Welcomed)


def test_an_answer_that_never_comes_breaks_the_connection() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(welcome())
        assert b"lost" in await reader.readline()
        await reader.read()

    run = Run(deaf, saying(welcome(3, device_seq=2), REPLACED))
    run.session.send_message("bob", "lost")
    run(answer_seconds=0.4, patient=True)
    assert [type(event) for event in run.events] == [
        Welcomed,
        Away,
        Welcomed,
        MessageSent,
    ]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take this machine for another one: only its own address can be connected to."""
    monkeypatch.setattr("client.way.is_loopback", lambda _: False)
    monkeypatch.setattr("client.tls.is_loopback", lambda _: False)


def in_the_clear() -> Trust:
    return Trust(ClientSettings(address="elsewhere", tls=False))


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("proof", "named"),
    [
        (Credentials(password=Secret("correct horse")), "a password"),
        (Credentials(token=Secret("tok_secret")), "a token"),
    ],
)
def test_a_secret_is_not_sent_in_the_clear_to_another_machine(
    proof: Credentials, named: str
) -> None:
    heard: list[bytes] = []

    async def listen(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        heard.append(await reader.read())

    run = Run(listen, listen)
    run.session.credentials = proof
    run.trust = in_the_clear()
    with pytest.raises(Distrusted, match=f"{named}, which goes over TLS only"):
        run(patient=True)
    assert heard in ([], [b""])


@pytest.mark.usefixtures("elsewhere")
def test_a_guest_talks_in_the_clear_and_asks_for_nothing_secret() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(welcome())
        assert b"hello" in await reader.readline()
        writer.write(REPLACED)

    run = Run(speak)
    run.trust = in_the_clear()
    secret, session = Secret("secret"), run.session
    requests: list[Callable[[], int]] = [
        lambda: session.register(secret),
        lambda: session.register(None, secret),
        lambda: session.redeem(secret),
        session.create_invite,
        session.create_token,
        lambda: session.change_password(secret, secret),
        lambda: session.delete_account(secret),
    ]

    def ask(_: Event) -> None:
        while requests:
            with pytest.raises(NotAllowed, match="go over TLS only"):
                requests.pop()()
        session.send_message("bob", "hello")

    run.on_event = ask
    run()
    assert not requests


@pytest.mark.usefixtures("elsewhere")
def test_another_machine_is_spoken_to_by_tls_unless_it_is_said() -> None:
    async def listen(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        assert await reader.read(1) == b"\x16"
        writer.write(b"no TLS here\r\n")

    with pytest.raises(ProtocolError, match="--no-tls"):
        Run(listen)(patient=True)
