"""Who a server is, before what is filed for it is looked for: programs as processes."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from errors import ExitCode
from unit_tests.client.programs import (
    ScriptedServer,
    client_environment,
    open_terminal,
)
from unit_tests.client.scripts.programs import Script
from unit_tests.helpers import PATIENCE, ROOT, run_server, spare_certificate

PASSWORD = "correct horse"


def visit(folder: Path, address: str, port: int, *flags: str) -> tuple[int, str]:
    """Visit as ada, who is a guest of one device; return exit code and stderr."""
    command = (str(ROOT / "my_client.py"), address, str(port), "-n", "ada", *flags)
    ended = subprocess.run(
        [sys.executable, *command, "--log-dir", str(folder / "logs")],
        cwd=folder,
        env=client_environment(folder),
        input="#all hi\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return ended.returncode, ended.stderr


def test_a_server_is_the_same_however_it_is_reached(tmp_path: Path) -> None:
    data = tmp_path / "data"
    spare_certificate(data)
    kept = ("--data-dir", str(data))
    ways: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("127.0.0.1", ()),
        ("localhost", ()),
        ("LOCALHOST", ()),
        ("127.0.0.1", ("--tls",)),
        ("127.0.0.2", ("--tls",)),
    )
    with run_server("-a", "0.0.0.0", *kept) as server:
        for address, flags in ways:
            code, err = visit(tmp_path, address, server.port, *flags)
            assert (code, "signed in as ada" in err) == (ExitCode.DONE, True), err
    with run_server(*kept) as server:
        # At another port, and nobody says --tls.
        code, err = visit(tmp_path, "localhost", server.port)
        assert (code, err) == (ExitCode.DONE, "signed in as ada\n")
    assert len(list((tmp_path / "messenger" / "devices").glob("*.db"))) == 1


def test_two_servers_are_two_though_both_are_here(tmp_path: Path) -> None:
    with run_server() as one, run_server() as other:
        for server in (one, other, one, other):
            assert visit(tmp_path, "localhost", server.port)[0] == ExitCode.DONE
    assert len(list((tmp_path / "messenger" / "devices").glob("*.db"))) == 2


def test_a_server_without_tls_is_met_again_and_again(tmp_path: Path) -> None:
    with run_server() as known, run_server("--tls", "off") as plain:
        for server in (known, plain, known, plain):
            code, err = visit(tmp_path, "localhost", server.port)
            assert (code, err) == (ExitCode.DONE, "signed in as ada\n")


def test_a_known_server_gets_no_password_in_the_clear_from_its_own_machine(
    tmp_path: Path,
) -> None:
    with run_server() as server:
        port = server.port
        assert visit(tmp_path, "127.0.0.1", port, "--tls")[0] == ExitCode.DONE
    file = tmp_path / "password"
    file.touch(0o600)
    file.write_text(PASSWORD)
    with ScriptedServer(port) as thief:
        thief.sock.settimeout(PATIENCE)
        with subprocess.Popen(
            [
                *(sys.executable, str(ROOT / "my_client.py"), "localhost", str(port)),
                *("-n", "ada", "--password-file", str(file)),
                *("--log-dir", str(tmp_path / "logs")),
            ],
            env=client_environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as client:
            peer = thief.accept()
            # The first byte of TLS, and an answer that is none.
            assert peer.sock.recv(1) == b"\x16"
            peer.send_bytes(b'{"response": 200}\n')
            heard = peer.read_to_end()
            _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == ExitCode.PROTOCOL, err
    assert PASSWORD.encode() not in heard
    assert b"ada" not in heard


def test_a_server_of_this_machine_that_has_changed_is_asked_about(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = str(sock.getsockname()[1])
    with run_server("-p", port) as first:
        assert visit(tmp_path, "localhost", first.port)[0] == ExitCode.DONE
    with run_server("-p", port) as second:
        code, err = visit(tmp_path, "localhost", second.port)
        assert code == ExitCode.NOT_ALLOWED
        assert "HAS CHANGED" in err
        assert "remove line" in err
        with open_terminal(tmp_path, second.port, "-n", "ada") as terminal:
            terminal.expect("HAS CHANGED")
            terminal.expect("owner told you)")
            terminal.enter("yes")
            terminal.expect("signed in as ada")
            terminal.enter("exit")
            assert terminal.wait() == ExitCode.DONE
        assert visit(tmp_path, "localhost", second.port)[0] == ExitCode.DONE


def test_a_new_certificate_that_is_trusted_leads_to_the_same_files(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    devices = tmp_path / "messenger" / "devices"
    known = tmp_path / "messenger" / "known_servers"
    spare_certificate(data)
    kept = ("--data-dir", str(data), "-a", "0.0.0.0")
    far = ("127.0.0.2", "--tls")
    with run_server(*kept) as server:
        port = server.port
        assert visit(tmp_path, far[0], port, far[1])[0] == ExitCode.DONE
        assert visit(tmp_path, "localhost", port)[0] == ExitCode.DONE
    for way_out in ("remove the line", "give the fingerprint"):
        for file in data.glob("tls.*"):
            file.unlink()
        with run_server(*kept, "-p", str(port)) as server:
            code, err = visit(tmp_path, far[0], port, far[1])
            assert code == ExitCode.NOT_ALLOWED
            flags: tuple[str, ...] = far[1:]
            if way_out == "remove the line":
                known.unlink()
            else:
                flags = ("--fingerprint", err.split("--fingerprint ")[1].split()[0])
            code, err = visit(tmp_path, far[0], port, *flags)
            assert (code, "signed in as ada" in err) == (ExitCode.DONE, True), err
            assert len(list(devices.glob("*.db"))) == 1


@pytest.mark.parametrize("flags", [(), ("--password",)])
def test_no_tls_asks_nothing_before_it_refuses(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    address = own_address()
    with run_server("-a", "0.0.0.0") as server:
        line = ("join", f"{address}:{server.port}", "--no-tls", "-n", "ada")
        where = (address, str(server.port), "--no-tls", "-n", "ada", *flags)
        for words in (line, where) if flags else (line,):
            with open_terminal(tmp_path, None, *words) as terminal:
                assert terminal.wait() == ExitCode.NOT_ALLOWED
                assert "leave --no-tls out" in terminal.rest
                assert "password for" not in terminal.rest


def own_address() -> str:
    """Return an address of this machine that others could reach, else skip."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            # Nothing is sent: the system only chooses which address would be ours.
            sock.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but its loopback's")
        address = str(sock.getsockname()[0])
    if address.startswith("127."):
        pytest.skip("this machine has no address but its loopback's")
    return address


def test_send_keeps_its_account_when_the_server_moves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    spare_certificate(data)
    for address in ("localhost", "127.0.0.1", "localhost"):
        with run_server("--data-dir", str(data)) as server:
            script = Script(tmp_path, "--host", address, "--port", str(server.port))
            done = script.run("send", "--username", "oven", "hot")
            assert done.returncode == ExitCode.DONE, done.stderr
    assert len(list((tmp_path / "messenger" / "tokens").glob("*.json"))) == 1
