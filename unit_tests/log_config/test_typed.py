"""What a user types for a program of ours."""

import re
import shlex
from pathlib import Path

import pytest

from log_config.typed import typed


@pytest.mark.parametrize(
    ("argv0", "folder", "path", "said"),
    [
        # An installed copy, found by its name or not.
        ("BIN/chat-server", "/", "BIN", "chat"),
        ("BIN/server", "/", "BIN", "client"),
        ("BIN/chat-server", "/", "/bin", "BIN/chat"),
        ("chat-server", "/", "/bin", "chat"),
        # A checkout, whose environment is in it or not, and active or not.
        ("my_server.py", "ROOT", "/bin", ".venv/bin/python my_client.py"),
        ("./my_server.py", "ROOT", "VENV", "python my_client.py"),
        ("ROOT/launcher.py", "/", "VENV", "python ROOT/my_client.py"),
        ("ROOT/launcher.py", "/", "/bin", "VENV/python ROOT/my_client.py"),
    ],
)
def test_what_to_type_for_the_program_beside_it(
    argv0: str,
    folder: str,
    path: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = tmp_path / "my messenger"
    places = {"BIN": tmp_path / "bin", "VENV": root / ".venv" / "bin"}
    for place, names in (("BIN", ("chat-server", "server")), ("VENV", ("python",))):
        places[place].mkdir(parents=True)
        for name in names:
            (places[place] / name).touch(0o755)

    def put(text: str, *, typed: bool = False) -> str:
        for name, place in {**places, "ROOT": root}.items():
            for word in re.findall(rf"{name}\S*", text):
                found = word.replace(name, str(place))
                text = text.replace(word, shlex.quote(found) if typed else found)
        return text

    monkeypatch.setattr("sys.executable", str(places["VENV"] / "python"))
    monkeypatch.setattr("log_config.typed._CHECKOUT", str(root))
    monkeypatch.setenv("PATH", put(path))
    monkeypatch.chdir(put(folder))
    assert typed("my_client.py", put(argv0)) == put(said, typed=True)
