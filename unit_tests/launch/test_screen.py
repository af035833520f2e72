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


@pytest.mark.parametrize("columns", [0, 40, 80, 200])
def test_advice_is_broken_at_words_and_a_command_never(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("launch.screen._width_of", lambda stream: columns)
    sentence = " ".join(["some", "words"] * 20)
    command = f"  python {'x' * 100} -n alice"
    Screen(prompts=False).advise([sentence, command])
    *words, typed = capsys.readouterr().err.splitlines()
    assert typed == command
    assert " ".join(words) == sentence
    assert max(map(len, words)) <= (columns or len(sentence))
