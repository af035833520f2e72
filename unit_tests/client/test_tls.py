import ssl
from pathlib import Path

import pytest

from client.known_servers import KnownServers
from client.tls import Trust
from common.client_settings import ClientSettings
from common.fingerprints import fingerprint_of, shown
from common.names import Label
from errors import Distrusted, ExitCode, SettingsError
from unit_tests.certificates import make_certificate

FIRST, SECOND = b"first", b"second"
HERE, THERE = Label("127.0.0.1"), Label("192.0.2.7")


@pytest.fixture
def known(tmp_path: Path) -> KnownServers:
    return KnownServers(tmp_path / "known_servers")


def settings(**fields: object) -> ClientSettings:
    return ClientSettings(**({"address": "host"} | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "here", "there"),
    [
        ({}, False, True),
        ({"tls": True}, True, True),
        ({"tls": False}, False, False),
        ({"fingerprint": fingerprint_of(FIRST)}, True, True),
    ],
)
def test_tls_is_left_out_on_this_machine_alone_unless_it_is_said(
    fields: dict[str, object], here: bool, there: bool
) -> None:
    trust = Trust(settings(**fields))
    assert (trust.wants_tls(HERE), trust.wants_tls(THERE)) == (here, there)


def test_a_ca_asks_for_tls_and_for_the_name_in_the_certificate(tmp_path: Path) -> None:
    file = str(make_certificate(tmp_path, "ca").file)
    trust = Trust(settings(ca=file))
    assert trust.wants_tls(HERE)
    assert trust.context().verify_mode is ssl.CERT_REQUIRED
    assert trust.context().check_hostname
    assert trust.judge(FIRST) == ""


def test_old_versions_and_compression_are_not_spoken() -> None:
    context = Trust(settings()).context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"fingerprint": "x"}, "not a certificate's fingerprint"),
        ({"tls": False, "fingerprint": fingerprint_of(FIRST)}, "only TLS has"),
        ({"tls": False, "ca": "ca.pem"}, "only TLS has"),
        ({"ca": "no/such/file"}, "no/such/file can't be used: No such file"),
        ({"ca": __file__}, "it holds no PEM certificate"),
    ],
)
def test_rules_that_make_no_sense_are_refused(
    fields: dict[str, object], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        Trust(settings(**fields))


def test_a_stranger_is_known_once_somebody_accepts_it(known: KnownServers) -> None:
    trust = Trust(settings(), known)
    assert trust.judge(FIRST) == fingerprint_of(FIRST)
    assert trust.seen == ""
    assert trust.accept(fingerprint_of(FIRST)) == ""
    assert trust.judge(FIRST) == ""
    assert trust.seen == fingerprint_of(FIRST)
    assert Trust(settings(), known).judge(FIRST) == ""
    assert Trust(settings(port=1), known).judge(FIRST) == fingerprint_of(FIRST)


def test_a_changed_certificate_is_refused_with_the_way_out(
    known: KnownServers,
) -> None:
    known.pin("host:7777", fingerprint_of(FIRST))
    with pytest.raises(Distrusted) as caught:
        Trust(settings(), known).judge(SECOND)
    sentence = str(caught.value)
    assert "THE CERTIFICATE OF host:7777 HAS CHANGED" in sentence
    assert f"known: {shown(fingerprint_of(FIRST))}" in sentence
    assert f"shown: {shown(fingerprint_of(SECOND))}" in sentence
    assert f"remove line 3 of {known.path}" in sentence
    assert f"--fingerprint {shown(fingerprint_of(SECOND))}" in sentence
    assert caught.value.exit_code is ExitCode.NOT_ALLOWED


def test_the_fingerprint_that_is_given_takes_the_place_of_the_known_one(
    known: KnownServers,
) -> None:
    known.pin("host:7777", fingerprint_of(FIRST))
    given = settings(fingerprint=shown(fingerprint_of(SECOND)))
    with pytest.raises(Distrusted, match="another certificate than the one"):
        Trust(given, known).judge(FIRST)
    assert Trust(settings(), known).judge(FIRST) == ""
    assert Trust(given, known).judge(SECOND) == ""
    assert Trust(settings(), known).judge(SECOND) == ""


def test_what_another_client_has_learned_meanwhile_counts(known: KnownServers) -> None:
    trust = Trust(settings(), known)
    assert trust.judge(FIRST)
    known.pin("host:7777", fingerprint_of(SECOND))
    with pytest.raises(Distrusted, match="HAS CHANGED"):
        trust.accept(fingerprint_of(FIRST))


def test_where_nothing_can_be_written_a_server_is_known_until_the_end(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    trust = Trust(settings(), KnownServers(tmp_path / "file" / "known_servers"))
    assert "can't be written" in trust.accept(fingerprint_of(FIRST))
