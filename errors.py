"""Every error of the messenger, each with its JIM response code or exit code.

MessengerError
├── RequestError            a request that is refused; carries a JIM code (4xx, 5xx)
│   ├── BadRequest          400  not JSON, a wrong type, an unknown action
│   │   └── NotUtf8         400  bytes that are no text
│   ├── NameRefused         400  a name or room name against the rules
│   ├── NotSignedIn         401  who are you?
│   ├── SignedOut           401  this device is none of the account's any more
│   │   └── TokenRevoked    401  nor is the token with which it signed in
│   ├── NameRegistered      401  an account's name, without its password
│   ├── GuestsRefused       401  here one needs an account
│   ├── WrongPassword       402  or nobody of that name: it is not told which
│   ├── NotAllowed          403  not here, not this way
│   │   ├── Kicked          403  somebody with a right to it has ended the session
│   │   └── Sanctioned      403  banned or muted: by whom, until when, why
│   ├── NoSuchName          404  nobody of that name
│   ├── NoSuchRoom          404  no room of that name
│   ├── TooLate             408  a time limit has passed
│   ├── SlowReader          408  does not read what it is owed
│   ├── NameTaken           409  in use, or looks like one in use
│   ├── Replaced            409  the same device signed in again
│   ├── AlreadySettled      409  a message number that was refused before
│   ├── Away                410  there, but offline, and nothing is kept
│   ├── TooLong             413  past a limit in bytes
│   ├── TooMany             429  past a limit in number
│   ├── TooSoon             429  wait a little; carries how long
│   └── OutOfService        500  the server can't do it now
│       └── NotStored       500  the disk can't take it now
├── ProgramError            a program that has to end; carries an exit code
│   ├── SettingsError       78   a setting that is wrong
│   ├── StartError          1, 77, 78  the server can't start
│   ├── StoreFailed         74   nobody can know what is on the disk any more
│   ├── Unreachable         69   no server there
│   ├── TimedOut            75   no answer in time
│   ├── ProtocolError       76   an answer that makes no sense
│   ├── Distrusted          77   not the server that we know, or not a private way
│   └── Refused             1, 77  the server said no
└── IllegalTransition       our own bug: a state machine was pushed the wrong way
"""

import enum

_LONGEST_QUOTE = 40


def _quoted(word: str) -> str:
    """Return what a peer said, short enough to be said back to it."""
    return repr(word if len(word) <= _LONGEST_QUOTE else word[:_LONGEST_QUOTE] + "…")


def _because(reason: str) -> str:
    """Return the end of a sentence; whose terminal shows it escapes what it must."""
    return f": {reason}" if reason else ""


class ExitCode(enum.IntEnum):
    """What a program answers to the shell (the numbers of sysexits.h)."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 69
    IO_ERROR = 74
    TIMED_OUT = 75
    PROTOCOL = 76
    NOT_ALLOWED = 77
    SETTINGS = 78
    INTERRUPTED = 130


class MessengerError(Exception):
    """The root: whoever catches it may show its text to a user."""


class RequestError(MessengerError):
    """A refused request. `code` is the JIM response, the text is for the user."""

    code = 400


class BadRequest(RequestError):
    """What came is not a request of the protocol."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"bad request: {self.problem}"


class NotUtf8(BadRequest):
    """Bytes that are no text; not which, for they may be a password's."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.what} is not UTF-8 text; iconv converts it "
            "(iconv -f LATIN1 -t UTF-8)"
        )


class NameRefused(RequestError):
    """A name or a room name that breaks a rule; the rule is in the text."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule

    def __str__(self) -> str:
        return f"this name can't be used: {self.rule}"


class NotSignedIn(RequestError):
    """The request needs a session."""

    code = 401

    def __str__(self) -> str:
        return "sign in first: send a presence with your name"


class SignedOut(RequestError):
    """The account's owner has signed this device out, or given the account up."""

    code = 401

    def __str__(self) -> str:
        return "this device was signed out of the account"


class TokenRevoked(SignedOut):
    """The token with which this session was opened is worthless now."""

    def __str__(self) -> str:
        return "the token with which you signed in was revoked"


class NameRegistered(RequestError):
    """The name belongs to an account, and this is not how one signs in to it.

    `takes_password`: it may be said on this way, where nobody else can read it.
    """

    code = 401

    def __init__(self, name: str, *, takes_password: bool = True) -> None:
        super().__init__(name)
        self.name = name
        self.takes_password = takes_password

    def __str__(self) -> str:
        return (
            f"the name {_quoted(self.name)} is registered: sign in with its password, "
            "or choose another name"
        )


class GuestsRefused(RequestError):
    """The name is nobody's, and this server takes no guests."""

    code = 401

    def __str__(self) -> str:
        return (
            "this server takes no guests: register an account, with an invitation "
            "from its owner if you need one"
        )


class WrongPassword(RequestError):
    """The password or the token is wrong, or nobody has that name."""

    code = 402

    def __str__(self) -> str:
        return "wrong name or password"


class NotAllowed(RequestError):
    """The request is understood and forbidden; `rule` says why."""

    code = 403

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule

    def __str__(self) -> str:
        return self.rule


