"""How a log record becomes one line: text for people, JSON for programs, bare."""

import json
import logging
import traceback

from common.safe_text import visible
from log_config.describing import describe_error

__all__ = ["BareFormatter", "JsonFormatter", "TextFormatter"]


class BareFormatter(logging.Formatter):
    """`server.hub: what happened`, always one line: for who knows when, and of whom.

    A traceback follows on the same line, frame by frame; the text of the error itself
    is left out, because it may quote what somebody wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of `record`, without its newline."""
        line = f"{record.name}: {visible(record.getMessage())}"
        return f"{line} | {_trace(record)}" if record.exc_info else line


class TextFormatter(BareFormatter):
    """`2026-01-31 12:00:00.123 INFO [pid] server.hub: what happened`, always one line.

    A traceback follows as in the bare form.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of `record`, without its newline."""
        when = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        head = f"{when}.{int(record.msecs):03d} {record.levelname} [{record.process}]"
        return f"{head} {super().format(record)}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line; a call's parts have keys of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object of `record` as one line, without its newline."""
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        fields: dict[str, object] = {
            "time": f"{when}.{int(record.msecs):03d}",
            "level": record.levelname,
            "process": record.process,
            "logger": record.name,
        }
        call = getattr(record, "call", None)
        if call is None:
            fields["message"] = visible(record.getMessage())
        else:
            fields.update(call)
        if record.exc_info:
            fields["trace"] = _trace(record)
        return json.dumps(fields, ensure_ascii=False)


def _trace(record: logging.LogRecord) -> str:
    assert record.exc_info
    _, error, where = record.exc_info
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(where)
    ]
    kind = describe_error(error) if error else "no error"
    return " > ".join([*frames, kind])
