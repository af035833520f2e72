"""The owner's shell in this process, on a folder of its own or on a running server."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import my_server
from unit_tests.helpers import Server, run_server

PASSWORD = "correct horse"


class Said(NamedTuple):
    """How a command ended, and what it has printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return the one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[Any]:
        """Return the JSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Owner:
    """Whoever types commands; the data folder is theirs."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        self.folder = folder
        self._capsys = capsys
        self.password_file = tmp_path / "password"
        self.password_file.write_text(PASSWORD + "\n")
        self.password_file.chmod(0o600)

    def types(self, *words: object) -> Said:
        """Run a command to its end."""
        arguments = [*map(str, words), "--data-dir", str(self.folder)]
        self._capsys.readouterr()
        try:
            code = my_server.main(arguments)
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        found = self._capsys.readouterr()
        return Said(code, found.out, found.err)

    def does(self, *words: object) -> Said:
        """Run a command that must work."""
        said = self.types(*words)
        assert said.code == 0, said
        return said

    def adds(self, name: str, role: str = "member") -> None:
        """Make an account with the password."""
        file = self.password_file
        self.does("user", "add", name, "--role", role, "--password-file", file)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no .env and no variables of the machine in."""
    monkeypatch.chdir(tmp_path)
    for name in ("JIM_DATA_DIR", "JIM_SETTINGS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Return an owner whose server does not run."""
    return Owner(tmp_path / "data", capsys, tmp_path)


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """Give one server for all tests of this folder."""
    with run_server() as server:
        yield server


@pytest.fixture
def live(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Return the owner of the running server."""
    return Owner(server.folder / "data", capsys, tmp_path)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that puts bytes on standard input, which is no terminal."""

    def put(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return put
