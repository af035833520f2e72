import pytest

from client.account import Account
from client.events import DevicesListed, KnownDevice, MessageSent
from client.session import ClientSession
from client.verbs import Order, Verb
from errors import NotAllowed
from unit_tests.client.sessions import asked, signed_in

LOGOUT = Order(Verb.LOGOUT)


def account(
    *, guest: bool = False, away: bool = False
) -> tuple[Account, ClientSession]:
    session = signed_in(guest=guest, keeps_history=True)
    session.data_to_send()
    if away:
        session.receive_eof()
    return Account(session), session


@pytest.mark.parametrize(
    "order",
    [
        Order(Verb.PASSWD),
        Order(Verb.DEVICES),
        LOGOUT,
        Order(Verb.LOGOUT, number=3),
        Order(Verb.DELETE),
    ],
)
def test_a_guest_is_told_to_register_first(order: Order) -> None:
    mine, session = account(guest=True)
    with pytest.raises(NotAllowed, match="no account but a guest; /register"):
        mine.obey(order)
    assert asked(session) == []


def test_an_account_is_not_made_twice() -> None:
    with pytest.raises(NotAllowed, match="alice is an account already"):
        account()[0].obey(Order(Verb.REGISTER))


@pytest.mark.parametrize(
    "verb", [Verb.REGISTER, Verb.PASSWD, Verb.DEVICES, Verb.DELETE]
)
def test_what_the_server_must_do_is_not_begun_while_it_is_away(verb: Verb) -> None:
    with pytest.raises(NotAllowed, match="the server is away"):
        account(away=True)[0].obey(Order(verb))


@pytest.mark.parametrize(
    ("verb", "guest"),
    [
        (Verb.LOGIN, True),
        (Verb.REGISTER, True),
        (Verb.PASSWD, False),
        (Verb.DELETE, False),
    ],
)
def test_no_secret_is_asked_for_that_others_could_read_on_its_way(
    verb: Verb, guest: bool
) -> None:
    mine, session = account(guest=guest)
    session.is_private = False
    with pytest.raises(NotAllowed, match="come again without --no-tls"):
        mine.obey(Order(verb))
    assert asked(session) == []


@pytest.mark.parametrize(
    ("verb", "guest", "prompt"),
    [
        (Verb.REGISTER, True, "password for alice: "),
        (Verb.PASSWD, False, "old password: "),
        (Verb.DELETE, False, "password of alice (empty if it has none): "),
        (Verb.LOGIN, True, "to whose account? "),
    ],
)
def test_what_needs_answers_asks_first(verb: Verb, guest: bool, prompt: str) -> None:
    mine, session = account(guest=guest)
    dialog = mine.obey(Order(verb))
    assert dialog is not None
    assert next(dialog).prompt == prompt
    assert asked(session) == []


def test_devices_are_asked_for_and_signed_out_by_number() -> None:
    mine, session = account()
    mine.obey(Order(Verb.DEVICES))
    mine.obey(Order(Verb.LOGOUT, number=3))
    devices, forget = asked(session)
    assert devices["action"] == "devices"
    assert (forget["action"], forget["device_id"]) == ("forget_device", 3)
    assert not mine.take_event(DevicesListed(9, [KnownDevice(3, here=True)]))


def test_logout_finds_this_device_and_signs_it_out() -> None:
    mine, session = account()
    mine.obey(LOGOUT)
    assert [one["action"] for one in asked(session)] == ["devices"]
    assert not mine.take_event(MessageSent(1, "bob", "hi"))
    assert mine.take_event(
        DevicesListed(1, [KnownDevice(3), KnownDevice(4, here=True)])
    )
    (forget,) = asked(session)
    assert (forget["action"], forget["device_id"]) == ("forget_device", 4)
    assert not mine.is_left


def test_logout_while_the_server_is_away_leaves_at_once() -> None:
    mine, _ = account(away=True)
    mine.obey(LOGOUT)
    assert mine.signs_out
    assert mine.is_left


@pytest.mark.parametrize("guest", [True, False])
def test_login_leaves_for_another_account(guest: bool) -> None:
    mine, _ = account(guest=guest)
    mine.obey(Order(Verb.LOGIN, "bob"))
    assert (mine.login_as, mine.is_left) == ("bob", True)


def test_login_to_where_one_is_already_is_refused() -> None:
    with pytest.raises(NotAllowed, match="signed in as alice already"):
        account()[0].obey(Order(Verb.LOGIN, "Alice"))


@pytest.mark.parametrize("verb", [Verb.REGISTER, Verb.PASSWD, Verb.DEVICES])
def test_a_server_that_keeps_nothing_is_not_asked_for_accounts(verb: Verb) -> None:
    account = Account(signed_in(guest=True))
    with pytest.raises(NotAllowed, match="keeps nothing"):
        account.obey(Order(verb))
