"""The client's core and a server that keeps history, through every kind of end."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from client.archive import Archive, open_archive
from client.connection import Connection
from client.events import (
    CaughtUp,
    Event,
    HistoryListed,
    MessageReceived,
    MessageSent,
    ReceiptReceived,
    Registered,
    RequestDone,
    SearchDone,
    SessionEnded,
    SignInRefused,
    TokenMade,
    UsersListed,
    Welcomed,
)
from client.session import ClientSession, Credentials
from common.names import Secret
from unit_tests.helpers import PATIENCE, Server, run_server

PASSWORD = Secret("correct horse")


class Client:
    """A session, its archive and its connection, without anybody before a screen."""

    def __init__(
        self,
        server: Server,
        folder: Path,
        name: str,
        credentials: Credentials | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.archive: Archive = open_archive(folder, "server", name, tell=print)
        self.session = ClientSession(
            name, kept=self.archive.kept, credentials=credentials
        )
        self.connection = Connection(
            self.session,
            "127.0.0.1",
            server.port,
            on_event=self._note,
            answer_seconds=PATIENCE,
            patient=True,
            keeper=self.archive,
        )
        self._moved = asyncio.Event()
        self._task: asyncio.Task[object] | None = None

    async def __aenter__(self) -> "Client":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Go without a word, as who is killed does."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.archive.release()

    async def leave(self) -> None:
        """Say goodbye."""
        self.session.quit()
        self.connection.send()

    async def wait_for(self, kind: type[Event], count: int = 1) -> Event:
        """Return the event of this kind that makes it `count`."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.of(kind)) < count:
                self._moved.clear()
                await self._moved.wait()
        return found[count - 1]

    def of(self, kind: type[Event]) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def texts(self) -> list[str]:
        """Return what was told, in order."""
        return [one.text for one in self.events if isinstance(one, MessageReceived)]

    async def ask(self, request: Callable[[], int], answer: type[Event]) -> Event:
        """Ask for something; return the answer."""
        before = len(self.of(answer))
        request()
        self.connection.send()
        return await self.wait_for(answer, before + 1)

    async def say(self, to: str, *texts: str) -> None:
        """Send texts; return when all are stored."""
        before = len(self.of(MessageSent))
        for text in texts:
            self.session.send_message(to, text)
        self.connection.send()
        await self.wait_for(MessageSent, before + len(texts))

    async def wait_until_gone(self, name: str) -> None:
        """Return when the server knows that somebody has gone: that takes a moment."""
        async with asyncio.timeout(PATIENCE):
            while True:
                listed = await self.ask(self.session.request_users, UsersListed)
                assert isinstance(listed, UsersListed)
                if not any(one.online and one.name == name for one in listed.users):
                    return

    async def _run(self) -> None:
        self._note(await self.connection.run())

    def _note(self, event: Event) -> None:
        self.events.append(event)
        self._moved.set()


def test_all_that_was_missed_comes_in_order_and_once(tmp_path: Path) -> None:
    async def talk(server: Server) -> None:
        async with Client(server, tmp_path / "alice", "alice") as alice:
            caught_up = await alice.wait_for(CaughtUp)
            assert isinstance(caught_up, CaughtUp)
            assert caught_up.missed == 0
            async with Client(server, tmp_path / "bob", "bob") as bob:
                await bob.wait_for(CaughtUp)
                await alice.say("bob", "one")
                await bob.wait_for(MessageReceived)
            await alice.wait_until_gone("bob")
            texts = [f"text {number}" for number in range(100)]
            await alice.say("bob", *texts)
            sent = alice.of(MessageSent)[-1]
            assert isinstance(sent, MessageSent)
            assert sent.code == 202
            async with Client(server, tmp_path / "bob", "bob") as bob:
                caught_up = await bob.wait_for(CaughtUp)
                assert isinstance(caught_up, CaughtUp)
                assert bob.texts() == texts
                assert caught_up.missed == len(texts)
                kept = bob.archive.history("alice", limit=1_000).messages
                assert [one.text for one in kept] == ["one", *texts]
                delivered = await alice.wait_for(ReceiptReceived)
                assert isinstance(delivered, ReceiptReceived)
                assert (delivered.read, delivered.reader) == (False, "bob")

    with run_server() as server:
        asyncio.run(talk(server))


