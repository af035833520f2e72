"""What the documentation promises: its bot runs, its links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from unit_tests.helpers import ROOT, clean_environment, run_server

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def test_the_ten_line_bot_answers(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "bot.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    with run_server() as server, server.signed_in("alice") as alice:
        bot = tmp_path / "bot.py"
        bot.write_text(found[1].replace("7777", str(server.port)), "utf-8")
        variables = clean_environment(PYTHONPATH=os.fspath(ROOT))
        with subprocess.Popen([sys.executable, str(bot)], env=variables) as process:
            try:
                while True:
                    alice.say("echo-bot", "привет")
                    answer = alice.wait_for(
                        lambda o: o.get("from") == "echo-bot" or o["response"] != 200
                    )
                    if "message" in answer:
                        break
                assert answer["message"] == "you said: привет"
            finally:
                process.terminate()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link


def test_what_the_readme_says_is_not_there_is_not_there() -> None:
    page = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert "There is no web client and no IRC yet." in page
    for said, answer in (
        (b"GET / HTTP/1.1\r\nHost: chat\r\n\r\n", b"HTTP/1.1 501 "),
        (b"NICK alice\r\nUSER alice 0 * :alice\r\n", b"ERROR "),
    ):
        with run_server() as server, server.connect() as peer:
            peer.send_bytes(said)
            assert peer.read_to_end().startswith(answer)


def test_who_gets_in_is_what_the_readme_says() -> None:
    page = " ".join((ROOT / "README.md").read_text("utf-8").split())
    flags = ("--no-guests", "--registration", "invite")
    assert "at first everybody who reaches the port does, as a guest" in page
    assert f"With `{' '.join(flags)}` only whom you invite" in page
    with run_server() as server, server.signed_in("stranger"):
        pass
    with run_server(*flags) as server, server.connect() as peer:
        assert peer.sign_in("stranger")["response"] == 401
