"""The way to a server over real sockets, by TLS and without."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from client.known_servers import KnownServers
from client.tls import Trust
from client.way import Way, hang_up, open_way
from common.client_settings import ClientSettings
from common.fingerprints import shown
from errors import (
    Distrusted,
    ProgramError,
    ProtocolError,
    SettingsError,
    TimedOut,
    Unreachable,
)
from unit_tests.certificates import Certificate, make_certificate
from unit_tests.helpers import PATIENCE

# Alerts of TLS: a record of kind 21, fatal, and which.
HANDSHAKE_FAILURE = b"\x15\x03\x01\x00\x02\x02\x28"
PROTOCOL_VERSION = b"\x15\x03\x01\x00\x02\x02\x46"
INTERNAL_ERROR = b"\x15\x03\x01\x00\x02\x02\x50"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "server", "localhost")


class Listener:
    """A server that says `answer` and hears what is `said` to it, inside of TLS."""

    def __init__(self, context: ssl.SSLContext | None, answer: bytes | None) -> None:
        self.said = b""
        self._context = context
        self._answer = answer
        self._ended = asyncio.Event()

    async def start(self) -> int:
        """Return the port."""
        self._server = await asyncio.start_server(
            self._speak, "127.0.0.1", 0, ssl=self._context
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _speak(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._answer is None:
            data = await reader.read()
            # Outside of TLS a hello is heard.
            self.said = b"" if data.startswith(b"\x16") else data
        else:
            await reader.read(1)
            writer.write(self._answer)
        writer.close()
        self._ended.set()

    async def stop(self, waits: bool = True) -> None:
        """Wait until the only connection has ended, if it has ever begun."""
        if waits:
            async with asyncio.timeout(PATIENCE):
                await self._ended.wait()
        self._server.close()


def opened(
    context: ssl.SSLContext | None,
    answer: bytes | None = None,
    *,
    known: KnownServers | None = None,
    seconds: float = PATIENCE,
    address: str = "127.0.0.1",
    then: Callable[[Way], bytes] = lambda _: b"",
    **fields: object,
) -> tuple[Way, bytes]:
    """Open one way to a listener, and say what `then` wants.

    Returns the way and what the listener heard; with an error it heard nothing.
    """

    async def run() -> tuple[Way, bytes]:
        listener = Listener(context, answer)
        port = await listener.start()
        settings = ClientSettings(address=address, port=port, **fields)  # type: ignore[arg-type]
        if known is not None:
            known.path.write_text(known.path.read_text().replace("PORT", str(port)))
        try:
            way = await open_way(Trust(settings, known), address, port, seconds)
        except ProgramError:
            await listener.stop(context is None or not settings.ca)
            assert listener.said == b""
            raise
        way.writer.write(then(way))
        await hang_up(way.writer)
        await listener.stop()
        return way, listener.said

    return asyncio.run(run())


@pytest.mark.parametrize("is_tls", [True, False])
def test_what_has_ended_may_be_hung_up_again(
    certificate: Certificate, is_tls: bool
) -> None:
    context = certificate.context() if is_tls else None

    async def run() -> None:
        listener = Listener(context, b"")
        port = await listener.start()
        fingerprint = shown(certificate.fingerprint) if is_tls else ""
        settings = ClientSettings(port=port, fingerprint=fingerprint)
        way = await open_way(Trust(settings), "127.0.0.1", port, PATIENCE)
        assert way.is_tls == is_tls
        way.writer.write(b"!")
        assert await way.reader.read() == b""
        for _ in range(2):
            await hang_up(way.writer)
        await listener.stop()

    asyncio.run(run())


def test_without_tls_this_machine_is_private() -> None:
    way, said = opened(None, then=lambda _: b"hello")
    assert (way.is_tls, way.is_private, way.stranger) == (False, True, "")
    assert said == b"hello"


def test_a_stranger_is_sent_nothing(certificate: Certificate) -> None:
    way, said = opened(certificate.context(), tls=True)
    assert way.stranger == certificate.fingerprint
    assert said == b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_server_that_is_known_is_spoken_to(
    certificate: Certificate, version: ssl.TLSVersion
) -> None:
    context = certificate.context()
    context.minimum_version = context.maximum_version = version
    fingerprint = shown(certificate.fingerprint)
    way, said = opened(context, fingerprint=fingerprint, then=lambda _: b"hello")
    assert (way.is_tls, way.is_private, way.stranger) == (True, True, "")
    assert said == b"hello"


def test_a_changed_certificate_is_sent_nothing(
    certificate: Certificate, tmp_path: Path
) -> None:
    known = KnownServers(tmp_path / "known_servers")
    known.path.write_text(f"127.0.0.1:PORT {shown('A' * 43)}\n")
    with pytest.raises(Distrusted, match="HAS CHANGED"):
        opened(certificate.context(), tls=True, known=known)


def test_a_certificate_that_the_ca_vouches_for_needs_no_meeting(tmp_path: Path) -> None:
    ca = make_certificate(tmp_path, "ca")
    server = make_certificate(tmp_path, "server", "127.0.0.1", issuer=ca)
    way, said = opened(server.context(), ca=str(ca.file), then=lambda _: b"hello")
    assert (way.is_private, way.stranger, said) == (True, "", b"hello")


@pytest.mark.parametrize(
    ("host", "days", "is_signed", "why"),
    [
        ("localhost", 30, True, "not valid for '127.0.0.1'"),
        ("127.0.0.1", -1, True, "expired"),
        ("127.0.0.1", 30, False, "self-signed|unable to get"),
    ],
)
def test_a_certificate_that_the_ca_does_not_vouch_for_is_refused(
    tmp_path: Path, host: str, days: int, is_signed: bool, why: str
) -> None:
    ca = make_certificate(tmp_path, "ca")
    issuer = ca if is_signed else None
    server = make_certificate(tmp_path, "server", host, issuer=issuer, days=days)
    with pytest.raises(Distrusted, match=why) as caught:
        opened(server.context(), ca=str(ca.file))
    assert "nothing was sent" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b'{"response":400,"error":"bad request"}\n', ProtocolError),
        (b"220 mail.example ESMTP\r\n", ProtocolError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ProtocolError),
        (b"\x00" * 32, ProtocolError),
        (HANDSHAKE_FAILURE, ProtocolError),
        (PROTOCOL_VERSION, ProtocolError),
        (b"", Unreachable),
    ],
)
def test_a_server_without_tls_is_told_of_and_how_to_speak_to_it(
    answer: bytes, kind: type[ProgramError]
) -> None:
    with pytest.raises(kind, match="--no-tls") as caught:
        opened(None, answer, tls=True)
    assert type(caught.value) is kind


def test_a_handshake_that_fails_otherwise_says_how() -> None:
    with pytest.raises(ProtocolError, match="alert internal error"):
        opened(None, INTERNAL_ERROR, tls=True)


def test_a_handshake_without_an_answer_ends() -> None:
    with pytest.raises(TimedOut, match=r"does not answer the TLS handshake.*--no-tls"):
        opened(None, None, tls=True, seconds=0.2)


def test_a_file_of_known_servers_that_is_broken_ends_it(
    certificate: Certificate, tmp_path: Path
) -> None:
    known = KnownServers(tmp_path / "known_servers")
    known.path.write_text("127.0.0.1:PORT nothing\n")
    with pytest.raises(SettingsError, match="line 1"):
        opened(certificate.context(), tls=True, known=known)
