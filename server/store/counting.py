"""How much there is in a data folder."""

import contextlib
from pathlib import Path

from msgspec import Struct

from decorators import log
from server.store.outside import database_in, reading

__all__ = ["Counts", "count"]

_COUNTS = (
    "SELECT (SELECT user_version FROM pragma_user_version),"
    " (SELECT count(*) FROM messages),"
    " (SELECT count(*) FROM accounts),"
    " (SELECT count(*) FROM identities WHERE kind <> 'former' AND kind = 'guest'),"
    " (SELECT count(*) FROM rooms WHERE ended = 0),"
    " (SELECT count(*) FROM lines),"
    " (SELECT time FROM messages ORDER BY id LIMIT 1),"
    " (SELECT time FROM messages ORDER BY id DESC LIMIT 1),"
    " last_message,"
    " (SELECT freelist_count FROM pragma_freelist_count)"
    " * (SELECT page_size FROM pragma_page_size) FROM state"
)


class Counts(Struct, frozen=True):
    """What a data folder holds; times are UNIX seconds, sizes bytes.

    `free_bytes` of the database hold nothing now, `files` are all files of the folder.
    """

    files: dict[str, int]
    version: int
    messages: int
    accounts: int
    guests: int
    rooms: int
    lines: int
    first_time: float | None
    last_time: float | None
    last_id: int
    free_bytes: int


@log
def count(folder: Path) -> Counts:
    """Count what is in a data folder; raises Refused or StoreFailed.

    The messages are counted one by one: ten million take a second.
    """
    with reading(folder) as connection:
        row = connection.execute(_COUNTS).fetchone()
    return Counts(_sizes(database_in(folder).parent), *row)


@log
def _sizes(folder: Path) -> dict[str, int]:
    sizes = {}
    for path in sorted(folder.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                sizes[path.name] = path.stat().st_size
    return sizes
