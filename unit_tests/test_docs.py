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
