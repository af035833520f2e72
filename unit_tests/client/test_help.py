import pytest

from client.command_table import COMMANDS, GROUPS
from client.help import help_text, is_subject, subjects


@pytest.mark.parametrize("subject", ["", *subjects()])
def test_any_help_fits_a_terminal(subject: str) -> None:
    rows = help_text(subject).splitlines()
    assert rows
    assert max(map(len, rows)) < 80


def test_the_help_names_every_word() -> None:
    words = help_text().replace(",", " ").replace("(", " ").replace(")", " ").split()
    for command in COMMANDS:
        assert set(command.words) <= set(words)
        assert {f"/{word}" for word in command.slashed} <= set(words)


def test_every_command_stands_in_the_help_of_its_group() -> None:
    for command in COMMANDS:
        assert command.group in GROUPS
        assert command.help in help_text(command.group)


def test_the_help_of_a_word_shows_each_way_to_use_it_and_more() -> None:
    text = help_text("invite")
    assert "invite NAME [#ROOM]" in text
    assert "invite [as ROLE]" in text
    assert "for one new account and one day" in text
    assert "everywhere" in help_text("Ban")


def test_the_help_of_a_start_is_short_and_names_the_groups() -> None:
    rows = help_text(briefly=True).splitlines()
    assert len(rows) <= 16
    assert all(group in rows[-4] for group in GROUPS)
    # A low window shows the end, and so does somebody's eye.
    assert [row.split(",")[0].strip() for row in rows[-3:]] == ["1", "2", "3"]


def test_there_is_help_about_groups_and_words_alone() -> None:
    assert is_subject("Rooms")
    assert is_subject("unban")
    assert is_subject("me")
    assert not is_subject("you")
