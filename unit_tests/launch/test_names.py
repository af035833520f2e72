import pytest

from errors import ExitCode, SettingsError
from launch.names import choose_names


@pytest.mark.parametrize(
    ("given", "clients", "names"),
    [
        ("", 3, ["alice", "bob", "carol"]),
        ("Ann Ян", None, ["Ann", "Ян"]),
        ("bob", 3, ["bob", "alice", "carol"]),
        ("BOB", 2, ["BOB", "alice"]),
        ("  zoe  ", 1, ["zoe"]),
    ],
)
def test_names_are_filled_up_with_usual_ones(
    given: str, clients: int | None, names: list[str]
) -> None:
    assert choose_names(given, clients) == names


def test_fifty_clients_have_fifty_names() -> None:
    assert len(set(choose_names("client1 client2", 50))) == 50


@pytest.mark.parametrize(
    ("given", "clients", "problem"),
    [
        ("bob Bob", None, "the same name"),
        ("a b c", 2, "3 names, but --clients says 2"),
        ("a/b", None, "only letters, digits"),
        ("-n", None, "for a flag"),
        ("server", None, "kept for the server"),
        ("a\x1b[2J", None, r"a\x1b[2J: this name can't be used: only"),
    ],
)
def test_names_that_make_no_sense_are_refused(
    given: str, clients: int | None, problem: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        choose_names(given, clients)
    assert problem in str(refusal.value)
    assert refusal.value.exit_code == ExitCode.USAGE
