import time

import pytest

from client.events import Event, Kind, RequestFailed
from client.events_rules import (
    ContactNews,
    InvitesListed,
    PeopleListed,
    RoomNews,
    Ruling,
    SanctionsListed,
    Settled,
)
from client.line import Tone
from client.rows import InviteRow, Person, Sanction
from client.wording import lines_of

NOW = time.mktime((2026, 3, 4, 12, 34, 56, 0, 0, -1))
LATER = NOW + 7_200
EVIL = "\x1b[2J\u202e\r\x00"


def said(event: Event, me: str = "carol") -> list[str]:
    return [f"{one.head} {one.text}".strip() for one in lines_of(event, me, NOW)]


RULINGS = [
    (
        Ruling(Kind.KICK, "bob", "#r", "alice", "spam"),
        "bob was taken out of #r by alice: spam",
        "you were taken out of #r by alice: spam",
    ),
    (
        Ruling(Kind.KICK, "bob", None, "alice"),
        "bob was taken out of this server by alice",
        "you were put out by alice",
    ),
    (
        Ruling(Kind.BAN, "bob", "#r", "alice", until=LATER),
        "bob was banned from #r until 14:34 by alice",
        "you are banned from #r until 14:34 by alice",
    ),
    (
        Ruling(Kind.MUTE, "bob", "#r", "alice", "loud", LATER),
        "bob was muted in #r until 14:34 by alice: loud",
        "you were muted in #r until 14:34 by alice: loud",
    ),
    (
        Ruling(Kind.MUTE, "bob", None, ""),
        "bob was muted on this server",
        "you were muted on this server",
    ),
    (
        Ruling(Kind.UNBAN, "bob", "#r", "alice"),
        "bob was unbanned in #r by alice",
        "you were unbanned in #r by alice",
    ),
    (
        Ruling(Kind.UNMUTE, "bob", "#r", "alice"),
        "bob was unmuted in #r by alice",
        "you were unmuted in #r by alice",
    ),
    (
        Ruling(Kind.LET_IN, "bob", "#r", "alice"),
        "alice lets bob into #r",
        "alice lets you into #r; /join #r enters it",
    ),
    (
        Ruling(Kind.ROLE, "bob", None, "alice", role="moderator"),
        "bob was made a moderator by alice",
        "you are now a moderator, made so by alice",
    ),
]


