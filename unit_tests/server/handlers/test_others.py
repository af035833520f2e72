"""Those whom somebody names: lists of them come in pages, in the order of names."""

from common.names import Name
from server.handlers.others import list_chosen
from server.people import Person


def test_a_long_list_comes_in_pages_that_follow_each_other() -> None:
    persons = [Person(n, Name(f"N{n:04}")) for n in range(1500)]
    first = list_chosen(reversed(persons), None, 3)
    assert (len(first.entries), first.more, first.request) == (1000, True, 3)
    second = list_chosen(persons, first.entries[-1].name, None)
    assert (len(second.entries), second.more) == (500, False)
    assert [one.name for one in first.entries + second.entries] == [
        person.name for person in persons
    ]
    assert list_chosen(persons, "z" * 100_000, None).entries == []
