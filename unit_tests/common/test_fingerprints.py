import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.fingerprints import fingerprint_of, read_fingerprint, shown

DER = b"a certificate"
DIGEST = hashlib.sha256(DER).digest()
OURS = base64.urlsafe_b64encode(DIGEST).decode().rstrip("=")


def test_a_fingerprint_is_43_characters_and_is_shown_with_its_kind() -> None:
    assert fingerprint_of(DER) == OURS
    assert len(OURS) == 43
    assert shown(OURS) == f"SHA256:{OURS}"


@given(st.binary())
def test_a_fingerprint_is_read_in_every_form_that_tools_show(der: bytes) -> None:
    digest, ours = hashlib.sha256(der).digest(), fingerprint_of(der)
    forms = [
        ours,
        shown(ours),
        f"sha256:{ours}",
        f" {ours}\n",
        ours + "=",
        base64.b64encode(digest).decode(),
        base64.b64encode(digest).decode().rstrip("="),
        digest.hex(),
        digest.hex(":").upper(),
        f"SHA256:{digest.hex(':')}",
    ]
    assert {read_fingerprint(form) for form in forms} == {ours}


@pytest.mark.parametrize(
    "text",
    [
        "",
        OURS[:-1],
        OURS + "x",
        OURS[:-1] + "!",
        DIGEST.hex()[:-1],
        DIGEST.hex() + "00",
        "MD5:" + OURS,
        OURS[:20] + " " + OURS[20:],
        "é" * 43,
    ],
)
def test_what_is_no_fingerprint_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="not a certificate's fingerprint") as caught:
        read_fingerprint(text)
    assert not text or text not in str(caught.value)


def test_two_spellings_of_the_last_character_are_one_fingerprint() -> None:
    # 43 characters carry two bits more than 32 bytes; what they are says nothing.
    assert read_fingerprint("A" * 42 + "A") == read_fingerprint("A" * 42 + "B")
