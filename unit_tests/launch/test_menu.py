import pytest

from launch.menu import Key, read_key


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("s", Key.START),
        (" X ", Key.CLOSE),
        ("l\r", Key.LIST),
        ("q", Key.QUIT),
        ("exit", Key.QUIT),
        ("?", Key.HELP),
        ("ss", None),
        ("", None),
        ("ы", None),
    ],
)
def test_what_a_line_asks_for(line: str, key: Key | None) -> None:
    assert read_key(line) is key
