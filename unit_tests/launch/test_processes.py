import asyncio
import os
import signal
import subprocess
import sys

import psutil
import pytest

from common.names import Label
from errors import StartError
from launch.processes import exit_sentence, start_child
from unit_tests.helpers import PATIENCE, ROOT


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (0, "exit code 0"),
        (78, "exit code 78"),
        (-9, "exit code -9, killed by SIGKILL"),
        (-99, "exit code -99, killed by signal 99"),
    ],
)
def test_an_exit_code_in_words(code: int, sentence: str) -> None:
    assert exit_sentence(code) == sentence


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_a_childs_last_words_are_kept() -> None:
    async def live() -> tuple[str, int, list[str]]:
        source = "import sys\nprint('up')\nsys.exit('one\\ntwo\\x1b')"
        child = await start_child(Label("one"), python(source))
        return await child.read_line(), await child.wait(), list(child.tail)

    assert asyncio.run(live()) == ("up", 1, ["one", r"two\x1b"])


def test_a_line_of_stderr_without_an_end_is_no_fault() -> None:
    async def live() -> int:
        source = "import sys\nsys.stderr.write('x' * 1_000_000)"
        return await (await start_child(Label("one"), python(source))).wait()

    assert asyncio.run(live()) == 0


def test_a_child_that_does_not_listen_is_killed_with_its_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("launch.processes._POLITE_SECONDS", 0.1)
    source = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(99)']\n"
        "other = subprocess.Popen(sleep)\n"
        "print(other.pid, flush=True)\n"
        "time.sleep(99)\n"
    )  # fmt: skip

    async def live() -> tuple[int, psutil.Process]:
        child = await start_child(Label("deaf"), python(source))
        other = psutil.Process(int(await child.read_line()))
        return await child.stop(), other

    code, other = asyncio.run(live())
    assert code == -signal.SIGKILL
    other.wait(PATIENCE)


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(StartError, match=r"can't start x .*no such file"):
        asyncio.run(start_child(Label("x"), ["/nowhere/x"]))


def test_a_child_dies_with_its_parent_even_by_kill() -> None:
    source = (
        "import asyncio, sys, time\n"
        "from common.names import Label\n"
        "from launch.processes import start_child\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(99)']\n"
        "async def live():\n"
        "    child = await start_child(Label('x'), command)\n"
        "    print(child.pid, flush=True)\n"
        "    await child.wait()\n"
        "asyncio.run(live())\n"
    )
    with subprocess.Popen(
        python(source), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
    child.wait(PATIENCE)
