"""Take telnet's commands (RFC 854) out of the input, and answer them.

A telnet client asks for options and waits for none, but what it asks about must be
answered: after Ctrl-C it shows nothing more until it hears of TIMING-MARK (RFC 860).
"""

import enum

from decorators import log

__all__ = ["Telnet"]

_IAC, _SB, _SE = 255, 250, 240
_WILL, _WONT, _DO, _DONT = range(251, 255)  # of an option, which follows
_TIMING_MARK = 6
_NEWLINE = 10
# Whoever asks for more in one read gets no answer to the rest.
_MOST_ANSWER_BYTES = 3 * 256


class _State(enum.Enum):
    """Where in a command the stream is."""

    OUTSIDE = enum.auto()
    COMMAND = enum.auto()
    OPTION = enum.auto()
    NEGOTIATION = enum.auto()
    NEGOTIATION_COMMAND = enum.auto()


class Telnet:
    """Feed `receive_data`, take text and `take_answers`.

    The one thing agreed to is to mark the time: all that came before is dealt with in
    order. Everything else is refused, and refusals are not answered, so two of these
    never talk for ever.
    """

    __slots__ = ("_answers", "_state", "_verb")

    @log
    def __init__(self) -> None:
        self._state = _State.OUTSIDE
        self._verb = 0
        self._answers = b""

    @log
    def receive_data(self, data: bytes) -> bytes:
        """Take what was read; return the text in it."""
        if self._state is _State.OUTSIDE and _IAC not in data:
            return data
        text = bytearray()
        state = self._state
        for byte in data:
            if state is _State.OUTSIDE:
                if byte == _IAC:
                    state = _State.COMMAND
                else:
                    text.append(byte)
            elif state is _State.COMMAND:
                state = self._begin(byte)
            elif byte == _NEWLINE and state is not _State.OPTION:
                # It was no negotiation: whoever sent this is not to fall silent.
                text.append(byte)
                state = _State.OUTSIDE
            elif state is _State.NEGOTIATION:
                if byte == _IAC:
                    state = _State.NEGOTIATION_COMMAND
            elif state is _State.OPTION:
                self._answer(byte)
                state = _State.OUTSIDE
            else:
                state = _State.OUTSIDE if byte == _SE else _State.NEGOTIATION
        self._state = state
        return bytes(text)

    @log
    def take_answers(self) -> bytes:
        """Return what has to be sent back by now, b"" for nothing."""
        answers, self._answers = self._answers, b""
        return answers

    @log
    def _begin(self, command: int) -> _State:
        """Take the byte that says which command it is."""
        if command in (_WILL, _WONT, _DO, _DONT):
            self._verb = command
            return _State.OPTION
        if command == _IAC:
            # A DATA MARK is sent as urgent: the kernel has taken it from between.
            return _State.COMMAND
        return _State.NEGOTIATION if command == _SB else _State.OUTSIDE

    @log
    def _answer(self, option: int) -> None:
        if self._verb == _DO:
            verb = _WILL if option == _TIMING_MARK else _WONT
        elif self._verb == _WILL:
            verb = _DONT
        else:
            return
        if len(self._answers) < _MOST_ANSWER_BYTES:
            self._answers += bytes((_IAC, verb, option))
