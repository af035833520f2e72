"""The questions of the reader, as SQL."""

from decorators import log

__all__ = [
    "CONVERSATIONS",
    "FLOOR",
    "HAS_BLOCKED",
    "MESSAGES",
    "MINE",
    "MISSED",
    "NEWEST",
    "OLDEST",
    "hidden",
]

#: The columns of a MessageRow, and where they come from. In a direct line the numbers
#: of the two less the sender's is the addressee's, also where somebody notes for
#: themselves.
_COLUMNS = (
    "m.id, m.conversation, m.sender, m.sender_name, "
    "coalesce(rooms.name, addressee.name), m.device, m.number, m.time, m.text"
)
_SOURCES = (
    "messages AS m "
    "LEFT JOIN rooms ON rooms.conversation = m.conversation "
    "LEFT JOIN lines ON lines.conversation = m.conversation "
    "LEFT JOIN identities AS addressee "
    "ON addressee.number = lines.low + lines.high - m.sender"
)
#: `SELECT` of MessageRow(*row), to be followed by WHERE and ORDER BY over `m`.
MESSAGES = f"SELECT {_COLUMNS} FROM {_SOURCES} "
#: The conversations of `:me`, and the message behind which one may see them.
MINE = (
    "WITH mine(conversation, since) AS ("
    " SELECT conversation, since FROM members WHERE identity = :me"
    " UNION ALL SELECT conversation, 0 FROM lines WHERE low = :me"
    " UNION ALL SELECT conversation, 0 FROM lines WHERE high = :me AND low <> :me"
    ") "
)


@log
def hidden(row: str) -> str:
    """Return the condition that `:me` had the sender of the message `row` blocked.

    Only the last block before it is looked at, however often they were blocked.
    """
    return (
        f"coalesce((SELECT coalesce(b.until >= {row}.id, 1) FROM blocks AS b"
        f" WHERE b.identity = :me AND b.other = {row}.sender AND b.since < {row}.id"
        " ORDER BY b.since DESC LIMIT 1), 0)"
    )


# Of two statements the second is for who has blocked somebody; who has not, which is
# nearly everybody, pays for no more than this question.
HAS_BLOCKED = "SELECT 1 FROM blocks WHERE identity = ? LIMIT 1"

# The first page lies in the conversations whose first missed messages are the oldest,
# at most one for each row; of these a page each is looked at, however much waits.
_MISSED = (
    f"{MINE}, heads(conversation, since, id) AS ("
    " SELECT conversation, since, ("
    "  SELECT one.id FROM messages AS one WHERE one.conversation = mine.conversation"
    "  AND one.id > max(:after, mine.since) ORDER BY one.id LIMIT 1"
    " ) FROM mine"
    "), oldest AS ("
    " SELECT conversation, since FROM heads WHERE id <= :upto ORDER BY id LIMIT :limit"
    f") SELECT {_COLUMNS}{{column}} FROM {_SOURCES} WHERE m.id IN ("
    " SELECT page.id FROM oldest CROSS JOIN messages AS page ON page.id IN ("
    "  SELECT one.id FROM messages AS one WHERE one.conversation = oldest.conversation"
    "  AND one.id > max(:after, oldest.since) AND one.id <= :upto"
    "  ORDER BY one.id LIMIT :limit"
    " ) ORDER BY page.id LIMIT :limit"
    ") ORDER BY m.id"
)
MISSED = (_MISSED.format(column=""), _MISSED.format(column=f", {hidden('m')}"))

# Behind which message somebody may see a conversation: of a room by invitation what was
# said since they were let in.
FLOOR = (
    "SELECT CASE access WHEN 'open' THEN 0 ELSE coalesce(("
    " SELECT since FROM members WHERE identity = :me AND conversation = :conversation"
    "), (SELECT last_message FROM state)) END"
    " FROM rooms WHERE conversation = :conversation"
)
_HISTORY = (
    f"{MESSAGES}WHERE m.conversation = :conversation"
    " AND m.id > :above AND m.id < :below{visible} ORDER BY m.id {order} LIMIT :limit"
)
_NOT_HIDDEN = f" AND NOT {hidden('m')}"
NEWEST = (
    _HISTORY.format(visible="", order="DESC"),
    _HISTORY.format(visible=_NOT_HIDDEN, order="DESC"),
)
OLDEST = (
    _HISTORY.format(visible="", order="ASC"),
    _HISTORY.format(visible=_NOT_HIDDEN, order="ASC"),
)

# Of a conversation so many of the newest rows are looked at, in the index alone.
_MOST_UNREAD = 1000
_VISIBLE, _LATE = (f" AND NOT {hidden(row)}" for row in ("one", "late"))
_CONVERSATIONS = (
    f"{MINE}, newest(conversation, since, id) AS MATERIALIZED ("
    " SELECT conversation, since, ("
    "  SELECT one.id FROM messages AS one WHERE one.conversation = mine.conversation"
    "  AND one.id > mine.since{visible} ORDER BY one.id DESC LIMIT 1"
    " ) FROM mine"
    "), page(id, since, position) AS ("
    " SELECT id, since, coalesce(("
    "  SELECT message FROM read_positions AS r"
    "  WHERE r.identity = :me AND r.conversation = newest.conversation"
    " ), 0) FROM newest WHERE id < :before ORDER BY id DESC LIMIT :limit"
    f") SELECT {_COLUMNS}, page.position, ("
    "  SELECT count(*) FILTER (WHERE late.sender <> :me{late}) FROM ("
    "   SELECT one.id, one.sender FROM messages AS one"
    "   WHERE one.conversation = m.conversation"
    "   AND one.id > max(page.position, page.since)"
    f"  ORDER BY one.id DESC LIMIT {_MOST_UNREAD}"
    "  ) AS late"
    " ), coalesce(rooms.name, partner.name) "
    f"FROM page CROSS JOIN {_SOURCES} "
    "LEFT JOIN identities AS partner ON partner.number = lines.low + lines.high - :me "
    "WHERE m.id = page.id ORDER BY page.id DESC"
)
CONVERSATIONS = (
    _CONVERSATIONS.format(visible="", late=""),
    _CONVERSATIONS.format(visible=_VISIBLE, late=_LATE),
)
