import json

import msgspec
import pytest
from msgspec import UNSET

from common.messages import (
    Answer,
    Authenticate,
    ChangePassword,
    Conversations,
    CreateToken,
    DeleteAccount,
    Delivered,
    Devices,
    ForgetDevice,
    GetUsers,
    History,
    Join,
    Leave,
    Message,
    Presence,
    Probe,
    Quit,
    Read,
    Received,
    Register,
    Request,
    RevokeToken,
    Rooms,
    Search,
    SessionInfo,
    Tokens,
    User,
)
from common.names import Secret

SENT = Message(1.5, "bob", "alice", "utf-8", "привет")

# What each object is on the wire: the examples of docs/protocol.md and their edges.
REQUESTS: list[tuple[Request, str]] = [
    (
        Presence(user=User(account_name="alice")),
        '{"action":"presence","user":{"account_name":"alice"}}',
    ),
    (
        Presence(
            time=2.0,
            id=1,
            user=User(account_name="alice", status="here", pubkey="PEM"),
            type="status",
            device=Secret("9f2c"),
            store="b41e",
            since=4711,
        ),
        '{"action":"presence","time":2.0,"id":1,'
        '"user":{"account_name":"alice","status":"here","pubkey":"PEM"},'
        '"type":"status","device":"9f2c","store":"b41e","since":4711}',
    ),
    (
        SENT,
        '{"action":"msg","time":1.5,"to":"bob","from":"alice","encoding":"utf-8",'
        '"message":"привет"}',
    ),
    (
        Message(1.5, "#r", "alice", "utf-8", "", id=18, message_id=2**53 - 1),
        '{"action":"msg","time":1.5,"to":"#r","from":"alice","encoding":"utf-8",'
        '"message":"","id":18,"message_id":9007199254740991}',
    ),
    (Join(room="#r"), '{"action":"join","room":"#r"}'),
    (
        Join(time=1.0, room="#r", user=User(account_name="bob")),
        '{"action":"join","time":1.0,"room":"#r","user":{"account_name":"bob"}}',
    ),
    (Leave(room="#r", id=0), '{"action":"leave","id":0,"room":"#r"}'),
    (Rooms(), '{"action":"rooms"}'),
    (Rooms(after="#r", limit=0), '{"action":"rooms","after":"#r","limit":0}'),
    (GetUsers(id=3), '{"action":"get_users","id":3}'),
    (
        GetUsers(room="#r", after="bob", limit=5),
        '{"action":"get_users","room":"#r","after":"bob","limit":5}',
    ),
    (
        Authenticate(
            user=User(account_name="alice", password=Secret("pa55")),
            device=Secret("9f2c"),
            store="b41e",
            since=0,
            id=1,
        ),
        '{"action":"authenticate","id":1,'
        '"user":{"account_name":"alice","password":"pa55"},'
        '"device":"9f2c","store":"b41e","since":0}',
    ),
    (
        Authenticate(user=User(account_name="alice", token=Secret("t0ken"))),
        '{"action":"authenticate","user":{"account_name":"alice","token":"t0ken"}}',
    ),
    (
        Register(user=User(account_name="alice", password=Secret("pa55")), id=2),
        '{"action":"register","id":2,'
        '"user":{"account_name":"alice","password":"pa55"}}',
    ),
    (History(whom="bob"), '{"action":"history","with":"bob"}'),
    (
        History(whom="#r", before=9, after=0, limit=5, id=3),
        '{"action":"history","id":3,"with":"#r","before":9,"after":0,"limit":5}',
    ),
    (
        Conversations(before=9, limit=5),
        '{"action":"conversations","before":9,"limit":5}',
    ),
    (
        Search(text="каша", whom="bob", before=9, limit=5),
        '{"action":"search","text":"каша","with":"bob","before":9,"limit":5}',
    ),
    (Search(text=""), '{"action":"search","text":""}'),
    (Received(message_id=4721), '{"action":"received","message_id":4721}'),
    (
        Read(whom="#r", message_id=4, private=True),
        '{"action":"read","with":"#r","message_id":4,"private":true}',
    ),
    (
        Read(time=1.0, reader="bob", whom="alice", message_id=4),
        '{"action":"read","time":1.0,"with":"alice","message_id":4,"from":"bob"}',
    ),
    (CreateToken(id=4), '{"action":"create_token","id":4}'),
    (Tokens(), '{"action":"tokens"}'),
    (RevokeToken(token_id=5), '{"action":"revoke_token","token_id":5}'),
    (Devices(), '{"action":"devices"}'),
    (ForgetDevice(device_id=6), '{"action":"forget_device","device_id":6}'),
    (
        ChangePassword(password=Secret("a"), new_password=Secret("b")),
        '{"action":"change_password","password":"a","new_password":"b"}',
    ),
    (DeleteAccount(), '{"action":"delete_account"}'),
    (
        DeleteAccount(password=Secret("pa55")),
        '{"action":"delete_account","password":"pa55"}',
    ),
    (Probe(time=1.0), '{"action":"probe","time":1.0}'),
    (Quit(), '{"action":"quit"}'),
]
ANSWERS: list[tuple[Answer, str]] = [
    (Answer(response=200), '{"response":200}'),
    (
        Answer(response=200, time=1.0, id=18, message_id=4721),
        '{"response":200,"time":1.0,"id":18,"message_id":4721}',
    ),
    (
        Answer(response=400, error="bad request"),
        '{"response":400,"error":"bad request"}',
    ),
    (Answer(response=202, data_list=[]), '{"response":202,"data_list":[]}'),
    (
        Answer(response=202, data_list=["alice"], more=True, after="alice", limit=1),
        '{"response":202,"data_list":["alice"],"more":true,"after":"alice","limit":1}',
    ),
    (
        Answer(response=200, created=False, duplicate=True, replaced=False),
        '{"response":200,"created":false,"duplicate":true,"replaced":false}',
    ),
    (
        Answer(response=409, settled="refused"),
        '{"response":409,"settled":"refused"}',
    ),
    (
        Answer(response=201, id=2, token=Secret("t0ken"), token_id=7),
        '{"response":201,"id":2,"token":"t0ken","token_id":7}',
    ),
    (
        Answer(response=202, data_list=[], more=True, before=9, lag=3),
        '{"response":202,"data_list":[],"lag":3,"more":true,"before":9}',
    ),
    (
        Answer(response=202, data_list=[], more=True, after=9),
        '{"response":202,"data_list":[],"more":true,"after":9}',
    ),
    (
        Answer(response=100, time=1.0, alert="caught up", last_id=4720),
        '{"response":100,"time":1.0,"alert":"caught up","last_id":4720}',
    ),
    (
        Answer(response=429, error="wait", retry_after=1.5),
        '{"response":429,"error":"wait","retry_after":1.5}',
    ),
    (
        Answer(
            response=200,
            session=SessionInfo(
                name="alice",
                guest=True,
                store="b41e",
                last_id=4720,
                keeps_history=True,
                device_seq=17,
                refused=[12],
                limits={"text": 16384},
            ),
        ),
        '{"response":200,"session":{"name":"alice","guest":true,"store":"b41e",'
        '"last_id":4720,"role":"guest","keeps_history":true,"device_seq":17,"refused":[12],'
        '"limits":{"text":16384}}}',
    ),
]


