"""Passwords are compared slowly and alike, tokens can't be guessed."""

import re
import subprocess
import sys
from collections.abc import Callable

import argon2
import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.names import Secret
from errors import BadRequest, NotAllowed, TooLong
from server import passwords
from server.passwords import (
    LONGEST_PASSWORD_BYTES,
    Verdict,
    check_new_password,
    check_password,
    digest,
    hash_password,
    new_token,
    verify,
)
from unit_tests.helpers import ROOT, clean_environment

RIGHT, WRONG = Secret("correct horse"), Secret("correct house")
Check = Callable[[Secret], None]

REFUSED = Verdict(ok=False, rehashed=None)
ACCEPTED = Verdict(ok=True, rehashed=None)
NOT_HASHES = [
    "",
    "garbage",
    "ёжик",
    "\ud800",
    "$argon2id",
    "$argon2id$v=19$m=19456,t=2,p=1$",
    "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$\0",
    "$2b$12$abcdefghijklmnopqrstuv",
    "$argon2id$v=19$m=x,t=y,p=z$c2FsdHNhbHQ$c2FsdHNhbHQ",
]


@pytest.fixture(scope="module")
def stored() -> Secret:
    return hash_password(RIGHT)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[argon2.Parameters]:
    """Return what is hashed: its parameters, once for each time it is done."""
    done: list[argon2.Parameters] = []
    module = sys.modules[PasswordHasher.__module__]
    real = module.verify_secret

    def counted(stored: bytes, password: bytes, kind: argon2.Type) -> bool:
        try:
            same = bool(real(stored, password, kind))
        except argon2.exceptions.VerifyMismatchError:
            done.append(extract_parameters(stored.decode()))
            raise
        done.append(extract_parameters(stored.decode()))
        return same

    monkeypatch.setattr(module, "verify_secret", counted)
    return done


def test_the_right_password_is_accepted_and_no_other(stored: Secret) -> None:
    assert verify(stored, RIGHT) == ACCEPTED
    for wrong in (WRONG, Secret(""), Secret(RIGHT.upper()), Secret(RIGHT + " ")):
        assert verify(stored, wrong) == REFUSED


def test_a_hash_is_made_as_owasp_says_and_never_the_same_twice(stored: Secret) -> None:
    made = extract_parameters(stored)
    assert (made.type, made.version) == (argon2.Type.ID, 19)
    assert (made.memory_cost, made.time_cost, made.parallelism) == (19456, 2, 1)
    assert hash_password(RIGHT) != stored
    assert RIGHT not in stored


def test_letters_are_the_same_however_a_keyboard_composes_them() -> None:
    composed, apart = Secret("мой ёжик"), Secret("мои\u0306 е\u0308жик")
    assert composed != apart
    assert verify(hash_password(apart), composed) == ACCEPTED


def test_nobodys_password_costs_the_same_work_as_a_wrong_one(
    stored: Secret, work: list[argon2.Parameters]
) -> None:
    assert verify(stored, WRONG) == REFUSED
    assert verify(None, WRONG) == REFUSED
    wrong, nobody = work
    assert wrong == nobody


@pytest.mark.parametrize("garbage", NOT_HASHES)
def test_a_garbage_hash_is_a_no_with_the_same_work(
    stored: Secret, work: list[argon2.Parameters], garbage: str
) -> None:
    assert verify(Secret(garbage), RIGHT) == REFUSED
    assert work == [extract_parameters(stored)]


@settings(max_examples=20)
@given(stored=st.text(), password=st.text(max_size=300))
@example(stored="", password="")
@example(stored="$argon2id$v=19$m=8,t=1,p=1$", password="\ud800")
def test_verify_never_raises(stored: str, password: str) -> None:
    assert verify(Secret(stored), Secret(password)) == REFUSED


def test_not_even_the_password_of_the_dummy_opens_what_has_none(
    stored: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_DUMMY", stored)
    assert verify(None, RIGHT) == REFUSED
    assert verify(Secret("garbage"), RIGHT) == REFUSED


def test_the_dummy_is_made_with_the_parameters_of_today(stored: Secret) -> None:
    assert extract_parameters(passwords._DUMMY) == extract_parameters(stored)


def test_a_hash_with_parameters_of_before_is_replaced_at_a_sign_in() -> None:
    before = Secret(PasswordHasher(1, 8, 1).hash(RIGHT))
    assert verify(before, WRONG) == REFUSED
    verdict = verify(before, RIGHT)
    assert verdict.ok
    assert verdict.rehashed is not None
    assert verify(verdict.rehashed, RIGHT) == ACCEPTED


@pytest.mark.parametrize(
    "password", ["x", " ", "12345678", "пароль", "a" * 256, "ж" * 128, "\0" * 8]
)
def test_a_password_may_be_anything_of_up_to_256_bytes(password: str) -> None:
    check_password(Secret(password))


@pytest.mark.parametrize("check", [check_password, check_new_password])
def test_an_empty_password_is_refused(check: Check) -> None:
    with pytest.raises(BadRequest, match="empty"):
        check(Secret(""))


@pytest.mark.parametrize("check", [check_password, check_new_password])
@pytest.mark.parametrize("password", ["a" * 257, "ж" * 129, "x" * 100_000])
def test_a_password_of_more_than_256_bytes_is_refused_with_the_limit(
    check: Check, password: str
) -> None:
    with pytest.raises(TooLong, match="256") as refusal:
        check(Secret(password))
    assert refusal.value.limit == LONGEST_PASSWORD_BYTES


@pytest.mark.parametrize("check", [check_password, check_new_password])
def test_a_password_that_is_no_text_is_refused(check: Check) -> None:
    with pytest.raises(BadRequest):
        check(Secret("\ud800" * 8))


def test_a_new_password_of_7_characters_is_refused_and_of_8_is_not() -> None:
    with pytest.raises(NotAllowed, match="at least 8 characters"):
        check_new_password(Secret("ж" * 7))
    check_new_password(Secret("ж" * 8))


def test_a_token_is_random_and_can_be_recognised() -> None:
    made = {new_token() for _ in range(1000)}
    assert len(made) == 1000
    for token in made:
        # 43 characters of 6 bits: 258, of which 256 are random.
        assert re.fullmatch(r"jim_[A-Za-z0-9_-]{43}", token)
        check_password(token)


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest(Secret("abc")) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert digest(Secret("\ud800")) != digest(Secret("\ud801"))


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    program = "import sys, server.passwords; print('argon2' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
