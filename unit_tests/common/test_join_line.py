import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.fingerprints import fingerprint_of
from common.join_line import JoinLine, join_line, read_join_line
from common.names import Secret

PRINT = fingerprint_of(b"a certificate")
INVITE = Secret("inv_" + "x" * 22)

LINES = [
    ("chat.example:7777", JoinLine("chat.example", 7777)),
    (f"192.0.2.7:1#{PRINT}", JoinLine("192.0.2.7", 1, PRINT)),
    (f"host:65535#&invite={INVITE}", JoinLine("host", 65535, None, INVITE)),
    (f"[::1]:7777#{PRINT}&invite={INVITE}", JoinLine("::1", 7777, PRINT, INVITE)),
    ("[fe80::1%eth0]:80", JoinLine("fe80::1%eth0", 80)),
    ("имя.example:7777", JoinLine("имя.example", 7777)),
]


@pytest.mark.parametrize(("text", "line"), LINES)
def test_a_line_is_read_and_written(text: str, line: JoinLine) -> None:
    assert read_join_line(Secret(text)) == line
    assert join_line(line) == text


@given(
    st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True),
    st.integers(1, 65535),
    st.none() | st.binary().map(fingerprint_of),
    st.none() | st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True),
)
def test_what_is_written_is_read_again(
    host: str, port: int, fingerprint: str | None, invite: Secret | None
) -> None:
    line = JoinLine(host, port, fingerprint, invite)
    assert read_join_line(join_line(line)) == line


@pytest.mark.parametrize(
    "around", [" {}\n", "'{}'", '"{}"', ' "{}" ', "my_client.py join '{}'"]
)
def test_what_a_copy_brings_along_is_cut_off(around: str) -> None:
    text = join_line(JoinLine("host", 7777, PRINT, INVITE))
    assert read_join_line(Secret(around.format(text))) == JoinLine(
        "host", 7777, PRINT, INVITE
    )


@pytest.mark.parametrize("place", [10, 40, 80])
@pytest.mark.parametrize("gap", ["\n", " \r\n", "\n      "])
def test_a_line_that_was_broken_into_rows_is_put_together(place: int, gap: str) -> None:
    line = JoinLine("host", 7777, PRINT, INVITE)
    text = join_line(line)
    assert read_join_line(Secret(text[:place] + gap + text[place:])) == line


@pytest.mark.parametrize("prefix", ["", "SHA256:"])
def test_the_fingerprint_may_be_as_people_see_it(prefix: str) -> None:
    line = Secret(f"host:1#{prefix}{PRINT}")
    assert read_join_line(line).fingerprint == PRINT


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "begins with HOST:PORT"),
        ("host", "begins with HOST:PORT"),
        ("host:", "begins with HOST:PORT"),
        ("host:0", "begins with HOST:PORT"),
        ("host:65536", "begins with HOST:PORT"),
        ("::1:7777", "begins with HOST:PORT"),
        ("[]:7777", "begins with HOST:PORT"),
        ("ho st:7777", "begins with HOST:PORT"),
        (f"inv_secret#{PRINT}", "begins with HOST:PORT"),
        ("host:1#inv_secret", "not a certificate's fingerprint"),
        ("host:1#&inv_secret", "that is not one invite="),
        ("host:1#&invite=inv_secret&invite=inv_secret", "that is not one invite="),
        ("host:1#&invite=", "cut off or broken"),
        ("host:1#&invite=inv_secret…", "cut off or broken"),
    ],
)
def test_a_broken_line_is_refused_without_quoting_it(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        read_join_line(Secret(text))
    assert "secret" not in str(caught.value)
