"""Objects about who may do what, and about people: what they are on the wire."""

import json

import msgspec
import pytest

from common.messages import Action, User
from common.messages_rules import (
    Add,
    Ban,
    Bans,
    Block,
    Blocked,
    CreateInvite,
    GetContacts,
    Invite,
    Invites,
    Kick,
    Mute,
    PresenceOf,
    Profile,
    Redeem,
    Remove,
    RemoveRoom,
    RevokeInvite,
    RoomNews,
    RulesRequest,
    SetAccess,
    SetRole,
    SetTopic,
    Unban,
    Unblock,
    Unmute,
    Whois,
)
from common.names import Secret

BOB = User(account_name="bob")
OF_BOB = '"user":{"account_name":"bob"}'

# The examples of docs/protocol.md and their edges.
REQUESTS: list[tuple[RulesRequest, str]] = [
    (CreateInvite(), '{"action":"create_invite"}'),
    (
        CreateInvite(role="owner", uses=2, seconds=60.0, room="#r", id=1),
        '{"action":"create_invite","id":1,"role":"owner","uses":2,"seconds":60.0,'
        '"room":"#r"}',
    ),
    (Invites(id=2), '{"action":"invites","id":2}'),
    (RevokeInvite(invite_id=9), '{"action":"revoke_invite","invite_id":9}'),
    (Redeem(invite=Secret("inv_x")), '{"action":"redeem","invite":"inv_x"}'),
    (
        Invite(user=BOB, room="#r"),
        f'{{"action":"invite",{OF_BOB},"room":"#r"}}',
    ),
    (Kick(user=BOB), f'{{"action":"kick",{OF_BOB}}}'),
    (
        Kick(user=BOB, room="#r", reason="x", by="alice", time=1.0),
        f'{{"action":"kick","time":1.0,{OF_BOB},"room":"#r","reason":"x","from":"alice"}}',
    ),
    (
        Ban(user=BOB, seconds=0.5, reason="x", id=3),
        f'{{"action":"ban","id":3,{OF_BOB},"reason":"x","seconds":0.5}}',
    ),
    (
        Mute(user=BOB, by="alice", until=1.5),
        f'{{"action":"mute",{OF_BOB},"from":"alice","until":1.5}}',
    ),
    (Unban(user=BOB, room="#r"), f'{{"action":"unban",{OF_BOB},"room":"#r"}}'),
    (Unmute(user=BOB), f'{{"action":"unmute",{OF_BOB}}}'),
    (
        SetRole(user=BOB, role="moderator"),
        f'{{"action":"role",{OF_BOB},"role":"moderator"}}',
    ),
    (Bans(room="#r"), '{"action":"bans","room":"#r"}'),
    (SetTopic(room="#r", topic=""), '{"action":"topic","room":"#r","topic":""}'),
    (
        SetAccess(room="#r", access="invited"),
        '{"action":"access","room":"#r","access":"invited"}',
    ),
    (RemoveRoom(room="#r"), '{"action":"remove_room","room":"#r"}'),
    (Block(user=BOB), f'{{"action":"block",{OF_BOB}}}'),
    (Unblock(user=BOB), f'{{"action":"unblock",{OF_BOB}}}'),
    (Blocked(after="bob"), '{"action":"blocked","after":"bob"}'),
    (Add(user=BOB, id=4), f'{{"action":"add","id":4,{OF_BOB}}}'),
    (Remove(user=BOB), f'{{"action":"remove",{OF_BOB}}}'),
    (GetContacts(), '{"action":"get_contacts"}'),
    (
        Profile(status="", away=False, show_seen=True),
        '{"action":"profile","status":"","away":false,"show_seen":true}',
    ),
    (Whois(user=BOB), f'{{"action":"whois",{OF_BOB}}}'),
]
TOLD: list[tuple[Action, str]] = [
    (
        RoomNews(time=1.0, room="#r", by="alice", topic="cats"),
        '{"action":"room","time":1.0,"room":"#r","from":"alice","topic":"cats"}',
    ),
    (
        RoomNews(room="#r", by="alice", access="open", removed=True),
        '{"action":"room","room":"#r","from":"alice","access":"open","removed":true}',
    ),
    (
        PresenceOf(user=User(account_name="bob", status="x"), online=True, away=True),
        '{"action":"presence","user":{"account_name":"bob","status":"x"},'
        '"online":true,"away":true}',
    ),
    (
        PresenceOf(user=BOB, online=False, seen=1.5),
        f'{{"action":"presence",{OF_BOB},"online":false,"seen":1.5}}',
    ),
]


@pytest.mark.parametrize(("said", "wire"), [*REQUESTS, *TOLD])
def test_an_object_is_on_the_wire_as_the_protocol_says(said: Action, wire: str) -> None:
    assert json.loads(msgspec.json.encode(said)) == json.loads(wire)
    assert msgspec.json.decode(wire, type=type(said)) == said


@pytest.mark.parametrize(("request_", "wire"), REQUESTS)
def test_a_request_is_known_by_its_action(request_: RulesRequest, wire: str) -> None:
    assert msgspec.json.decode(wire, type=RulesRequest) == request_


def test_every_request_has_a_row_in_the_table() -> None:
    assert {type(request) for request, _ in REQUESTS} == set(RulesRequest.__args__)
