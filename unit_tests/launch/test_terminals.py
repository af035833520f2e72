from collections.abc import Callable
from typing import Any

import pytest

from common.names import Name
from errors import ExitCode, SettingsError
from launch.terminals import Emulator, OwnTmux, Tmux, find_terminal


def having(*programs: str) -> Callable[[str], str | None]:
    return lambda name: f"/bin/{name}" if name in programs else None


@pytest.fixture(autouse=True)
def emulators_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launch.terminals.shutil.which", lambda name: f"/bin/{name}")


@pytest.mark.parametrize(
    ("environment", "programs", "on_terminal", "kind"),
    [
        ({"TMUX": "/tmp/t,1,0"}, ["tmux"], True, Tmux),
        ({"TMUX": "/tmp/t,1,0", "DISPLAY": ":0"}, ["tmux", "xterm"], False, Tmux),
        ({"TMUX": "/tmp/t,1,0"}, [], True, None),
        ({"DISPLAY": ":0"}, ["tmux", "xterm"], True, Emulator),
        ({"DISPLAY": ":0"}, ["x-terminal-emulator"], False, Emulator),
        ({"WAYLAND_DISPLAY": "w"}, ["x-terminal-emulator"], False, Emulator),
        ({"WAYLAND_DISPLAY": "w"}, ["xterm"], False, None),
        ({"DISPLAY": ":0"}, ["tmux"], True, OwnTmux),
        ({}, ["tmux", "xterm"], True, OwnTmux),
        # A tmux that nobody can attach to shows nothing.
        ({}, ["tmux", "xterm"], False, None),
        ({}, [], True, None),
    ],
)
def test_the_window_that_is_to_be_had(
    environment: dict[str, str], programs: list[str], on_terminal: bool, kind: Any
) -> None:
    found = find_terminal(
        "", environment, on_terminal=on_terminal, which=having(*programs)
    )
    assert type(found) is (kind or type(None))


def test_the_users_own_command_comes_first() -> None:
    found = find_terminal("foot", {"TMUX": "x"}, on_terminal=True, which=having("tmux"))
    assert type(found) is Emulator


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("xterm -e", ["xterm", "-e", "py", "my client.py", "-n", "Ян"]),
        ("a {command} -x", ["a", "py", "my client.py", "-n", "Ян", "-x"]),
        (
            'foot sh -c "{command}; read"',
            ["foot", "sh", "-c", "py 'my client.py' -n 'Ян'; read"],
        ),
        ("a -T {name} -e", ["a", "-T", "Ян", "-e", "py", "my client.py", "-n", "Ян"]),
    ],
)  # fmt: skip
def test_the_clients_command_line_in_the_users(template: str, words: list[str]) -> None:
    made = Emulator(template)._words(Name("Ян"), ["py", "my client.py", "-n", "Ян"])
    assert made == words


@pytest.mark.parametrize("template", ["xterm 'half", "nowhere -e"])
def test_a_command_that_makes_no_sense_is_a_wrong_flag(
    template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launch.terminals.shutil.which", having("xterm"))
    with pytest.raises(SettingsError) as refusal:
        Emulator(template)
    assert refusal.value.exit_code == ExitCode.USAGE
    assert "--terminal" in str(refusal.value)
