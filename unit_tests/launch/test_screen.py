import pytest

from launch.screen import Screen


def test_data_and_talk_go_to_their_own_streams(
    capsys: pytest.CaptureFixture[str],
) -> None:
    screen = Screen(prompts=False)
    screen.show("a row")
    screen.tell("words")
    screen.warn("a warning")
    screen.ask()
    assert capsys.readouterr() == ("a row\n", "words\na warning\n")


def test_lines_go_above_the_prompt(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(prompts=True)
    screen.ask()
    screen.ask()
    screen.tell("words")
    screen.note_line_typed()
    screen.tell("more")
    expected = "launcher> \nwords\nlauncher> more\n"
    assert capsys.readouterr().err == expected


def test_advice_is_talk(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(prompts=False).advise(["next:", "  make run"])
    assert capsys.readouterr() == ("", "next:\n  make run\n")
