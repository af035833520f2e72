"""The commands about rooms, people and rules, against the server as it is."""

import re
from pathlib import Path

from unit_tests.client.programs import run_client
from unit_tests.helpers import Server, run_server

REFUSED = 1
PASSWORD = "long enough"

TYPED = """\
join #garden
close #garden
topic #garden tea and roses
invite bob #garden
mute bob #garden for 2h too loud
bans #garden
unmute bob #garden
bans everywhere
ban bob #garden
unban bob #garden
rooms
role bob moderator
invite as moderator 2 times for 3d to #garden
invites
add bob
contacts
whois bob
block bob
blocked
unblock bob
forget bob
away lunch
users
back
seen off
kick bob #all
remove #garden
"""
DATA = """\
bob: muted in #garden until TIME by olga: too loud
#all (2 members, you too)
#garden (1 member, you too, by invitation, host olga): tea and roses
127.0.0.1:PORT#&invite=INVITE
N: moderator, 2 uses left, good until TIME, into #garden, made by olga
bob (moderator, not here, seen just now)
bob is a moderator, not here, seen just now
bob
bob (moderator, not here, seen just now)
olga (you, owner, away): lunch
"""
TALK = """\
signed in as olga
✓ you joined #garden, which is new
✓ only who is invited can join #garden now
✓ the topic of #garden is: tea and roses
✓ bob may join #garden
✓ bob is muted in #garden for 2 h
1 banned or muted in #garden:
✓ bob is muted no longer in #garden
nobody is banned or muted on this server
✓ bob is banned from #garden for good
✓ bob is banned no longer in #garden
2 rooms:
✓ bob is a moderator now
1 invitation:
✓ bob is among your contacts
1 contact:
✓ you hear nothing more of bob; /unblock bob ends it
1 blocked:
✓ you hear bob again
✓ bob is none of your contacts any more
✓ you are away: lunch
1 here, 1 not:
✓ you are back
✓ nobody sees when you were here last
✓ #garden is gone
"""


def make_account(server: Server, name: str, **fields: str) -> None:
    with server.signed_in(name) as peer:
        user = {"account_name": name, "password": PASSWORD}
        peer.send({"action": "register", "id": 1, "user": user} | fields)
        answer = peer.wait_for(lambda found: found.get("id") == 1)
        assert answer["response"] == 201, answer


def without_chance(said: str) -> str:
    """Return lines without what differs from run to run."""
    said = re.sub(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d\b", "TIME", said)
    said = re.sub(r"^\d+: ", "N: ", said, flags=re.MULTILINE)
    return re.sub(r":\d+#[^&\s]*&invite=inv_\S+", ":PORT#&invite=INVITE", said)


def test_an_owner_can_do_all_that_there_is_to_do(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text(PASSWORD)
    with run_server() as server:
        text = (server.folder / "data" / "owner-invitation").read_text()
        (invite,) = re.findall(r"invite=(\S+)", text)
        make_account(server, "olga", invite=invite)
        make_account(server, "bob")
        flags = ("-n", "olga", "--password-file", str(password))
        done = run_client(tmp_path, server.port, TYPED, *flags)
    assert without_chance(done.stdout) == DATA
    said = done.stderr.splitlines(keepends=True)
    assert [one for one in TALK.splitlines(keepends=True) if one not in said] == []
    # Nobody leaves #all, so nobody is taken out of it.
    assert [one for one in said if one.startswith("kick bob: ")]
    assert done.returncode == REFUSED
