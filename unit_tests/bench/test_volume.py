"""The short form of ten million messages: everything is asked, nothing is timed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.volume import Figures, judge, make, measure

GOOD = Figures(start=0.9, slowest_page=0.004, slowest_search=0.04, sending=0.8)


def test_a_made_database_answers_everything_that_is_measured(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make(folder, rows=5000)
    with closing(sqlite3.connect(folder / "messenger.db")) as database:
        (found,) = database.execute("SELECT count(*) FROM messages").fetchone()
        assert found == 5000
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    figures = measure(folder, sending=1)
    assert all(figure > 0 for figure in figures)


def test_figures_within_the_limits_keep_every_promise() -> None:
    assert all(promise.kept for promise in judge(GOOD))


@pytest.mark.parametrize(
    "bad",
    [
        GOOD._replace(start=1.1),
        GOOD._replace(slowest_page=0.006),
        GOOD._replace(slowest_search=0.06),
        GOOD._replace(sending=0.7),
    ],
)
def test_a_figure_past_its_limit_breaks_one_promise(bad: Figures) -> None:
    assert [promise.kept for promise in judge(bad)].count(False) == 1
