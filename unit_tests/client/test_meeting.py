"""The first meeting with a server, and the next: the client as a process, by TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.fingerprints import shown
from errors import ExitCode
from unit_tests.certificates import Certificate, make_certificate
from unit_tests.client.programs import (
    ScriptedServer,
    answer_messages,
    open_terminal,
    run_client,
    start_client,
)
from unit_tests.client.sessions import line
from unit_tests.helpers import PATIENCE, Peer

FLAGS = ("-n", "ada", "--tls")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "server", "localhost")


@pytest.fixture
def server(certificate: Certificate) -> Iterator[ScriptedServer]:
    with ScriptedServer(context=certificate.context()) as scripted:
        yield scripted


def known_servers(folder: Path) -> Path:
    return folder / "messenger" / "known_servers"


def pin(folder: Path, port: int, fingerprint: str) -> None:
    known_servers(folder).parent.mkdir()
    known_servers(folder).write_text(f"127.0.0.1:{port} {shown(fingerprint)}\n")


def heard(peer: Peer) -> bytes:
    """Return all that a peer says inside of TLS."""
    return peer.read_to_end()


def test_without_a_terminal_a_stranger_is_shown_and_remembered(
    server: ScriptedServer, certificate: Certificate, tmp_path: Path
) -> None:
    with start_client(tmp_path, server.port, *FLAGS) as client:
        assert heard(server.accept()) == b""
        peer = server.welcome()
        out, err = client.communicate(timeout=PATIENCE)
        assert heard(peer)
    assert client.returncode == ExitCode.DONE
    assert out == ""
    assert err.splitlines() == [
        f"127.0.0.1:{server.port} is met for the first time; its certificate's "
        f"fingerprint is {shown(certificate.fingerprint)}",
        "signed in as ada",
    ]
    file = known_servers(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    line = f"127.0.0.1:{server.port} {shown(certificate.fingerprint)}"
    assert line in file.read_text().splitlines()


def test_at_a_terminal_a_stranger_is_trusted_only_by_a_yes(
    server: ScriptedServer, certificate: Certificate, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, server.port, *FLAGS) as terminal:
        assert heard(server.accept()) == b""
        terminal.expect(certificate.fingerprint[:20])
        terminal.expect("owner told you)")
        terminal.enter("perhaps")
        terminal.expect("yes, no, or the fingerprint")
        terminal.enter("no")
        assert terminal.wait() == ExitCode.NOT_ALLOWED
        assert "is not trusted, and nothing was sent to it" in terminal.rest
    assert not known_servers(tmp_path).exists()
    with open_terminal(tmp_path, server.port, *FLAGS) as terminal:
        assert heard(server.accept()) == b""
        terminal.expect("owner told you)")
        terminal.enter("yes")
        server.welcome()
        terminal.expect("signed in as ada")
    assert certificate.fingerprint in known_servers(tmp_path).read_text()


def test_at_a_terminal_the_fingerprint_itself_is_an_answer(
    server: ScriptedServer, certificate: Certificate, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, server.port, *FLAGS, "--plain") as terminal:
        assert heard(server.accept()) == b""
        terminal.expect("owner told you)")
        terminal.enter(shown(certificate.fingerprint))
        server.welcome()
        terminal.expect("signed in as ada")


def test_a_changed_certificate_hears_nothing_and_the_way_out_is_shown(
    server: ScriptedServer, certificate: Certificate, tmp_path: Path
) -> None:
    pin(tmp_path, server.port, "A" * 43)
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text("correct horse")
    flags = (*FLAGS, "--password-file", str(password))
    with start_client(tmp_path, server.port, *flags) as client:
        assert heard(server.accept()) == b""
        _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == ExitCode.NOT_ALLOWED
    assert "HAS CHANGED" in err
    assert "A" * 43 in err
    assert shown(certificate.fingerprint) in err
    assert f"remove line 1 of {known_servers(tmp_path)}" in err
    server.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        server.accept()


def test_the_fingerprint_that_is_given_is_known_from_then_on(
    server: ScriptedServer, certificate: Certificate, tmp_path: Path
) -> None:
    pin(tmp_path, server.port, "A" * 43)
    flags = ("-n", "ada", "--fingerprint", certificate.fingerprint)
    for given in (flags, FLAGS):
        with start_client(tmp_path, server.port, *given) as client:
            server.welcome()
            assert client.communicate(timeout=PATIENCE)[1] == "signed in as ada\n"
    assert certificate.fingerprint in known_servers(tmp_path).read_text()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_certificate_that_changes_between_two_connections_ends_the_session(
    server: ScriptedServer,
    certificate: Certificate,
    tmp_path: Path,
    is_terminal: bool,
) -> None:
    pin(tmp_path, server.port, certificate.fingerprint)
    other = make_certificate(tmp_path, "other", "localhost").context()
    if is_terminal:
        with open_terminal(tmp_path, server.port, *FLAGS) as terminal:
            peer = server.welcome()
            terminal.expect("//TEXT")
            server.context = other
            peer.sock.close()
            assert heard(server.accept()) == b""
            assert terminal.wait() == ExitCode.NOT_ALLOWED
            assert "HAS CHANGED" in terminal.rest
    else:
        with start_client(tmp_path, server.port, *FLAGS) as client:
            peer = server.welcome()
            server.context = other
            peer.sock.close()
            assert heard(server.accept()) == b""
            assert client.wait(PATIENCE) == ExitCode.NOT_ALLOWED
            assert client.stderr is not None
            assert "HAS CHANGED" in client.stderr.read()


def test_messages_go_over_tls(
    server: ScriptedServer, certificate: Certificate, tmp_path: Path
) -> None:
    pin(tmp_path, server.port, certificate.fingerprint)
    with start_client(tmp_path, server.port, *FLAGS) as client:
        assert client.stdin is not None
        client.stdin.write("@bob hello\n" * 500)
        client.stdin.close()
        peer = server.welcome()
        assert len(answer_messages(peer, 500)) == 500
        assert client.wait(PATIENCE) == ExitCode.DONE


def test_a_server_that_wants_tls_is_told_of_with_the_flag(tmp_path: Path) -> None:
    with (
        ScriptedServer() as server,
        start_client(tmp_path, server.port, "-n", "ada") as client,
    ):
        peer = server.accept()
        peer.receive()
        peer.send_bytes(line(response=403, error="this server speaks only TLS"))
        _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == ExitCode.NOT_ALLOWED
    assert err == (
        "my_client.py: this server speaks only TLS (with --tls this client speaks it)\n"
    )


def test_a_server_without_tls_is_told_of_with_the_flag(tmp_path: Path) -> None:
    with (
        ScriptedServer() as server,
        start_client(tmp_path, server.port, *FLAGS) as client,
    ):
        peer = server.accept()
        assert peer.sock.recv(1) == b"\x16"
        peer.send_bytes(line(response=400, error="bad request"))
        _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == ExitCode.PROTOCOL
    assert "--no-tls" in err


@pytest.mark.parametrize(
    ("flags", "variables", "problem"),
    [
        (("--no-tls", "--ca", "ca.pem"), {}, "only TLS has certificates"),
        ((), {"JIM_FINGERPRINT": "inv_secret"}, "not a certificate's fingerprint"),
    ],
)
def test_settings_that_make_no_sense_are_a_sentence(
    tmp_path: Path, flags: tuple[str, ...], variables: dict[str, str], problem: str
) -> None:
    done = run_client(tmp_path, 1, "", "-n", "ada", *flags, **variables)
    assert done.returncode in (ExitCode.USAGE, ExitCode.SETTINGS)
    assert problem in done.stderr
    assert "inv_secret" not in done.stderr
