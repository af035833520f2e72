"""What is asked of a server about rules and people, and the events that answer it."""

from typing import Any

import pytest

from client.events import Event, ProtocolBroken, RequestFailed
from client.events_rules import (
    InviteMade,
    InvitesListed,
    PeopleListed,
    SanctionsListed,
    Settled,
)
from client.kinds import Kind
from client.rows import InviteRow, Person, Sanction
from common.names import Secret
from unit_tests.client.sessions import asked, line, signed_in

DONE = {"response": 200}
BOB = {"user": {"account_name": "bob"}}

REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], Event]] = [
    (
        "create_invite",
        {},
        {"action": "create_invite"},
        {"response": 201, "invite": "inv_x", "invite_id": 3, "expires": 9.5},
        InviteMade(1, Secret("inv_x"), 3, 9.5),
    ),
    (
        "create_invite",
        {"role": "moderator", "uses": 5, "seconds": 60.0, "room": "#r"},
        {
            "action": "create_invite",
            "role": "moderator",
            "uses": 5,
            "seconds": 60.0,
            "room": "#r",
        },
        {"response": 403, "error": "no"},
        RequestFailed(1, Kind.CREATE_INVITE, "", "no", 403),
    ),
    (
        "request_invites",
        {},
        {"action": "invites"},
        {
            "response": 202,
            "data_list": [
                {
                    "invite_id": 3,
                    "role": "member",
                    "created": 1,
                    "expires": 2,
                    "uses_left": 1,
                    "used": 0,
                    "creator": "bob",
                }
            ],
        },
        InvitesListed(1, [InviteRow(3, "member", 1, 2, 1, 0, "", "bob")]),
    ),
    (
        "revoke_invite",
        {"invite_id": 3},
        {"action": "revoke_invite", "invite_id": 3},
        DONE,
        Settled(1, Kind.REVOKE_INVITE, "3"),
    ),
    (
        "redeem",
        {"invite": Secret("inv_x")},
        {"action": "redeem", "invite": "inv_x"},
        DONE,
        Settled(1, Kind.REDEEM),
    ),
    (
        "let_in",
        {"name": "bob", "room": "#r"},
        {"action": "invite", "room": "#r"} | BOB,
        DONE,
        Settled(1, Kind.LET_IN, "bob", "#r"),
    ),
    (
        "kick",
        {"name": "bob"},
        {"action": "kick"} | BOB,
        DONE,
        Settled(1, Kind.KICK, "bob"),
    ),
    (
        "kick",
        {"name": "bob", "room": "#r", "reason": "spam"},
        {"action": "kick", "room": "#r", "reason": "spam"} | BOB,
        DONE,
        Settled(1, Kind.KICK, "bob", "#r"),
    ),
    (
        "ban",
        {"name": "bob", "seconds": 60.0, "reason": "spam"},
        {"action": "ban", "seconds": 60.0, "reason": "spam"} | BOB,
        DONE,
        Settled(1, Kind.BAN, "bob", seconds=60.0),
    ),
    (
        "mute",
        {"name": "bob", "room": "#r"},
        {"action": "mute", "room": "#r"} | BOB,
        {"response": 403, "error": "a member may not"},
        RequestFailed(1, Kind.MUTE, "bob", "a member may not", 403),
    ),
    (
        "unban",
        {"name": "bob", "room": "#r"},
        {"action": "unban", "room": "#r"} | BOB,
        DONE,
        Settled(1, Kind.UNBAN, "bob", "#r"),
    ),
    (
        "unmute",
        {"name": "bob"},
        {"action": "unmute"} | BOB,
        DONE,
        Settled(1, Kind.UNMUTE, "bob"),
    ),
    (
        "request_bans",
        {"room": "#r"},
        {"action": "bans", "room": "#r"},
        {
            "response": 202,
            "data_list": [
                {
                    "kind": "ban",
                    "account_name": "bob",
                    "room": "#r",
                    "until": 5.5,
                    "from": "alice",
                    "reason": "spam",
                },
                {"kind": "mute", "account_name": "eve"},
            ],
        },
        SanctionsListed(
            1,
            "#r",
            [
                Sanction("ban", "bob", "#r", 5.5, "alice", "spam"),
                Sanction("mute", "eve"),
            ],
        ),
    ),
    (
        "set_role",
        {"name": "bob", "role": "moderator"},
        {"action": "role", "role": "moderator"} | BOB,
        DONE,
        Settled(1, Kind.ROLE, "bob", value="moderator"),
    ),
    (
        "set_topic",
        {"room": "#r", "topic": "tea"},
        {"action": "topic", "room": "#r", "topic": "tea"},
        DONE,
        Settled(1, Kind.TOPIC, room="#r", value="tea"),
    ),
    (
        "set_access",
        {"room": "#r", "access": "invited"},
        {"action": "access", "room": "#r", "access": "invited"},
        DONE,
        Settled(1, Kind.ACCESS, room="#r", value="invited"),
    ),
    (
        "remove_room",
        {"room": "#r"},
        {"action": "remove_room", "room": "#r"},
        DONE,
        Settled(1, Kind.REMOVE_ROOM, room="#r"),
    ),
    (
        "block",
        {"name": "bob"},
        {"action": "block"} | BOB,
        DONE,
        Settled(1, Kind.BLOCK, "bob"),
    ),
    (
        "unblock",
        {"name": "bob"},
        {"action": "unblock"} | BOB,
        DONE,
        Settled(1, Kind.UNBLOCK, "bob"),
    ),
    (
        "request_blocked",
        {},
        {"action": "blocked"},
        {"response": 202, "data_list": [{"account_name": "bob"}]},
        PeopleListed(1, Kind.BLOCKED, [Person("bob")]),
    ),
    (
        "add_contact",
        {"name": "bob"},
        {"action": "add"} | BOB,
        DONE,
        Settled(1, Kind.ADD, "bob"),
    ),
    (
        "remove_contact",
        {"name": "bob"},
        {"action": "remove"} | BOB,
        DONE,
        Settled(1, Kind.FORGET, "bob"),
    ),
    (
        "request_contacts",
        {},
        {"action": "get_contacts"},
        {
            "response": 202,
            "data_list": [
                {
                    "account_name": "bob",
                    "status": "tea",
                    "guest": False,
                    "online": True,
                    "role": "owner",
                    "away": True,
                    "seen": 4.5,
                }
            ],
        },
        PeopleListed(
            1, Kind.CONTACTS, [Person("bob", False, True, "tea", "owner", True, 4.5)]
        ),
    ),
    (
        "set_profile",
        {"status": "lunch", "away": True},
        {"action": "profile", "status": "lunch", "away": True},
        DONE,
        Settled(1, Kind.PROFILE, value="lunch", away=True),
    ),
    (
        "set_profile",
        {"show_seen": False},
        {"action": "profile", "show_seen": False},
        DONE,
        Settled(1, Kind.PROFILE, show_seen=False),
    ),
    (
        "ask_person",
        {"name": "bob"},
        {"action": "whois"} | BOB,
        {"response": 202, "data_list": [{"account_name": "bob", "online": False}]},
        PeopleListed(1, Kind.WHOIS, [Person("bob", online=False)]),
    ),
]