@pytest.mark.parametrize(("ruling", "of_other", "of_me"), RULINGS)
def test_a_ruling_is_said_to_those_whom_it_concerns(
    ruling: Ruling, of_other: str, of_me: str
) -> None:
    assert said(ruling) == [of_other]
    assert said(ruling, "Bob") == [of_me]
    # Who did it has the answer to their request.
    if ruling.by:
        assert said(ruling, "Alice") == []


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (
            RoomNews("#r", "alice", topic="tea"),
            ["the topic of #r is: tea (by alice)"],
        ),
        (
            RoomNews("#r", "alice", topic=""),
            ["the topic of #r was taken away (by alice)"],
        ),
        (
            RoomNews("#r", "alice", access="open"),
            ["#r is open to everybody (by alice)"],
        ),
        (
            RoomNews("#r", "alice", access="invited"),
            ["only who is invited can join #r now (by alice)"],
        ),
        (RoomNews("#r", "alice", removed=True), ["alice has ended #r: it is gone"]),
        (RoomNews("#r", "Carol", topic="tea"), []),
        (ContactNews("bob", True, status="here"), ["bob is here"]),
        (ContactNews("bob", True, True, "lunch"), ["bob is away: lunch"]),
        (ContactNews("bob", False, seen=NOW), ["bob has left"]),
        (
            Settled(1, Kind.KICK, "bob", "#r"),
            ["✓ bob is out of #r, and may come back"],
        ),
        (
            Settled(1, Kind.BAN, "bob", seconds=600.0),
            ["✓ bob is banned from this server for 10 min"],
        ),
        (Settled(1, Kind.MUTE, "bob", "#r"), ["✓ bob is muted in #r for good"]),
        (Settled(1, Kind.UNBAN, "bob", "#r"), ["✓ bob is banned no longer in #r"]),
        (Settled(1, Kind.UNMUTE, "bob"), ["✓ bob is muted no longer on this server"]),
        (Settled(1, Kind.LET_IN, "bob", "#r"), ["✓ bob may join #r"]),
        (Settled(1, Kind.ROLE, "bob", value="owner"), ["✓ bob is an owner now"]),
        (Settled(1, Kind.TOPIC, room="#r", value="x"), ["✓ the topic of #r is: x"]),
        (Settled(1, Kind.TOPIC, room="#r"), ["✓ #r has no topic any more"]),
        (
            Settled(1, Kind.ACCESS, room="#r", value="open"),
            ["✓ #r is open to everybody"],
        ),
        (Settled(1, Kind.REMOVE_ROOM, room="#r"), ["✓ #r is gone"]),
        (
            Settled(1, Kind.REVOKE_INVITE, "3"),
            ["✓ invitation 3 is worth nothing any more"],
        ),
        (Settled(1, Kind.REDEEM), ["✓ the invitation is taken"]),
        (
            Settled(1, Kind.BLOCK, "bob"),
            ["✓ you hear nothing more of bob; /unblock bob ends it"],
        ),
        (Settled(1, Kind.UNBLOCK, "bob"), ["✓ you hear bob again"]),
        (Settled(1, Kind.ADD, "bob"), ["✓ bob is among your contacts"]),
        (Settled(1, Kind.FORGET, "bob"), ["✓ bob is none of your contacts any more"]),
        (Settled(1, Kind.PROFILE, away=True), ["✓ you are away; /back ends it"]),
        (
            Settled(1, Kind.PROFILE, value="lunch", away=True),
            ["✓ you are away: lunch"],
        ),
        (Settled(1, Kind.PROFILE, value="here", away=False), ["✓ you are back"]),
        (Settled(1, Kind.PROFILE, value="tea"), ["✓ your status is: tea"]),
        (
            Settled(1, Kind.PROFILE, show_seen=False),
            ["✓ nobody sees when you were here last"],
        ),
        (Settled(0, Kind.PROFILE, value="again"), []),
        (InvitesListed(1, []), ["no invitation is good; /invite makes one"]),
        (
            InvitesListed(1, [InviteRow(3, "member", NOW, LATER, 2, 0, "#r", "alice")]),
            [
                "1 invitation:",
                "3: member, 2 uses left, good until 14:34, into #r, made by alice",
            ],
        ),
        (
            SanctionsListed(1, "#r", []),
            ["nobody is banned or muted in #r"],
        ),
        (
            SanctionsListed(
                1,
                "",
                [
                    Sanction("ban", "bob", "#r", LATER, "alice", "spam"),
                    Sanction("mute", "eve"),
                ],
            ),
            [
                "2 banned or muted on this server:",
                "bob: banned in #r until 14:34 by alice: spam",
                "eve: muted for good",
            ],
        ),
        (PeopleListed(1, Kind.BLOCKED, []), ["you have blocked nobody"]),
        (PeopleListed(1, Kind.BLOCKED, [Person("bob")]), ["1 blocked:", "bob"]),
        (
            PeopleListed(1, Kind.CONTACTS, []),
            ["you have no contacts; /add NAME makes one"],
        ),
        (
            PeopleListed(
                1,
                Kind.CONTACTS,
                [
                    Person("bob", online=False, role="owner", seen=NOW - 7_300),
                    Person("eve", guest=True, role="guest", away=True, status="tea"),
                ],
            ),
            ["2 contacts:", "bob (owner, not here, seen 2 h ago)", "eve (away): tea"],
        ),
        (
            PeopleListed(1, Kind.WHOIS, [Person("bob", role="owner", status="tea")]),
            ["bob is an owner, here: tea"],
        ),
        (
            PeopleListed(1, Kind.WHOIS, [Person("Carol", guest=True, away=True)]),
            ["you are a guest, away"],
        ),
        (
            RequestFailed(1, Kind.REGISTER, "", "only with an invitation", 403),
            [
                "register: only with an invitation",
                "/redeem asks for an invitation and takes it",
            ],
        ),
        (
            RequestFailed(1, Kind.FORGET_DEVICE, "", "bad request: no device 9", 400),
            ["logout: no device 9"],
        ),
    ],
)
def test_an_event_is_said(event: Event, lines: list[str]) -> None:
    assert said(event) == lines


def test_what_is_done_to_us_is_more_than_a_mark() -> None:
    tones = [
        lines_of(Ruling(Kind.KICK, "bob", "#r", "alice"), me, NOW)[0].tone
        for me in ("bob", "carol")
    ]
    assert tones == [Tone.TALK, Tone.MARK]


@pytest.mark.parametrize(
    "event",
    [
        *(Ruling(one.kind, EVIL, EVIL, EVIL, EVIL, role=EVIL) for one, _, _ in RULINGS),
        *(Ruling(one.kind, "carol", EVIL, EVIL, EVIL) for one, _, _ in RULINGS),
        RoomNews(EVIL, EVIL, EVIL, EVIL),
        RoomNews(EVIL, EVIL, removed=True),
        ContactNews(EVIL, True, True, EVIL),
        *(Settled(1, kind, EVIL, EVIL, EVIL) for kind in Kind),
        InvitesListed(1, [InviteRow(1, EVIL, room=EVIL, by=EVIL)]),
        SanctionsListed(1, EVIL, [Sanction(EVIL, EVIL, EVIL, 1.0, EVIL, EVIL)]),
        PeopleListed(1, Kind.CONTACTS, [Person(EVIL, status=EVIL, role=EVIL)]),
        PeopleListed(1, Kind.WHOIS, [Person(EVIL, status=EVIL, role=EVIL)]),
        PeopleListed(1, Kind.BLOCKED, [Person(EVIL)]),
    ],
)
def test_nothing_of_others_reaches_a_screen_as_it_is(event: Event) -> None:
    for line in said(event):
        assert not set(line) & set("\x1b\u202e\r\x00")
