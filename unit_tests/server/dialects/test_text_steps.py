"""Which step may follow which: the rest raises, and changes nothing."""

import pytest

from errors import IllegalTransition
from server.dialects.text_dialogs import Dialog
from server.dialects.text_steps import _TABLE, WAITING, Step


@pytest.mark.parametrize("before", Step)
@pytest.mark.parametrize("after", Step)
def test_a_step_is_taken_or_raises(before: Step, after: Step) -> None:
    dialog = Dialog(100)
    dialog.step = before
    if after in _TABLE[before]:
        dialog.go(after)
        assert dialog.step is after
    else:
        with pytest.raises(IllegalTransition):
            dialog.go(after)
        assert dialog.step is before


def test_from_every_step_that_waits_there_is_a_way_back() -> None:
    for step in WAITING:
        assert _TABLE[step] & {Step.NICKNAME, Step.TALKING}
