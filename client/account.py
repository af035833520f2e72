"""What a person can do with an account: make it, enter it, leave it, give it up."""

from __future__ import annotations

from client import dialogs
from client.dialogs import Dialog
from client.events import DevicesListed, Event
from client.privacy import check_secrets
from client.session import ClientSession
from client.state import State
from client.verbs import Order, Verb
from common.names import fold
from common.safe_text import visible
from decorators import log
from errors import NotAllowed

__all__ = ["Account"]

# They ask for a password, or lead to a sign-in by one.
_SECRET = frozenset({Verb.LOGIN, Verb.REGISTER, Verb.PASSWD, Verb.DELETE})


class Account:
    """The account of one session, or the guest who may make one.

    Once `login_as` names somebody, the session is to be left for that account's. With
    `signs_out` it is to be left too, and the token that is kept here to be deleted.
    """

    @log
    def __init__(self, session: ClientSession) -> None:
        self.login_as = ""
        self.signs_out = False
        self._session = session
        self._looks_for_here = 0

    @property
    @log
    def is_left(self) -> bool:
        """Tell whether this session is to be left."""
        return bool(self.login_as) or self.signs_out

    @log
    def obey(self, order: Order) -> Dialog | None:
        """Do what an order says, or return what has to be asked first.

        Raises NotAllowed with the reason where it can't be done here or now, and what
        the session raises.
        """
        session = self._session
        if order.verb in _SECRET:
            check_secrets(is_private=session.is_private)
        match order.verb:
            case Verb.LOGIN if order.target:
                self._log_in(order.target)
            case Verb.LOGIN:
                return dialogs.sign_in(self._log_in)
            case Verb.LOGOUT if not order.number:
                self._log_out()
            case Verb.REGISTER:
                self._check_there()
                self._check_accounts()
                if not session.guest:
                    raise NotAllowed(f"{visible(session.name)} is an account already")
                return dialogs.register(session)
            case Verb.PASSWD:
                self._check_account()
                return dialogs.change_password(session)
            case Verb.DEVICES:
                self._check_account()
                session.request_devices()
            case Verb.LOGOUT:
                self._check_account()
                session.forget_device(order.number)
            case Verb.DELETE:
                self._check_account()
                return dialogs.delete_account(session)
        return None

    @log
    def take_event(self, event: Event) -> bool:
        """Sign this device out once it is found; tell whether that was asked for."""
        if isinstance(event, DevicesListed) and event.number == self._looks_for_here:
            here = [one.device_id for one in event.devices if one.here]
            if here:
                self._session.forget_device(here[0])
                return True
        return False

    @log
    def _log_in(self, name: str) -> None:
        session = self._session
        self._check_accounts()
        if not session.guest and fold(name) == fold(session.name):
            raise NotAllowed(f"you are signed in as {visible(session.name)} already")
        self.login_as = name

    @log
    def _log_out(self) -> None:
        """Sign this device out; where the server is away it is not told."""
        if self._session.state is State.SIGNED_IN:
            self._check_account()
            self._looks_for_here = self._session.request_devices()
        else:
            self.signs_out = True

    @log
    def _check_accounts(self) -> None:
        """Raise NotAllowed where a server is asked for what it does not have."""
        if self._session.state is State.SIGNED_IN and not self._session.keeps_history:
            raise NotAllowed("this server keeps nothing, so it has no accounts")

    @log
    def _check_account(self) -> None:
        self._check_there()
        self._check_accounts()
        if self._session.guest:
            name = visible(self._session.name)
            raise NotAllowed(
                f"{name} is no account but a guest; /register makes an account of it"
            )

    @log
    def _check_there(self) -> None:
        if self._session.state is not State.SIGNED_IN:
            raise NotAllowed("the server is away; try again when it is back")
