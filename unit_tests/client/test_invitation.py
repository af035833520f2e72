import time

import pytest

from client.events_rules import InviteMade
from client.invitation import invitation_lines
from client.line import Tone
from client.picture import picture
from common.join_line import JoinLine, read_join_line
from common.names import Secret

NOW = time.mktime((2026, 3, 4, 12, 34, 56, 0, 0, -1))
MADE = InviteMade(1, Secret("inv_" + "x" * 22), 3, NOW + 86_400)


def test_an_invitation_is_shown_as_the_line_that_joins() -> None:
    server = JoinLine("192.168.1.5", 7777, "A" * 43)
    first, line, code, *how = invitation_lines(MADE, server, NOW)
    assert first.text == (
        "an invitation, number 3, good until 2026-03-05 12:34; it is shown this once:"
    )
    assert line.tone is Tone.WHOLE
    assert read_join_line(Secret(line.text)) == server._replace(invite=MADE.invite)
    assert (code.tone, code.text) == (Tone.CODE, line.text)
    assert "  make client" in [row.text for row in how]


def test_an_address_that_is_this_machine_alone_is_said_to_be_one() -> None:
    for host in ("localhost", "127.0.0.1", "::1"):
        lines = invitation_lines(MADE, JoinLine(host, 7777), NOW)
        assert any("this machine alone" in line.text for line in lines)


PLACES = {
    "192.0.2.9:7777#" + "E" * 43: ("192.0.2.9", 7777, "E" * 43),
    "chat.example:443": ("chat.example", 443, None),
    "": ("127.0.0.1", 7777, None),
    "no place at all": ("127.0.0.1", 7777, None),
    "\x1b[2J:1": ("127.0.0.1", 7777, None),
}


@pytest.mark.parametrize("place", PLACES)
def test_where_the_server_says_others_find_it_goes_into_the_line(place: str) -> None:
    made = InviteMade(1, MADE.invite, 3, NOW, place)
    lines = invitation_lines(made, JoinLine("127.0.0.1", 7777), NOW)
    assert read_join_line(Secret(lines[1].text)) == (*PLACES[place], MADE.invite)
    is_here = PLACES[place][0] == "127.0.0.1"
    assert any("this machine alone" in line.text for line in lines) == is_here


def test_what_we_know_of_the_certificate_goes_before_what_is_told() -> None:
    made = InviteMade(1, MADE.invite, 3, NOW, "chat.example:443#" + "E" * 43)
    _, line, *_ = invitation_lines(made, JoinLine("192.0.2.9", 7777, "A" * 43), NOW)
    assert read_join_line(Secret(line.text))[:3] == ("chat.example", 443, "A" * 43)


def test_without_a_server_the_invitation_alone_is_shown() -> None:
    _, line = invitation_lines(MADE, None, NOW)
    assert line.text == MADE.invite


def test_an_invitation_of_several_words_is_wrapped_as_all_texts() -> None:
    invite = Secret("inv_x" + " " * 90 + "12:34 bob: I am bob")
    made = InviteMade(1, invite, 3, NOW)
    _, line = invitation_lines(made, None, NOW)
    assert line.tone is Tone.DATA


def test_a_picture_is_as_wide_as_the_window_or_not_drawn() -> None:
    rows = picture(Secret("x" * 90), 80)
    assert len(rows) <= 24
    assert len({len(row) for row in rows}) == 1
    assert set("".join(rows)) <= set("█▀▄ ")
    assert picture(Secret("x" * 90), len(rows[0])) == rows
    assert picture(Secret("x" * 90), len(rows[0]) - 1) == []
