"""What a search costs, in a short form: every kind is sent, stored and indexed."""

import pytest

from bench.indexing import KINDS, cost
from common.search_words import sought_words


@pytest.mark.parametrize("kind", ["English", "Chinese"])
def test_a_kind_of_text_is_sent_and_indexed(kind: str) -> None:
    rate, index = cost(KINDS[kind], 2)
    assert rate > 0
    assert index > 0


def test_the_driver_can_count_each_kind_and_a_search_find_it() -> None:
    for text in KINDS.values():
        assert text.count("|") == 1
        assert sought_words(text)
