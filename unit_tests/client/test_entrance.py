"""How a person or a script gets in: names, passwords, tokens, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.client.programs import (
    Terminal,
    open_terminal,
    run_client,
    start_client,
)
from unit_tests.client.scripts.programs import wait_until
from unit_tests.helpers import PATIENCE, Server, run_server

DONE, REFUSED, USAGE, NOT_ALLOWED, SETTINGS, INTERRUPTED = 0, 1, 2, 77, 78, 130
PASSWORD = "correct horse ёлка"
CTRL_C = "\x03"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as running:
        yield running


def make_account(server: Server, name: str, password: str = PASSWORD) -> None:
    with server.signed_in(name) as peer:
        user = {"account_name": name, "password": password}
        peer.send({"action": "register", "time": 0, "id": 1, "user": user})
        answer = peer.wait_for(lambda found: found.get("id") == 1)
        assert answer["response"] == 201, answer


def password_file(folder: Path, password: str = PASSWORD) -> str:
    file = folder / "password"
    file.touch(0o600)
    file.write_text(f"{password}\n")
    return str(file)


def token_files(folder: Path) -> list[Path]:
    return list((folder / "messenger").glob("tokens/*"))


def written(folder: Path) -> str:
    """Return all that the client has written, the archive's bytes included."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return "".join(
        file.read_bytes().decode(errors="replace")
        for file in files
        if file.name != "password" and file not in token_files(folder)
    )


def sees_prompt(terminal: Terminal) -> None:
    terminal.expect_greeting()
    terminal.expect("\n>")