@pytest.mark.parametrize(("method", "given", "sent", "answer", "event"), REQUESTS)
def test_a_request_is_answered_by_its_event(
    method: str,
    given: dict[str, Any],
    sent: dict[str, Any],
    answer: dict[str, Any],
    event: Event,
) -> None:
    session = signed_in()
    session.data_to_send()
    getattr(session, method)(**given)
    (request,) = asked(session)
    del request["time"]
    assert request == sent | {"id": 2}
    assert session.receive_data(line(**answer, id=2)) == [event]


def test_an_account_is_made_with_an_invitation() -> None:
    session = signed_in()
    session.data_to_send()
    session.register(Secret("long enough"), Secret("inv_x"))
    (request,) = asked(session)
    assert request["invite"] == "inv_x"
    assert request["user"]["password"] == "long enough"


def test_a_list_of_contacts_is_told_whole() -> None:
    session = signed_in()
    session.data_to_send()
    session.request_contacts()
    (first,) = asked(session)
    page = {"response": 202, "data_list": [{"account_name": "a"}]}
    assert session.receive_data(line(**page, id=2, more=True, after="a")) == []
    (second,) = asked(session)
    assert "after" not in first
    assert second["after"] == "a"
    page["data_list"] = [{"account_name": "b"}]
    assert session.receive_data(line(**page, id=3)) == [
        PeopleListed(1, Kind.CONTACTS, [Person("a"), Person("b")])
    ]


def test_an_invitation_that_is_not_said_is_no_answer() -> None:
    session = signed_in()
    session.create_invite()
    (event,) = session.receive_data(line(response=201, id=2))
    assert isinstance(event, ProtocolBroken)
