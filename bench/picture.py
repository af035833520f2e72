"""Draw docs/two-terminals.svg, the README's picture: `python -m bench.picture`.

A server and two clients run in tmux, and the picture is what the two terminals show in
the end. A test compares it with what they show today.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

__all__ = ["PICTURE", "draw", "shown_today"]

_ROOT = Path(__file__).resolve().parent.parent
#: Where it is kept.
PICTURE = _ROOT / "docs" / "two-terminals.svg"

_COLUMNS, _ROWS = 54, 19
_PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.05

# Who types what, and what has to be seen by whom before it goes on. A message is read
# when a key shows that somebody sits there.
_NAMES = ("alice", "bob")
_START = "python my_client.py -n "
_SCENE = (
    ("alice", _START + "alice", {"alice": "signed in as alice"}),
    ("bob", _START + "bob", {"bob": "signed in as bob"}),
    (
        "alice",
        "@bob hello, are you there?",
        {"bob": "alice: hello", "alice": "there? ✓"},
    ),
    ("bob", "", {"alice": "✓✓ read"}),
    ("bob", "@alice yes! 👋", {"alice": "bob: yes!", "bob": "👋 ✓"}),
    ("alice", "", {"bob": "✓✓ read"}),
    ("alice", "join #tea", {"alice": "plain lines go to #tea"}),
    ("bob", "join #tea", {"bob": "plain lines go to #tea", "alice": "bob joined"}),
    ("alice", "the kettle is on", {"bob": "kettle", "alice": "is on ✓"}),
    ("bob", "на кухне через минуту", {"alice": "минуту", "bob": "минуту ✓"}),
    ("bob", "/users #tea", {"bob": "2 in #tea"}),
)

# As tmux tells how a cell looks.
_STYLE = re.compile("\x1b\\[([0-9;]*)m")
_WHITE, _GREY, _BLUE, _GREEN = "#e6e6e6", "#8b95a4", "#8ab4f8", "#8fd18f"
_LEFT, _TOP, _WIDTH, _LINE = 14, 50, 8, 19
_PANE = _LEFT * 2 + _COLUMNS * _WIDTH
_GAP = 20
_FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"


def main() -> int:
    """Draw the picture anew."""
    PICTURE.write_text(draw(shown_today()), "utf-8")
    print(PICTURE)
    return 0


# ------------------------------------------------------------------ the terminals


def shown_today() -> dict[str, list[str]]:
    """Return the rows of both terminals at the scene's end, with their styles."""
    with tempfile.TemporaryDirectory() as folder, _server(folder) as environment:
        tmux = _Tmux(environment)
        try:
            for name in (*_NAMES, "eve"):
                tmux.open(name)
            # The first start ever explains the commands, at length.
            tmux.play("eve", _START + "eve", {"eve": "signed in as eve"})
            tmux.play("eve", "exit", {"eve": "$"})
            for who, line, awaited in _SCENE:
                tmux.play(who, line, awaited)
            shown = {name: tmux.rows(name) for name in _NAMES}
            # Who has left writes nothing more into the folder.
            for name in _NAMES:
                tmux.play(name, "/quit", {name: "$"})
            return shown
        finally:
            tmux("kill-server")


