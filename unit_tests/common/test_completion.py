import argparse
import subprocess
from pathlib import Path

import pytest

from common.completion import SHELLS, add_completion_flag, completion_script


def a_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prog")
    add_completion_flag(parser)
    command = parser.add_subparsers().add_parser("send", help="send it")
    command.add_argument("--to", metavar="NAME")
    command.add_argument("--wait", choices=("stored", "read"))
    command.add_argument("--token-file", metavar="FILE")
    return parser


def completed(folder: Path, *words: str) -> list[str]:
    """Return what bash offers behind `words`, the last of which is begun."""
    script = completion_script(a_parser(), "bash", {"NAME": "echo alice bob"})
    (folder / "script").write_text(script)
    quoted = " ".join(f"'{word}'" for word in ("prog", *words))
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"source ./script; COMP_WORDS=({quoted}); COMP_CWORD={len(words)};"
            ' _shtab_prog; printf "%s\\n" "${COMPREPLY[@]}"',
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout.split()


def test_bash_completes_commands_flags_choices_names_and_files(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    assert completed(tmp_path, "se") == ["send"]
    assert "--wait" in completed(tmp_path, "send", "--w")
    assert completed(tmp_path, "send", "--wait", "r") == ["read"]
    assert completed(tmp_path, "send", "--to", "al") == ["alice"]
    assert completed(tmp_path, "send", "--token-file", "to") == ["token"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_that_asks_for_names(shell: str) -> None:
    script = completion_script(a_parser(), shell, {"NAME": "prog --print-names"})
    assert "prog --print-names" in script


def test_the_flag_takes_shells_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert vars(a_parser().parse_args([])) == {}
    with pytest.raises(SystemExit):
        a_parser().parse_args(["--print-completion", "cmd"])
    assert "cmd" in capsys.readouterr().err
