"""Real shells in a terminal, with one of our programs and what completes it."""

import os
import pty
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from unit_tests.client.programs import Terminal, client_environment
from unit_tests.helpers import ROOT

__all__ = ["SHELLS_HERE", "Prompt"]

#: Those that people use; where one is not installed its tests say so.
SHELLS_HERE = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            shutil.which(name) is None, reason=f"{name} is not installed"
        ),
    )
    for name in ("bash", "zsh", "fish")
]
# Says what it was called with; whatever a shell asks of it, the program itself answers.
_PROGRAM = """#!/bin/sh
case " $* " in *" --print-"*)
    exec {python} -c 'import sys; sys.argv[0] = "{name}"
import {module}; sys.exit({module}.main())' "$@" ;;
esac
printf '%s\\n' "$@" '' >> "$HOME/called"
"""
_STARTS = {
    "bash": (["--rcfile", "{folder}/rc", "-i"], "rc"),
    "zsh": (["-i"], ".zshrc"),
    "fish": (["-i"], "fish/config.fish"),
}
_RULES = {
    "bash": "PS1='% '; source {script}\n",
    "zsh": "PS1='%% '; fpath=({folder} $fpath)\nautoload compinit; compinit -u -D\n",
    "fish": "function fish_prompt; echo '% '; end; set -g fish_greeting\n",
}
_SCRIPTS = {
    "bash": "{name}.bash",
    "zsh": "_{name}",
    "fish": "fish/completions/{name}.fish",
}


class Prompt:
    """A shell with the program `name` in a folder; keys are typed, Tab among them."""

    def __init__(self, folder: Path, shell: str, name: str, module: str) -> None:
        self.folder = folder
        self._shell = shell
        (folder / "fish" / "completions").mkdir(parents=True)
        program = folder / "bin" / name
        program.parent.mkdir()
        words = {"python": sys.executable, "name": name, "module": module}
        program.write_text(_PROGRAM.format(**words))
        program.chmod(0o755)
        self._environment = client_environment(
            folder,
            PATH=f"{program.parent}:{os.environ['PATH']}",
            PYTHONPATH=str(ROOT),
            ZDOTDIR=str(folder),
            INPUTRC="/dev/null",
        )
        script = folder / _SCRIPTS[shell].format(name=name)
        script.write_text(self._print_completion(name))
        rules = _RULES[shell].format(folder=folder, script=script)
        (folder / _STARTS[shell][1]).write_text(rules)

    def _print_completion(self, name: str) -> str:
        done = subprocess.run(
            [name, "--print-completion", self._shell],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def type(self, *lines: str) -> tuple[list[list[str]], str]:
        """Type lines; return with what words the program was called, and the screen.

        All is typed ahead: a shell takes one key after the other anyway.
        """
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (50, 200))
        flags = [one.format(folder=self.folder) for one in _STARTS[self._shell][0]]
        take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
        take += "; os.execvp(sys.argv[1], sys.argv[1:])"
        with subprocess.Popen(
            [sys.executable, "-c", take, self._shell, *flags],
            cwd=self.folder,
            env=self._environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        ) as process:
            os.close(slave)
            try:
                terminal = Terminal(process, master)
                terminal.expect("% ")
                for line in (*lines, "exit"):
                    terminal.enter(line)
                terminal.wait()
            finally:
                if process.poll() is None:
                    process.kill()
                os.close(master)
        called = (self.folder / "called").read_text().split("\n\n")
        return [one.split("\n") for one in called if one], terminal.painted
