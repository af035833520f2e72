from client.colours import NameColours


def test_a_name_keeps_its_colour() -> None:
    colours = NameColours()
    assert colours.of("bob") == colours.of("Bob")
    assert colours.of("bob") == NameColours().of("bob")


def test_those_who_are_met_first_have_different_ones() -> None:
    colours = NameColours()
    assert len({colours.of(f"name{number}") for number in range(9)}) == 9
    assert colours.of("one more").startswith("\x1b[")


def test_very_many_names_fill_no_memory() -> None:
    colours = NameColours()
    for number in range(1_500):
        colours.of(f"name{number}")
    assert len(vars(colours)["_of_names"]) == 1_000
