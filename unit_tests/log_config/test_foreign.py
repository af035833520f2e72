import logging
from pathlib import Path

import pytest

from log_config import loader

pytestmark = pytest.mark.usefixtures("own_logging")

# Each is taken by dictConfig, and fails later: at a line, at a rotation, at a flush.
FAILING = {
    "class: logging.handlers.RotatingFileHandler": (
        "filename: a.log, maxBytes: 1, backupCount: '3'"
    ),
    "class: logging.handlers.MemoryHandler": "capacity: '9'",
    "class: logging.handlers.TimedRotatingFileHandler": (
        "filename: a.log, interval: 1, when: S, backupCount: '3'"
    ),
    "(): unit_tests.log_config.test_foreign.Broken": "level: INFO",
}


class Broken(logging.Handler):
    """A handler of others that can do nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        raise KeyError("marked-text")

    def flush(self) -> None:
        raise RuntimeError("marked-text")

    def close(self) -> None:
        super().close()
        raise RuntimeError("marked-text")


@pytest.mark.parametrize(("kind", "options"), FAILING.items())
def test_a_handler_of_others_that_fails_is_said_once_and_ends_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, options: str
) -> None:
    config = tmp_path / "others.yaml"
    config.write_text(
        f"version: 1\nhandlers:\n  it: {{{kind}, {options}}}\n"
        "loggers: {client: {level: INFO, handlers: [it]}}\n",
        "utf-8",
    )
    loader.configure("client", tmp_path, config)
    (handler,) = logging.getLogger("client").handlers
    if hasattr(handler, "rolloverAt"):
        handler.rolloverAt = 0
    for _ in range(3):
        logging.getLogger("client.x").info("a line")
        loader.flush("client")
    said = capsys.readouterr().err
    assert said.startswith(f"the log handler {type(handler).__name__} failed (")
    assert said.count("\n") == 1
    assert "marked-text" not in said
    handler.close()