def test_an_account_is_made_at_the_terminal_and_asks_nothing_at_the_next_start(
    server: Server, tmp_path: Path
) -> None:
    flags = ("-n", "ada", "--log-texts")
    with open_terminal(tmp_path, server.port, *flags) as terminal:
        sees_prompt(terminal)
        terminal.enter("register")
        terminal.expect("password for ada:")
        terminal.enter(PASSWORD)
        terminal.expect("once more:")
        terminal.enter("something else")
        terminal.expect("two different passwords")
        terminal.expect("password for ada:")
        terminal.enter(PASSWORD)
        terminal.expect("once more:")
        terminal.enter(PASSWORD)
        terminal.expect("✓ ada is an account now")
        terminal.enter("devices")
        terminal.expect(": this device, known since")
        terminal.enter("exit")
        assert terminal.wait() == DONE
        assert "horse" not in terminal.painted
    (file,) = token_files(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    with open_terminal(tmp_path, server.port, *flags) as terminal:
        sees_prompt(terminal)
        assert "password" not in terminal.painted
        terminal.enter("exit")
        assert terminal.wait() == DONE
    # It is filed under the server's certificate by now.
    (file,) = token_files(tmp_path)
    token = json.loads(file.read_text())["token"]
    for secret in ("horse", "something else", token):
        assert secret not in written(tmp_path)
    assert "register" in written(tmp_path)


def test_who_has_a_registered_name_proves_it_or_takes_another(
    server: Server, tmp_path: Path
) -> None:
    make_account(server, "bea")
    with open_terminal(tmp_path, server.port, "-n", "bea") as terminal:
        terminal.expect("'bea' is registered")
        terminal.expect("password for bea (empty: another name):")
        terminal.enter("a wrong one")
        terminal.expect("wrong name or password")
        terminal.expect("password for bea (empty: another name):")
        terminal.enter("")
        terminal.expect("another name:")
        terminal.enter("bea2")
        terminal.expect("signed in as bea2")
        sees_prompt(terminal)
        terminal.enter("login bea")
        terminal.expect("password for bea (empty: another name):")
        terminal.enter(PASSWORD)
        terminal.expect("signed in as bea")
        # The token comes behind the welcome.
        wait_until(lambda: bool(token_files(tmp_path)))
        terminal.enter("exit")
        assert terminal.wait() == DONE
        assert "wrong one" not in terminal.painted
        assert "horse" not in terminal.painted
    assert len(token_files(tmp_path)) == 1


@pytest.mark.parametrize("plain", [(), ("--plain",)])
def test_a_password_is_asked_for_where_that_is_wanted(
    server: Server, tmp_path: Path, plain: tuple[str, ...]
) -> None:
    name = f"cleo{len(plain)}"
    make_account(server, name)
    flags = ("-n", name, "--password", "--log-texts", *plain)
    with open_terminal(tmp_path, server.port, *flags) as terminal:
        terminal.expect(f"password for {name}:")
        terminal.enter("x" * 257)
        terminal.expect("longer than 256 bytes")
        terminal.expect(f"password for {name}:")
        terminal.enter(PASSWORD)
        terminal.expect(f"signed in as {name}")
        terminal.expect_greeting()
        terminal.enter("exit")
        assert terminal.wait() == DONE
        assert "horse" not in terminal.painted
        assert "xxx" not in terminal.painted
    assert "horse" not in written(tmp_path)


def test_who_asks_for_the_account_of_nobody_is_told_how_it_is_made(
    server: Server, tmp_path: Path
) -> None:
    with open_terminal(tmp_path, server.port, "-n", "nobody", "--password") as terminal:
        terminal.expect("password for nobody:")
        terminal.enter(PASSWORD)
        terminal.expect("wrong name or password")
        terminal.expect("an account is made by register")
        terminal.expect("password for nobody (empty: another name):")
        terminal.type(CTRL_C)
        assert terminal.wait() == INTERRUPTED


def test_a_plain_terminal_hides_a_new_password_too(
    server: Server, tmp_path: Path
) -> None:
    flags = ("-n", "dora", "--plain", "--log-texts")
    with open_terminal(tmp_path, server.port, *flags) as terminal:
        terminal.expect_greeting()
        terminal.enter("register")
        terminal.expect("password for dora:")
        terminal.enter(PASSWORD)
        terminal.expect("once more:")
        terminal.enter(PASSWORD)
        terminal.expect("✓ dora is an account now")
        terminal.enter("exit")
        assert terminal.wait() == DONE
        assert "horse" not in terminal.painted
        # What is no secret is shown again.
        assert "exit" in terminal.painted
    assert "horse" not in written(tmp_path)


def test_an_account_is_changed_left_and_given_up(
    server: Server, tmp_path: Path
) -> None:
    make_account(server, "ella")
    flags = ("-n", "ella", "--password-file", password_file(tmp_path))
    with open_terminal(tmp_path, server.port, *flags) as terminal:
        sees_prompt(terminal)
        terminal.enter("passwd")
        terminal.expect("old password:")
        terminal.enter(PASSWORD)
        terminal.expect("new password:")
        terminal.enter("another one")
        terminal.expect("once more:")
        terminal.enter("another one")
        terminal.expect("✓ password changed")
        terminal.enter("logout")
        terminal.expect("signed out")
        assert terminal.wait() == DONE
    assert token_files(tmp_path) == []
    with open_terminal(tmp_path, server.port, "-n", "ella") as terminal:
        terminal.expect("password for ella")
        terminal.enter("another one")
        sees_prompt(terminal)
        terminal.enter("delete account")
        terminal.expect("password of ella")
        terminal.enter("another one")
        terminal.expect("(yes or no)")
        terminal.enter("yes")
        terminal.expect("✓ the account is deleted")
        assert terminal.wait() == DONE
        assert "another one" not in terminal.painted
    assert token_files(tmp_path) == []
    with server.signed_in("ella"):
        pass


def test_a_device_that_is_signed_out_elsewhere_ends_and_forgets_its_token(
    server: Server, tmp_path: Path
) -> None:
    make_account(server, "fay")
    flags = ("-n", "fay", "--password-file", password_file(tmp_path))
    with start_client(tmp_path, server.port, *flags) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "signed in as fay\n"
        other = tmp_path / "other"
        other.mkdir()
        devices = run_client(other, server.port, "devices\n", *flags).stdout
        (first,) = [row for row in devices.splitlines() if ": signed in" in row]
        number = first.partition(":")[0]
        run_client(other, server.port, f"logout {number}\n", *flags)
        assert process.wait(PATIENCE) == REFUSED
        assert "signed out" in process.stderr.read()
    assert token_files(tmp_path) == []


def test_a_script_gives_its_password_once(server: Server, tmp_path: Path) -> None:
    make_account(server, "gus")
    make_account(server, "hal")
    name = ("-n", "gus")
    file = password_file(tmp_path)
    done = run_client(tmp_path, server.port, "@hal hi\n", *name, JIM_PASSWORD_FILE=file)
    # hal is away, and it is kept: that is what 0 promises.
    assert (done.returncode, done.stderr) == (DONE, "signed in as gus\n")
    Path(file).unlink()
    again = run_client(tmp_path, server.port, "history hal\n", *name)
    assert again.returncode == DONE
    assert again.stdout.endswith("gus to hal: hi\n")


def test_a_command_gives_the_password(server: Server, tmp_path: Path) -> None:
    make_account(server, "ida")
    flags = ("-n", "ida", "--password-command", f"echo '{PASSWORD}'; echo rest")
    done = run_client(tmp_path, server.port, "users\n", *flags)
    assert done.returncode == DONE
    assert "ida (you, member)\n" in done.stdout


def test_a_script_without_a_proof_is_not_allowed_in(
    server: Server, tmp_path: Path
) -> None:
    make_account(server, "joy")
    done = run_client(tmp_path, server.port, "@joy hi\n", "-n", "joy")
    assert done.returncode == NOT_ALLOWED
    assert "'joy' is registered" in done.stderr
    assert "--password-file" in done.stderr


def test_a_wrong_password_is_not_allowed_in_and_not_quoted(
    server: Server, tmp_path: Path
) -> None:
    make_account(server, "kim")
    flags = ("-n", "kim", "--password-file", password_file(tmp_path, "hunter2"))
    done = run_client(tmp_path, server.port, "@kim hi\n", *flags)
    assert done.returncode == NOT_ALLOWED
    assert done.stderr == "my_client.py: wrong name or password\n"
    assert "hunter2" not in written(tmp_path)


def test_a_token_that_is_worth_nothing_gives_way_to_the_password(
    server: Server, tmp_path: Path
) -> None:
    make_account(server, "lou")
    flags = ("-n", "lou", "--password-file", password_file(tmp_path))
    assert run_client(tmp_path, server.port, "", *flags).returncode == DONE
    # By the second start the server is known by its certificate.
    assert run_client(tmp_path, server.port, "", *flags).returncode == DONE
    (file,) = token_files(tmp_path)
    bad = json.dumps({"token": "jim_worthless"})
    file.write_text(bad)
    assert run_client(tmp_path, server.port, "", *flags).returncode == DONE
    assert file.read_text() != bad
    file.write_text(bad)
    done = run_client(tmp_path, server.port, "", "-n", "lou")
    assert done.returncode == NOT_ALLOWED
    assert "lou is signed out on this device" in done.stderr
    assert token_files(tmp_path) == []


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (("--password",), USAGE, "no terminal to ask for the password on"),
        (("--password-file", "none"), SETTINGS, "none can't be read"),
        (("--password-command", "exit 4"), SETTINGS, "ended with exit code 4"),
        (
            ("--password-command", "x", "--password-file", "y"),
            SETTINGS,
            "give either password_file or password_command",
        ),
    ],
)
def test_a_password_that_cannot_be_had_ends_it(
    tmp_path: Path, flags: tuple[str, ...], code: int, said: str
) -> None:
    done = run_client(tmp_path, 1, "@bob hi\n", "-n", "alice", *flags)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_script_is_not_asked_for_a_new_password(
    server: Server, tmp_path: Path
) -> None:
    done = run_client(tmp_path, server.port, "register\nx\n", "-n", "max")
    assert done.returncode == REFUSED
    assert "there is no terminal for it" in done.stderr