@pytest.mark.parametrize(("request_", "wire"), REQUESTS)
def test_a_request_is_on_the_wire_as_the_protocol_says(
    request_: Request, wire: str
) -> None:
    encoded = msgspec.json.encode(request_)
    assert json.loads(encoded) == json.loads(wire)
    assert encoded.startswith(b'{"action":')


@pytest.mark.parametrize(("request_", "wire"), REQUESTS)
def test_a_request_is_read_from_the_wire_as_it_was(
    request_: Request, wire: str
) -> None:
    assert msgspec.json.decode(wire, type=Request) == request_


@pytest.mark.parametrize(("answer", "wire"), ANSWERS)
def test_an_answer_is_on_the_wire_as_the_protocol_says(
    answer: Answer, wire: str
) -> None:
    encoded = msgspec.json.encode(answer)
    assert json.loads(encoded) == json.loads(wire)
    assert encoded.startswith(b'{"response":')


@pytest.mark.parametrize(("answer", "wire"), ANSWERS)
def test_an_answer_is_read_from_the_wire_as_it_was(answer: Answer, wire: str) -> None:
    assert msgspec.json.decode(wire, type=Answer) == answer


def test_a_delivered_receipt_is_on_the_wire_as_the_protocol_says() -> None:
    receipt = Delivered(time=1.0, reader="bob", whom="alice", message_id=4)
    wire = (
        '{"action":"delivered","time":1.0,"from":"bob","with":"alice","message_id":4}'
    )
    assert json.loads(msgspec.json.encode(receipt)) == json.loads(wire)
    assert msgspec.json.decode(wire, type=Delivered) == receipt


def test_every_request_has_a_row_in_the_table() -> None:
    assert {type(request) for request, _ in REQUESTS} == set(Request.__args__)


def test_unknown_fields_are_ignored() -> None:
    wire = b'{"action":"quit","colour":{"deep":[1]},"time":1.0}'
    assert msgspec.json.decode(wire, type=Request) == Quit(time=1.0)


def test_what_is_absent_is_unset_and_not_none() -> None:
    request = msgspec.json.decode(b'{"action":"join","room":"#r"}', type=Request)
    assert isinstance(request, Join)
    assert request.id is request.time is request.user is UNSET


@pytest.mark.parametrize(
    "wire",
    [
        '{"action":"dance"}',
        '{"room":"#r"}',
        '{"action":7}',
        '{"action":"join"}',
        '{"action":"join","room":7}',
        '{"action":"join","room":null}',
        '{"action":"join","room":"#r","id":"1"}',
        '{"action":"join","room":"#r","id":1.5}',
        '{"action":"join","room":"#r","time":"now"}',
        '{"action":"presence","user":"alice"}',
        '{"action":"presence","user":{}}',
        '{"action":"msg","to":"bob"}',
        '{"action":"authenticate"}',
        '{"action":"register","user":{"password":"x"}}',
        '{"action":"register","user":{"account_name":"x","password":5}}',
        '{"action":"history"}',
        '{"action":"search","with":"bob"}',
        '{"action":"received","message_id":"1"}',
        '{"action":"read","with":"bob"}',
        '{"action":"change_password","password":"x"}',
        '{"action":"revoke_token"}',
    ],
)
def test_a_wrong_object_is_refused(wire: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(wire, type=Request)
