"""The dialog that is going on with the person before the screen, if there is one."""

from __future__ import annotations

from collections.abc import Callable

from client.dialogs import Ask, Dialog
from client.line import Line, Tone
from common.names import Secret
from decorators import log
from errors import RequestError

__all__ = ["Interview"]

_NOTHING = Ask("")


class Interview:
    """One dialog at a time; `question` is what it asks now."""

    @log
    def __init__(
        self,
        show: Callable[[Line], None],
        complain: Callable[[str], None],
        *,
        watched: bool,
    ) -> None:
        """Say to `show` how a dialog ended, to `complain` what was wrong in it.

        Only where somebody has `watched` is a secret asked for.
        """
        self.question = _NOTHING
        self._show = show
        self._complain = complain
        self._watched = watched
        self._dialog: Dialog | None = None

    @property
    @log
    def goes_on(self) -> bool:
        """Tell whether an answer is waited for."""
        return self._dialog is not None

    @log
    def begin(self, dialog: Dialog) -> None:
        """Ask the first question of a dialog."""
        self._take_step(dialog, lambda: next(dialog))

    @log
    def answer(self, answer: Secret) -> None:
        """Give the answer to the question."""
        dialog = self._dialog
        assert dialog is not None
        self._take_step(dialog, lambda: dialog.send(answer))

    @log
    def give_up(self) -> None:
        """Ask no more; nothing is done."""
        self._dialog, self.question = None, _NOTHING
        self._show(Line(Tone.TALK, "nothing done"))

    @log
    def _take_step(self, dialog: Dialog, step: Callable[[], Ask]) -> None:
        """Get from one question to the next, or to the end."""
        self._dialog, self.question = None, _NOTHING
        try:
            question = step()
        except StopIteration as end:
            if end.value:
                self._show(Line(Tone.TALK, end.value))
            return
        except RequestError as error:
            self._complain(str(error))
            return
        if question.secret and not self._watched:
            self._complain("a secret is asked for, and there is no terminal for it")
            return
        self._dialog, self.question = dialog, question
        if question.problem:
            self._complain(question.problem)