class Kicked(NotAllowed):
    """Somebody with a right to it has ended this session; one may come back."""

    def __init__(self, by: str, reason: str = "") -> None:
        super().__init__("kicked")
        self.by = by
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.by} has ended your session{_because(self.reason)}"


class Sanctioned(NotAllowed):
    """Banned or muted; `until` is in words, empty for good, `where` a room or here."""

    def __init__(
        self, kind: str, where: str, by: str, until: str = "", reason: str = ""
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.where = where
        self.by = by
        self.until = until
        self.reason = reason

    def __str__(self) -> str:
        muted = "muted in" if self.where.startswith("#") else "muted on"
        done = "banned from" if self.kind == "ban" else muted
        end = f"until {self.until}" if self.until else "for good"
        why = _because(self.reason)
        return f"you are {done} {self.where} {end}, by {self.by}{why}"


class NoSuchName(RequestError):
    """Nobody of this name is here or known."""

    code = 404

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is nobody called {_quoted(self.name)} here"


class NoSuchRoom(RequestError):
    """No room of this name exists."""

    code = 404

    def __init__(self, room: str) -> None:
        super().__init__(room)
        self.room = room

    def __str__(self) -> str:
        room = _quoted(self.room)
        return f"there is no room {room} that you can see; to join one makes it"


class TooLate(RequestError):
    """A peer let a time limit pass; its connection is closed."""

    code = 408

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self.what} within {self.seconds:g} seconds; closing"


class SlowReader(RequestError):
    """A peer does not read what it is owed; the rest was dropped."""

    code = 408

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"you read too slowly: more than {self.limit:,} bytes were waiting "
            "for you; closing"
        )


class NameTaken(RequestError):
    """The name, or one that looks like it, belongs to somebody else."""

    code = 409

    def __init__(self, name: str, taken: str | None = None) -> None:
        super().__init__(name, taken)
        self.name = name
        self.taken = taken

    def __str__(self) -> str:
        if self.taken is None:
            return f"the name {_quoted(self.name)} is in use; choose another"
        return (
            f"the name {_quoted(self.name)} looks like {_quoted(self.taken)}, which "
            "is taken; choose one that can't be confused with it"
        )


class Replaced(RequestError):
    """The same device signed in on another connection; this one ends."""

    code = 409

    def __str__(self) -> str:
        return "this device signed in again on another connection"


class AlreadySettled(RequestError):
    """A message number that was refused before stays refused."""

    code = 409

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return f"message number {self.number} was refused before; use a new number"


class Away(RequestError):
    """The addressee exists and is offline, and this server keeps no history."""

    code = 410

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{_quoted(self.name)} is away, and this server keeps nothing for later"


class TooLong(RequestError):
    """Something is longer than its limit; nothing of it was taken."""

    code = 413

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what, limit)
        self.what = what
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.what} is longer than the limit of {self.limit:,} bytes"


class TooMany(RequestError):
    """More of something than its limit allows."""

    code = 429

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what, limit)
        self.what = what
        self.limit = limit

    def __str__(self) -> str:
        return f"too many {self.what}: the limit is {self.limit:,}"


class TooSoon(RequestError):
    """What was asked may be asked again after `seconds`."""

    code = 429

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self.what}; try again in {self.seconds:.0f} s"


class OutOfService(RequestError):
    """The server can't do it now; the fault is not the client's."""

    code = 500

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class NotStored(OutOfService):
    """The disk can't take it now; nothing of it was stored, nobody received it."""


class ProgramError(MessengerError):
    """A reason for a program to end; the text goes to stderr, no traceback."""

    exit_code = ExitCode.REFUSED

    def __init__(self, sentence: str, exit_code: ExitCode | None = None) -> None:
        super().__init__(sentence)
        if exit_code is not None:
            self.exit_code = exit_code


class SettingsError(ProgramError):
    """A setting has a wrong value or an unknown name."""

    exit_code = ExitCode.SETTINGS


class StartError(ProgramError):
    """The server can't start on this machine with these settings."""


class StoreFailed(ProgramError):
    """Nobody can know what is on the disk any more: the server must end."""

    exit_code = ExitCode.IO_ERROR


class Unreachable(ProgramError):
    """No server answers at this address."""

    exit_code = ExitCode.UNREACHABLE


class TimedOut(ProgramError):
    """The server did not answer in time."""

    exit_code = ExitCode.TIMED_OUT


class ProtocolError(ProgramError):
    """What the server says is not JIM."""

    exit_code = ExitCode.PROTOCOL


class Distrusted(ProgramError):
    """Nothing was sent: it is not the server that we know, or the way is not private.

    Trying again is no cure, and would only get somebody used to it.
    """

    exit_code = ExitCode.NOT_ALLOWED


class Refused(ProgramError):
    """The server understood and said no."""


class IllegalTransition(MessengerError):
    """A state machine was asked for a move that its table does not hold."""

    def __init__(self, state: enum.Enum, move: enum.Enum) -> None:
        super().__init__(state, move)
        self.state = state
        self.move = move

    def __str__(self) -> str:
        return f"no move {self.move.name} from the state {self.state.name}"
