"""Hold whom plain lines go to, and note when they no longer do."""

from __future__ import annotations

from collections.abc import Callable

from client.events import Event, Movement, RequestDone, RoomsListed
from client.hearing_rules import puts_out
from client.kinds import Kind
from client.line import Line, Tone
from common.names import ALL, fold, is_room
from common.safe_text import visible
from decorators import log

__all__ = ["Addressing"]


class Addressing:
    """The addressee of plain lines, `whom`: a name, a #room, or "" for nobody."""

    @log
    def __init__(
        self,
        *,
        follows: bool,
        last: str = "",
        note: Callable[[str], None] | None = None,
    ) -> None:
        """Begin where somebody was `last`; `note` hears of each move.

        With `follows` a room that is entered is gone to, and the first text of somebody
        who was nowhere yet goes to everybody.
        """
        self.whom = last
        #: Whom a text to nobody is for: never after a room was left, for it was meant
        #: for those in there.
        self.first = ALL if follows and not last else ""
        self._follows = follows
        self._note = note or (lambda _: None)

    @property
    @log
    def prompt(self) -> str:
        """What stands before a line that is typed; a name alone would seem to speak."""
        return f"you → {visible(self.whom)}> " if self.whom else "> "

    @log
    def address(self, whom: str) -> Line:
        """Let plain lines go to somebody, if anybody is named; say to whom they go."""
        self._move(whom or self.whom)
        if not self.whom:
            return Line(Tone.TALK, "plain lines go nowhere yet: /to NAME or /to #ROOM")
        return Line(Tone.MARK, f"plain lines go to {visible(self.whom)}")

    @log
    def expect(self) -> None:
        """Note that a room is to be entered: until then a text to nobody is refused."""
        self.first = ""

    @log
    def take_event(self, event: Event, me: str) -> list[Line]:
        """Follow `me` into rooms and out of them; return what is to be said of it."""
        match event:
            case RequestDone(kind=Kind.JOIN, number=number, room=room):
                # What a session does by itself has no number.
                return [self.address(room)] if self._follows and number else []
            case RequestDone(kind=Kind.LEAVE, room=room):
                return self._leave(room)
            case RoomsListed(rooms=rooms) if is_room(self.whom):
                inside = {fold(one.name) for one in rooms if one.joined}
                return [] if fold(self.whom) in inside else self._leave(self.whom)
            case Movement(room=room, name=name, joined=False):
                return self._leave(room) if fold(name) == fold(me) else []
        return self._leave(puts_out(event, me))

    @log
    def _move(self, whom: str) -> None:
        if whom != self.whom:
            self.whom, self.first = whom, ""
            self._note(whom)

    @log
    def _leave(self, room: str) -> list[Line]:
        """Let plain lines go to nobody where they went to this room."""
        if not self.whom or fold(room) != fold(self.whom):
            return []
        self._move("")
        sentence = (
            f"you are not in {visible(room)} any more; plain lines go to nobody: "
            "/to NAME or /to #ROOM"
        )
        return [Line(Tone.TALK, sentence)]
