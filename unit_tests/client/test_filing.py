import pytest

from client.filing import file_key, home_of, respelled, spellings


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("localhost", "localhost:7777"),
        ("LocalHost", "localhost:7777"),
        ("127.0.0.1", "localhost:7777"),
        ("::1", "localhost:7777"),
        ("127.0.0.2", "127.0.0.2:7777"),
        ("Chat.Example", "chat.example:7777"),
        ("2001:DB8::1", "[2001:db8::1]:7777"),
    ],
)
def test_a_place_has_one_spelling(address: str, home: str) -> None:
    assert home_of(address, 7777) == home


def test_a_place_may_have_been_spelled_in_other_ways() -> None:
    here = ["::1", "localhost:7777", "127.0.0.1:7777", "[::1]:7777"]
    assert set(spellings("::1", 7777)) == set(here[1:])
    assert spellings("Chat.Example", 1) == ["Chat.Example:1", "chat.example:1"]
    assert set(respelled("[::1]:7777")) == set(here[1:])
    assert respelled("no place") == ["no place"]


def test_one_person_has_one_file_however_the_name_is_written() -> None:
    assert file_key("localhost:1", "Ada") == file_key("localhost:1", "aDA")
    assert file_key("localhost:1", "ada") != file_key("localhost:2", "ada")