def test_a_server_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))

    async def talk() -> None:
        with run_server(*data) as server:
            port = ("-p", str(server.port))
            async with (
                Client(server, tmp_path / "alice", "alice") as alice,
                Client(server, tmp_path / "bob", "bob") as bob,
            ):
                await alice.wait_for(CaughtUp)
                await bob.wait_for(CaughtUp)
                texts = [f"text {number}" for number in range(90)]
                for text in texts[:60]:
                    alice.session.send_message("bob", text)
                alice.connection.send()
                await bob.wait_for(MessageReceived)
                server.process.kill()
                server.wait()
                for text in texts[60:]:
                    alice.session.send_message("bob", text)
                alice.connection.send()
                with run_server(*data, *port):
                    await alice.wait_for(MessageSent, len(texts))
                    await bob.wait_for(MessageReceived, len(texts))
                    await bob.wait_for(CaughtUp, 2)
                    assert bob.texts() == texts
                    welcomed = bob.of(Welcomed)[-1]
                    assert isinstance(welcomed, Welcomed)
                    assert not welcomed.restarted
                    kept = alice.archive.history("bob", limit=1_000).messages
                    assert [one.text for one in kept] == texts

    asyncio.run(talk())


def test_what_waits_goes_out_at_the_next_start_exactly_once(tmp_path: Path) -> None:
    async def talk(server: Server) -> None:
        folder = tmp_path / "alice"
        alice = Client(server, folder, "alice")
        alice.session.send_message("#all", "written before there was a connection")
        alice.connection.send()
        alice.archive.release()
        async with Client(server, tmp_path / "bob", "bob") as bob:
            await bob.wait_for(CaughtUp)
            for _ in range(2):
                async with Client(server, folder, "alice") as alice:
                    await alice.wait_for(CaughtUp)
                    await alice.say("#all", "now")
            await bob.wait_for(MessageReceived, 3)
            assert bob.texts() == [
                "written before there was a connection",
                "now",
                "now",
            ]

    with run_server() as server:
        asyncio.run(talk(server))


def test_an_account_is_made_and_signed_in_to_by_password_and_token(
    tmp_path: Path,
) -> None:
    async def talk(server: Server) -> None:
        async with Client(server, tmp_path / "one", "alice") as alice:
            await alice.wait_for(CaughtUp)
            assert alice.session.guest
            made = await alice.ask(lambda: alice.session.register(PASSWORD), Registered)
            assert isinstance(made, Registered)
            await alice.say("#all", "before")
        guest = Client(server, tmp_path / "two", "alice")
        async with guest:
            refused = await guest.wait_for(SignInRefused)
            assert isinstance(refused, SignInRefused)
            assert refused.code == 401
        token = Credentials(token=made.token)
        password = Credentials(password=PASSWORD)
        async with (
            Client(server, tmp_path / "one", "alice", token) as one,
            Client(server, tmp_path / "two", "alice", password) as two,
        ):
            await one.wait_for(CaughtUp)
            await two.wait_for(CaughtUp)
            assert not two.session.guest
            await two.ask(two.session.create_token, TokenMade)
            await one.say("#all", "what is said on one")
            await two.wait_for(MessageReceived)
            assert two.texts() == ["what is said on one"]
            page = await two.ask(
                lambda: two.session.request_history("#all"), HistoryListed
            )
            assert isinstance(page, HistoryListed)
            assert [row.text for row in page.messages][-2:] == [
                "before",
                "what is said on one",
            ]
            found = await two.ask(lambda: two.session.search("SAID"), SearchDone)
            assert isinstance(found, SearchDone)
            assert len(found.messages) == 1
            last = found.messages[0].message_id
            await two.ask(lambda: two.session.mark_read("#all", last), RequestDone)
            await two.ask(
                lambda: two.session.change_password(PASSWORD, Secret("new secret")),
                RequestDone,
            )
            ended = await one.wait_for(SessionEnded)
            assert isinstance(ended, SessionEnded)
            assert (ended.signed_out, ended.asked) == (True, False)
            two.session.delete_account(Secret("new secret"))
            two.connection.send()
            ended = await two.wait_for(SessionEnded)
            assert isinstance(ended, SessionEnded)
            assert (ended.signed_out, ended.asked) == (True, True)

    with run_server() as server:
        asyncio.run(talk(server))
