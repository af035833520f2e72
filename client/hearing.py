"""What a session makes of what the server says, one method per kind of object."""

from __future__ import annotations

from client.answers import event_of, goes_on, is_refusal, reason_of, wait_of
from client.events import (
    Event,
    MessageReceived,
    MessageSent,
    Movement,
    Notice,
    ReceiptReceived,
    SessionEnded,
    SignInRefused,
)
from client.hearing_rules import RuleSaid, puts_out, rules_news
from client.incoming import Incoming
from client.kinds import Kind
from client.memory import Memory
from client.outbox import Outbox, Pending
from client.rows import KeptMessage
from client.standing import Standing
from client.welcome import may_yet_come, settle
from common.messages import UNSET, Answer, Delivered, Join, Leave, Message, Read
from common.messages_rules import Profile
from common.names import Name, fold
from decorators import log
from errors import ProtocolError

__all__ = ["Hearing"]

_CAUGHT_UP = "caught up"
_NOT_ALLOWED = 403


class Hearing:
    """Turns objects into events, and remembers what follows from them.

    Both methods raise ProtocolError for what makes no sense; `now` is in UNIX seconds.
    """

    @log
    def __init__(
        self, me: Name | str, memory: Memory, outbox: Outbox, standing: Standing
    ) -> None:
        """Listen as `me`, which each welcome spells anew."""
        self.me = me
        self._memory = memory
        self._outbox = outbox
        self._standing = standing

    @log
    def take_sign_in(self, answer: Answer, now: float) -> list[Event]:
        """Take the answer to a sign-in: SignInRefused, or Welcomed and what follows."""
        if is_refusal(answer):
            return [SignInRefused(answer.response, reason_of(answer), wait_of(answer))]
        if answer.session is UNSET:
            raise ProtocolError(
                "this server speaks a JIM without sessions, which is too little"
            )
        self.me = answer.session.name
        events = settle(answer.session, self._memory, self._outbox, now)
        if not self._standing.is_usual:
            self._repeat_profile(now)
        return events

    @log
    def _repeat_profile(self, now: float) -> None:
        """Say again what others see of us: the connection may have taken it along.

        It goes behind messages that have their numbers already, for those must rise.
        """
        if any(one.kind is Kind.PROFILE for one in self._outbox.waiting()):
            return
        said = Profile(status=self._standing.status, away=self._standing.away)
        again = Pending(0, Kind.PROFILE, "", "", now, request=said)
        self._outbox.hold(again)

    @log
    def take(self, said: Incoming, now: float) -> list[Event]:
        """Take anything else; SessionEnded comes last."""
        match said:
            case Answer(replaced=True):
                return [SessionEnded(reason_of(said), final=True, replaced=True)]
            case Answer(id=int()):
                return self._take_answer(said, now)
            case Answer():
                return self._take_notice(said)
            case Message():
                return self._take_message(said)
            case Join(user=user) | Leave(user=user) if user is not UNSET:
                joined = isinstance(said, Join)
                return [Movement(said.room, user.account_name, joined)]
            case Delivered(reader=reader) | Read(reader=str(reader)):
                is_read = isinstance(said, Read)
                return [ReceiptReceived(is_read, reader, said.whom, said.message_id)]
        return self._take_rule(said) if isinstance(said, RuleSaid) else []

    @log
    def _take_rule(self, said: RuleSaid) -> list[Event]:
        event = rules_news(said)
        left = puts_out(event, self.me)
        if left:
            self._memory.leave(left)
        return [event]

    @log
    def _take_message(self, one: Message) -> list[Event]:
        is_missed = self._memory.is_missed
        if not self._memory.is_new(one):
            return []
        message_id = one.message_id or None
        if one.id is not UNSET and fold(one.sender) == fold(self.me):
            # Said on this very device: no news, but maybe the answer that was lost.
            sent = self._outbox.answer(one.id, 200)
            if sent is None:
                return []
            return [MessageSent(sent.number, sent.target, sent.text, message_id)]
        # What we said on another device of ours we have not missed.
        self._memory.missed += is_missed and fold(one.sender) != fold(self.me)
        return [
            MessageReceived(
                one.sender, one.to, one.text, one.time, message_id, is_missed
            )
        ]

    @log
    def _take_answer(self, answer: Answer, now: float) -> list[Event]:
        assert answer.id is not UNSET
        pending = self._outbox.answer(answer.id, answer.response)
        if pending is None:
            return []
        if may_yet_come(pending, answer, now):
            self._outbox.hold(pending)
            return []
        if goes_on(pending, answer):
            pending.wire_id = 0
            self._outbox.add_first([pending])
            return []
        event = event_of(pending, answer)
        self._memory.note(event)
        self._standing.follow(event, pending)
        if isinstance(event, MessageSent) and event.message_id is not None:
            when = answer.time or pending.time
            self._memory.take_stored(
                KeptMessage(event.message_id, when, self.me, event.to, event.text)
            )
        if self._standing.is_deleted:
            return [event, self._signed_out("the account is deleted")]
        return [event]

    @log
    def _take_notice(self, answer: Answer) -> list[Event]:
        """Take an answer to nothing, which may be the server's last word."""
        if 200 <= answer.response < 400:
            # Such as the answer to the answer to a probe.
            return []
        if answer.response == 401:
            return [self._signed_out(reason_of(answer))]
        if answer.response == _NOT_ALLOWED:
            # Kicked or banned: to come back by ourselves would be rude, and in vain.
            return [SessionEnded(reason_of(answer), final=True, barred=True)]
        if answer.alert == _CAUGHT_UP and not is_refusal(answer):
            return [self._memory.catch_up(answer.last_id)]
        return [Notice(answer.response, reason_of(answer))]

    @log
    def _signed_out(self, reason: str) -> SessionEnded:
        asked = self._standing.leaves
        return SessionEnded(reason, final=True, signed_out=True, asked=asked)
