"""TLS without sockets: what is agreed to, what is refused, and how bytes are cut."""

import random
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import ExitCode, StartError
from server.certificates import Pair
from server.tls import Channel, Keyring, new_context
from unit_tests.server.tls_peers import (
    RekeyingClient,
    TlsClient,
    make_pair,
    rsa_key,
    trusting,
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def channel(pair: Pair) -> Channel:
    return Channel(new_context(pair))


def carry(channel: Channel) -> Callable[[bytes], bytes]:
    """Return what brings handshake bytes to the channel, and its answer back."""

    def exchange(data: bytes) -> bytes:
        if data:
            channel.shake_hands(data)
        return channel.outgoing.read()

    return exchange


def joined(channel: Channel, context: ssl.SSLContext | None = None) -> TlsClient:
    """Return a client whose handshake with the channel is done."""
    client = TlsClient(context)
    client.shake_hands(carry(channel))
    return client


def old_client(ciphers: str, newest: ssl.TLSVersion) -> ssl.SSLContext:
    context = trusting()
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    return context


# ------------------------------------------------------------- what is agreed


def test_what_both_say_arrives_and_the_newest_version_is_taken(
    channel: Channel,
) -> None:
    client = joined(channel)
    assert client.object.version() == "TLSv1.3"
    assert channel.decrypt(client.say(b"hello")) == b"hello"
    assert client.hear(channel.encrypt(b"welcome")) == b"welcome"


def test_tls_1_2_is_spoken_with_forward_secrecy_and_authenticated_encryption(
    channel: Channel,
) -> None:
    context = trusting()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    client = joined(channel, context)
    suite = client.object.cipher()
    assert suite is not None
    assert suite[0].startswith("ECDHE-ECDSA-")
    assert any(kind in suite[0] for kind in ("GCM", "CHACHA20"))
    assert channel.decrypt(client.say(b"hello")) == b"hello"


@pytest.mark.parametrize(
    ("ciphers", "newest"),
    [
        ("ALL", ssl.TLSVersion.TLSv1_1),
        ("ALL", ssl.TLSVersion.TLSv1),
        ("ECDHE-ECDSA-AES128-SHA", ssl.TLSVersion.TLSv1_2),
        ("ECDHE-ECDSA-AES256-SHA384", ssl.TLSVersion.TLSv1_2),
        ("AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2),
        ("DHE-RSA-AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2),
    ],
)
def test_what_is_old_is_refused_with_an_alert(
    channel: Channel, ciphers: str, newest: ssl.TLSVersion
) -> None:
    client = TlsClient(old_client(ciphers, newest))
    with pytest.raises(ssl.SSLWantReadError):
        client.object.do_handshake()
    with pytest.raises(ConnectionError, match="TLS: "):
        channel.shake_hands(client.outgoing.read())
    client.incoming.write(channel.outgoing.read())
    with pytest.raises(ssl.SSLError, match="ALERT"):
        client.object.do_handshake()


def test_nothing_is_compressed_renegotiated_or_resumed_by_ticket(pair: Pair) -> None:
    context = new_context(pair)
    for option in (ssl.OP_NO_COMPRESSION, ssl.OP_NO_RENEGOTIATION, ssl.OP_NO_TICKET):
        assert context.options & option
    client = joined(Channel(context))
    client.hear(b"")
    session = client.object.session
    assert session is None or not session.has_ticket


# ------------------------------------------------------------ how it is cut


def test_a_handshake_may_come_byte_by_byte(channel: Channel) -> None:
    def byte_by_byte(data: bytes) -> bytes:
        done = [channel.shake_hands(data[at : at + 1]) for at in range(len(data))]
        assert not any(done[:-1])
        return channel.outgoing.read()

    client = TlsClient()
    client.shake_hands(byte_by_byte)
    secret = client.say(b"hello")
    heard = [channel.decrypt(secret[at : at + 1]) for at in range(len(secret))]
    assert heard[-1] == b"hello"
    assert not any(heard[:-1])


def test_many_records_cut_anywhere_say_the_same(channel: Channel) -> None:
    client = joined(channel)
    chance = random.Random(5)
    texts = [chance.randbytes(chance.randrange(1, 40_000)) for _ in range(20)]
    secret = b"".join(client.say(text) for text in texts)
    heard = b""
    while secret:
        cut = chance.randrange(1, 100_000)
        heard += channel.decrypt(secret[:cut])
        secret = secret[cut:]
    assert heard == b"".join(texts)


def test_words_that_come_with_the_last_step_are_not_lost(channel: Channel) -> None:
    client = TlsClient()
    with pytest.raises(ssl.SSLWantReadError):
        client.object.do_handshake()
    last = b""
    while not last:
        channel.shake_hands(client.outgoing.read())
        client.incoming.write(channel.outgoing.read())
        try:
            client.object.do_handshake()
        except ssl.SSLWantReadError:
            continue
        last = client.outgoing.read()
    assert channel.shake_hands(last + client.say(b"hello"))
    assert channel.has_unread
    assert channel.decrypt(b"") == b"hello"
    assert not channel.has_unread


# ---------------------------------------------------------------- how it ends


def test_the_peers_goodbye_is_the_end(channel: Channel) -> None:
    client = joined(channel)
    last = client.say(b"bye")
    with pytest.raises(ssl.SSLWantReadError):
        client.object.unwrap()
    assert channel.decrypt(last + client.outgoing.read()) == b"bye"
    assert channel.ended


def test_our_goodbye_ends_what_the_peer_reads(channel: Channel) -> None:
    client = joined(channel)
    secret = channel.encrypt(b"bye")
    channel.close()
    client.incoming.write(secret + channel.outgoing.read())
    assert client.object.read(100) == b"bye"
    assert client.object.read(100) == b""


def test_our_goodbye_before_the_handshake_is_over_is_no_fault(
    channel: Channel,
) -> None:
    channel.close()


def test_a_record_that_was_changed_says_nothing(channel: Channel) -> None:
    secret = bytearray(joined(channel).say(b"hello"))
    secret[-1] ^= 1
    with pytest.raises(ConnectionError, match="TLS: "):
        channel.decrypt(bytes(secret))
    assert channel.outgoing.pending  # the alert


@pytest.mark.parametrize("seed", range(20))
def test_garbage_is_a_broken_connection_and_nothing_else(
    channel: Channel, seed: int
) -> None:
    chance = random.Random(seed)
    with pytest.raises(ConnectionError):
        for _ in range(100):
            channel.shake_hands(b"\x16\x03\x01" + chance.randbytes(400))


def test_new_keys_are_agreed_to_but_not_again_and_again(channel: Channel) -> None:
    client = RekeyingClient(carry(channel))
    for _ in range(10):
        assert channel.decrypt(client.new_keys()) == b""
        assert client.hear(channel.encrypt(b"still here")) == b"still here"
    assert channel.decrypt(client.say(b"me too")) == b"me too"
    with pytest.raises(ConnectionError, match="too many new keys"):
        channel.decrypt(b"".join(client.new_keys() for _ in range(100)))


@pytest.mark.parametrize(
    "refusal_of_this_python",
    [
        ssl.SSLError(1, "[EC: UNKNOWN_GROUP] unknown group"),  # Python 3.11.2
        ValueError("unknown elliptic curve name 'X25519'"),  # an OpenSSL without it
    ],
    ids=["not to be chosen", "unknown"],
)
def test_where_a_group_cannot_be_asked_for_openssls_own_order_serves(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, refusal_of_this_python: Exception
) -> None:
    def refuse(context: ssl.SSLContext, name: str) -> None:
        raise refusal_of_this_python

    monkeypatch.delattr(ssl.SSLContext, "set_groups", raising=False)
    monkeypatch.setattr(ssl.SSLContext, "set_ecdh_curve", refuse)
    channel = Channel(new_context(pair))
    client = joined(channel)
    assert channel.decrypt(client.say(b"hello")) == b"hello"


# --------------------------------------------------------------- the keyring


def test_a_new_pair_is_for_new_connections_and_the_old_ones_go_on(
    tmp_path: Path, pair: Pair
) -> None:
    keyring = Keyring(pair)
    before = keyring.channel()
    client = joined(before)
    newer = make_pair(tmp_path, "newer")
    keyring.load(newer)
    assert keyring.fingerprint == newer.fingerprint
    assert before.decrypt(client.say(b"still here")) == b"still here"
    shown = joined(keyring.channel()).object.getpeercert(binary_form=True)
    assert shown == ssl.PEM_cert_to_DER_cert(newer.certificate.read_text())


def test_a_broken_new_pair_changes_nothing(tmp_path: Path, pair: Pair) -> None:
    keyring = Keyring(pair)
    other = make_pair(tmp_path, "other")
    with pytest.raises(StartError):
        keyring.load(Pair(pair.certificate, other.key, other.fingerprint))
    assert keyring.fingerprint == pair.fingerprint
    joined(keyring.channel())


def refusal(pair: Pair) -> str:
    with pytest.raises(StartError) as caught:
        new_context(pair)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert str(pair.key) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_key_that_does_not_fit_is_one_sentence(tmp_path: Path, pair: Pair) -> None:
    other = make_pair(tmp_path, "other")
    mixed = Pair(pair.certificate, other.key, "")
    assert "the key does not fit the certificate" in refusal(mixed)


def test_a_key_behind_a_passphrase_is_one_sentence_and_nobody_is_asked(
    tmp_path: Path,
) -> None:
    assert "can't be used" in refusal(make_pair(tmp_path, passphrase=b"secret words"))


def test_a_key_that_is_too_short_is_one_sentence(tmp_path: Path) -> None:
    assert "too short" in refusal(make_pair(tmp_path, key=rsa_key(1024)))


def test_a_certificate_and_a_key_that_are_none_are_one_sentence(
    tmp_path: Path, pair: Pair
) -> None:
    nothing = tmp_path / "nothing"
    nothing.write_text("nothing")
    assert "not PEM" in refusal(Pair(pair.certificate, nothing, ""))
    assert "No such file" in refusal(Pair(tmp_path / "none", pair.key, ""))


def test_an_rsa_key_will_do(tmp_path: Path) -> None:
    context = new_context(make_pair(tmp_path, key=rsa_key(2048)))
    assert joined(Channel(context)).object.version() == "TLSv1.3"
