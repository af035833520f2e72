import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from client.editor import write_in_editor
from errors import NotAllowed


def editor(tmp_path: Path, code: str) -> dict[str, str]:
    """Return an environment whose editor does `code` to the file `name`."""
    program = tmp_path / "my editor.py"
    program.write_text(f"import os, sys\nname = sys.argv[1]\n{code}\n")
    return {"VISUAL": f"{sys.executable} -S -E '{program}'", "EDITOR": "false"}


def write(text: str, environment: dict[str, str]) -> str:
    return asyncio.run(write_in_editor(text, environment))


def test_a_text_is_edited_in_a_file_that_is_ours_alone_and_gone(
    tmp_path: Path,
) -> None:
    seen = tmp_path / "seen"
    code = (
        f"open({str(seen)!r}, 'w').write(f'{{name}} {{os.stat(name).st_mode}}')\n"
        "open(name + '~', 'w').close()\n"
        "open(name, 'a').write('you\\n\\nbye\\n\\n')"
    )
    assert write("hi ", editor(tmp_path, code)) == "hi you\n\nbye"
    name, mode = seen.read_text().rsplit(" ", 1)
    assert stat.S_IMODE(int(mode)) == 0o600
    assert not os.path.exists(os.path.dirname(name))


def test_what_is_no_utf_8_is_not_sent(tmp_path: Path) -> None:
    code = "open(name, 'wb').write(b'caf\\xe9')"
    with pytest.raises(NotAllowed, match=r"nothing sent: .* is not UTF-8 text"):
        write("hi", editor(tmp_path, code))


def test_the_file_is_utf_8_whatever_the_locale_is(tmp_path: Path) -> None:
    code = "b = open(name, 'rb').read(); open(name, 'wb').write(b + 'щ'.encode())"
    assert write("ё", editor(tmp_path, code)) == "ёщ"


def test_a_byte_order_mark_of_the_editor_is_not_said(tmp_path: Path) -> None:
    code = "open(name, 'w', encoding='utf-8-sig').write('hi')"
    assert write("", editor(tmp_path, code)) == "hi"


def test_an_editor_that_fails_is_named() -> None:
    with pytest.raises(NotAllowed, match="nothing sent: the editor false failed"):
        write("hi", {"EDITOR": "false"})


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PATH": ""}, "no editor .nano or vi. is installed; set VISUAL or EDITOR"),
        ({"VISUAL": " ", "PATH": ""}, "set VISUAL or EDITOR"),
        ({"EDITOR": "no-such-editor -x"}, "no-such-editor does not start: No such"),
        ({"EDITOR": "'"}, "EDITOR is no command"),
    ],
)
def test_without_an_editor_it_is_said_what_to_do(
    environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(NotAllowed, match=sentence):
        write("hi", environment)


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="could not be edited: No such file"):
        write("hi", editor(tmp_path, "os.remove(name)"))


def test_an_interrupt_is_the_editors(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    code = (
        "import signal\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "os.kill(os.getppid(), signal.SIGINT)"
    )
    assert write("hi", editor(tmp_path, code)) == "hi"
    assert signal.getsignal(signal.SIGINT) is before


def test_an_editor_does_not_outlive_the_client(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = (
        "import signal\n"
        f"open({str(fifo)!r}, 'w').write(str(os.getpid()))\n"
        "signal.pause()"
    )

    async def leave() -> int:
        task = asyncio.create_task(write_in_editor("hi", editor(tmp_path, code)))
        pid = int(await asyncio.to_thread(fifo.read_text))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(leave()), 0)


@pytest.mark.parametrize(
    ("installed", "used"), [(["vi"], "vi"), (["nano", "vi"], "nano")]
)
def test_who_has_named_no_editor_gets_a_usual_one(
    tmp_path: Path, installed: list[str], used: str
) -> None:
    for name in installed:
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} > "$1"\n')
        program.chmod(0o755)
    assert write("", {"PATH": str(tmp_path), "EDITOR": ""}) == used