@contextlib.contextmanager
def _server(folder: str) -> Iterator[dict[str, str]]:
    """Run a server of its own; give the environment for its clients."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JIM_", "TMUX"))}
    homes = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    environment = kept | dict.fromkeys([*homes, "TMUX_TMPDIR"], folder)
    environment |= {"LC_ALL": "C.UTF-8", "JIM_LOG_DIR": folder}
    binaries = os.path.dirname(sys.executable)
    environment["PATH"] = f"{binaries}{os.pathsep}{kept.get('PATH', '')}"
    command = [sys.executable, "my_server.py", "-p", "0", "-a", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--data-dir", folder],
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"port (\d+)", process.stdout.readline())
            assert found is not None, "the server did not start"
            yield environment | {"JIM_PORT": found[1]}
        finally:
            process.terminate()


class _Tmux:
    """A tmux server with a window for each name, in which a shell runs."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._command = ["tmux", "-u", "-L", "picture", "-f", os.devnull]

    def __call__(self, *words: str) -> str:
        return subprocess.run(
            [*self._command, *words],
            cwd=_ROOT,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
        ).stdout

    def open(self, name: str) -> None:
        """Open the window of this name."""
        size = ("-x", str(_COLUMNS), "-y", str(_ROWS))
        how = ("new-session", *size) if name == _NAMES[0] else ("new-window",)
        self(*how, "-d", "-n", name, "env", "PS1=$ ", "sh")
        self._wait_for(name, "$")

    def play(self, who: str, line: str, awaited: dict[str, str]) -> None:
        """Type a line, and wait until each window shows what is awaited behind it.

        Where there is none it is a key that does nothing.
        """
        before = {n: self.text(n).count(text) for n, text in awaited.items()}
        if line:
            self("send-keys", "-t", f":{who}", "-l", line)
        self("send-keys", "-t", f":{who}", "Enter" if line else "Right")
        for name, text in awaited.items():
            self._wait_for(name, text, before[name])

    def rows(self, name: str) -> list[str]:
        """Return what a window shows, a string with styles for each row."""
        shown = self("capture-pane", "-p", "-e", "-t", f":{name}")
        return shown.rstrip().splitlines()

    def text(self, name: str) -> str:
        """Return all that a window has shown since it was last cleared."""
        return self("capture-pane", "-p", "-S", "-", "-t", f":{name}").rstrip("\n")

    def _wait_for(self, name: str, text: str, before: int = 0) -> None:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while (shown := self.text(name)).count(text) <= before:
            if time.monotonic() > ends:
                raise TimeoutError(f"{name} does not show {text!r}:\n{shown}")
            time.sleep(_LOOK_SECONDS)


# -------------------------------------------------------------------- the picture


def draw(terminals: dict[str, list[str]]) -> str:
    """Return the picture of terminals by their titles, side by side."""
    height = _TOP + _LINE * _ROWS - 7
    width = len(terminals) * (_PANE + _GAP) - _GAP
    label = "Two terminals: alice and bob talk to each other"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{_FONT}" font-size="13" '
        f'role="img" aria-label="{label}">'
    ]
    for number, (title, rows) in enumerate(terminals.items()):
        lines += [
            f'<g transform="translate({number * (_PANE + _GAP)},0)">',
            f'<rect width="{_PANE}" height="{height}" rx="8" fill="#1c1f26"/>',
            f'<rect width="{_PANE}" height="26" rx="8" fill="#2b303b"/>',
            f'<text x="{_PANE // 2}" y="18" text-anchor="middle" fill="#9aa4b2">'
            f"{title}</text>",
            *_draw_rows(rows),
            "</g>",
        ]
    return "\n".join([*lines, "</svg>", ""])


def _draw_rows(rows: Sequence[str]) -> Iterator[str]:
    colour = _WHITE
    for number, row in enumerate(rows):
        spans = []
        text, *styled = _STYLE.split(row)
        pieces = [(colour, text)]
        for codes, piece in zip(styled[::2], styled[1::2], strict=True):
            colour = _colour(codes, colour)
            pieces.append((colour, piece))
        for fill, piece in pieces:
            if piece:
                shown = _GREEN if piece.startswith("$ ") else fill
                spans.append(f'<tspan fill="{shown}">{escape(piece)}</tspan>')
        if spans:
            place = f'x="{_LEFT}" y="{_TOP + _LINE * number}"'
            yield f'<text {place} xml:space="preserve">{"".join(spans)}</text>'


def _colour(codes: str, before: str) -> str:
    """Return the colour after a change of style: bold is blue, dim is grey."""
    for code in codes.split(";"):
        before = {"1": _BLUE, "2": _GREY, "0": _WHITE, "": _WHITE}.get(code, before)
    return before


if __name__ == "__main__":
    sys.exit(main())
