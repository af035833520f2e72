"""How far a person at the text door has come, as a table of steps."""

import enum

from decorators import log
from errors import IllegalTransition

__all__ = ["WAITING", "Ask", "Step", "checked_step"]


class Step(enum.Enum):
    """What the next line is, or what has to be answered before it can be read."""

    NICKNAME = enum.auto()
    ENTERING = enum.auto()  # the sign-in is to be answered
    PASSWORD = enum.auto()
    PROVING = enum.auto()  # the password is to be answered
    TALKING = enum.auto()
    MOVING = enum.auto()  # what is typed next goes where this leads
    TELLING_WHOM = enum.auto()
    TELLING_WHAT = enum.auto()
    CHOOSING = enum.auto()  # one person or everybody
    LISTING = enum.auto()  # the list of people is to come
    PICKING = enum.auto()  # a number of that list


class Ask(enum.IntEnum):
    """The numbers of requests, by which their answers are known."""

    SIGN_IN = 1
    PASSWORD = enum.auto()
    RECENT = enum.auto()
    MOVE = enum.auto()
    CHOICE = enum.auto()
    LIST = enum.auto()
    HISTORY = enum.auto()
    LINE = enum.auto()  # no request: what is wrong with a line


#: The steps in which no line is read.
WAITING = frozenset({Step.ENTERING, Step.PROVING, Step.MOVING, Step.LISTING})

_TABLE = {
    Step.NICKNAME: {Step.ENTERING},
    Step.ENTERING: {Step.NICKNAME, Step.PASSWORD, Step.TALKING, Step.CHOOSING},
    Step.PASSWORD: {Step.NICKNAME, Step.PROVING},
    Step.PROVING: {Step.NICKNAME, Step.PASSWORD, Step.TALKING, Step.CHOOSING},
    Step.TALKING: {Step.MOVING, Step.TELLING_WHOM, Step.TELLING_WHAT, Step.CHOOSING},
    Step.MOVING: {Step.TALKING},
    Step.TELLING_WHOM: {Step.TALKING, Step.TELLING_WHAT},
    Step.TELLING_WHAT: {Step.TALKING},
    Step.CHOOSING: {Step.TALKING, Step.LISTING},
    Step.LISTING: {Step.TALKING, Step.PICKING},
    Step.PICKING: {Step.TALKING},
}


@log
def checked_step(before: Step, after: Step) -> Step:
    """Return `after`; raise IllegalTransition if nothing leads there from `before`."""
    if after not in _TABLE[before]:
        raise IllegalTransition(before, after)
    return after
