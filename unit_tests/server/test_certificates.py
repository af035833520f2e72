"""The certificate: made once for us alone, or given; and what can be wrong with it."""

import os
import ssl
import stat
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from common.fingerprints import fingerprint_of
from common.names import Label
from errors import ExitCode, StartError
from server.certificates import end_of, given_pair, own_pair
from server.tls import Channel, new_context
from unit_tests.server.tls_peers import NOW, TlsClient, make_pair

ADDRESSES = [Label("192.0.2.7"), Label("127.0.0.1"), Label("fe80::1"), Label("-a-")]


def certificate_in(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_first_start_makes_a_pair_that_only_we_may_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        pair = own_pair(tmp_path, ADDRESSES, NOW)
    finally:
        os.umask(before)
    for path in (pair.certificate, pair.key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tls.crt", "tls.key"]
    der = ssl.PEM_cert_to_DER_cert(pair.certificate.read_text())
    assert pair.fingerprint == fingerprint_of(der)


def test_it_is_of_p_256_lasts_long_and_names_where_we_are_found(tmp_path: Path) -> None:
    made = certificate_in(own_pair(tmp_path, ADDRESSES, NOW).certificate)
    key = made.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert made.not_valid_before_utc < NOW - timedelta(days=1)
    assert made.not_valid_after_utc > NOW + timedelta(days=19 * 365)
    found = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in found.get_values_for_type(x509.DNSName)
    assert "a b" not in found.get_values_for_type(x509.DNSName)
    addresses = found.get_values_for_type(x509.IPAddress)
    assert {*map(str, addresses)} == {"192.0.2.7", "127.0.0.1", "fe80::1", "::1"}
    assert len(addresses) == len(set(addresses))


def test_a_client_that_is_given_it_as_authority_finds_nothing_wrong(
    tmp_path: Path,
) -> None:
    pair = own_pair(tmp_path, ADDRESSES, NOW)
    context = ssl.create_default_context(cafile=str(pair.certificate))
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 does by itself
    client, channel = TlsClient(), Channel(new_context(pair))
    client.object = context.wrap_bio(
        client.incoming, client.outgoing, server_hostname="127.0.0.1"
    )

    def exchange(data: bytes) -> bytes:
        channel.shake_hands(data)
        return channel.outgoing.read()

    client.shake_hands(exchange)
    assert channel.decrypt(client.say(b"hello")) == b"hello"


def test_the_next_start_finds_the_same(tmp_path: Path) -> None:
    first = own_pair(tmp_path, ADDRESSES, NOW)
    assert own_pair(tmp_path, [], NOW + timedelta(days=1)) == first


def test_a_start_that_was_cut_off_between_the_two_files_is_made_up_for(
    tmp_path: Path,
) -> None:
    first = own_pair(tmp_path, ADDRESSES, NOW)
    kept = first.key.read_bytes()
    first.certificate.unlink()
    second = own_pair(tmp_path, ADDRESSES, NOW)
    assert second.key.read_bytes() == kept
    new_context(second)


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN PRIVATE KEY-----"])
def test_a_key_that_is_none_of_ours_is_not_overwritten(
    tmp_path: Path, content: bytes
) -> None:
    key = tmp_path / "tls.key"
    key.write_bytes(content)
    with pytest.raises(StartError, match=r"tls\.key .*no key of ours"):
        own_pair(tmp_path, ADDRESSES, NOW)
    assert key.read_bytes() == content


def test_a_lost_key_is_one_sentence(tmp_path: Path) -> None:
    own_pair(tmp_path, ADDRESSES, NOW).key.unlink()
    with pytest.raises(StartError, match=r"tls\.key .*No such file") as caught:
        own_pair(tmp_path, ADDRESSES, NOW)
    assert caught.value.exit_code == ExitCode.SETTINGS


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="--data-dir"):
        own_pair(tmp_path / "none", ADDRESSES, NOW)


# --------------------------------------------------------------------- given


def test_a_given_pair_is_taken_as_it_is(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    assert given_pair(pair.certificate, pair.key, NOW)[:3] == pair[:3]
    assert end_of(pair.certificate) == (NOW + timedelta(days=30)).astimezone(UTC)


def test_of_a_chain_the_first_is_the_servers_own(tmp_path: Path) -> None:
    pair, other = make_pair(tmp_path), make_pair(tmp_path, "authority")
    with pair.certificate.open("ab") as file:
        file.write(other.certificate.read_bytes())
    assert given_pair(pair.certificate, pair.key, NOW).fingerprint == pair.fingerprint


def refusal(certificate: Path, key: Path) -> str:
    with pytest.raises(StartError) as caught:
        given_pair(certificate, key, NOW)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    pair, none = make_pair(tmp_path), tmp_path / "none.pem"
    for files in ((none, pair.key), (pair.certificate, none)):
        assert f"{none} can't be used for TLS: No such file" in refusal(*files)


def test_what_has_expired_says_when(tmp_path: Path) -> None:
    pair = make_pair(tmp_path, end=NOW - timedelta(days=1))
    assert "expired on 2026-11-20" in refusal(pair.certificate, pair.key)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
)
def test_what_is_no_certificate_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    pair = make_pair(tmp_path)
    pair.certificate.write_bytes(content)
    assert "no certificate in it" in refusal(pair.certificate, pair.key)
