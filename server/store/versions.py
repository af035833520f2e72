"""The tables, as each version of the database's file has made or changed them."""

__all__ = [
    "STEPS",
    "VERSION_1",
    "VERSION_2",
    "VERSION_3",
    "VERSION_4",
    "VERSION_5",
    "VERSION_6",
]

# The last column of every index is the table's own key: the one of the messages is on
# (conversation, id), and naming the id would keep it twice.
VERSION_1 = """
CREATE TABLE state(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    last_message INTEGER NOT NULL,
    last_number INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, lower(hex(randomblob(8))), 0, 0);

CREATE TABLE identities(
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'account', 'former')),
    kept_until REAL,
    created REAL NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS REAL))
) STRICT;
CREATE INDEX living_identities ON identities(number) WHERE kind <> 'former';

CREATE TABLE accounts(
    identity INTEGER PRIMARY KEY REFERENCES identities(number),
    password TEXT
) STRICT;

CREATE TABLE devices(
    number INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL REFERENCES identities(number),
    digest TEXT NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    refused TEXT NOT NULL DEFAULT '[]',
    received INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    seen REAL NOT NULL,
    UNIQUE (identity, digest)
) STRICT;

CREATE TABLE tokens(
    number INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL REFERENCES accounts(identity) ON DELETE CASCADE,
    digest TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    used REAL,
    device INTEGER REFERENCES devices(number) ON DELETE CASCADE
) STRICT;
CREATE INDEX tokens_by_identity ON tokens(identity);
CREATE INDEX tokens_by_device ON tokens(device);

CREATE TABLE conversations(
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('room', 'line'))
) STRICT;

CREATE TABLE rooms(
    conversation INTEGER PRIMARY KEY REFERENCES conversations(number),
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    owner INTEGER REFERENCES identities(number),
    ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX open_rooms ON rooms(folded) WHERE ended = 0;

CREATE TABLE lines(
    conversation INTEGER PRIMARY KEY REFERENCES conversations(number),
    low INTEGER NOT NULL REFERENCES identities(number),
    high INTEGER NOT NULL REFERENCES identities(number),
    UNIQUE (low, high),
    CHECK (low <= high)
) STRICT;
CREATE INDEX lines_by_high ON lines(high);

CREATE TABLE members(
    conversation INTEGER NOT NULL REFERENCES rooms(conversation),
    identity INTEGER NOT NULL REFERENCES identities(number),
    since INTEGER NOT NULL,
    PRIMARY KEY (identity, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_conversation ON members(conversation);

CREATE TABLE messages(
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations(number),
    sender INTEGER NOT NULL REFERENCES identities(number),
    sender_name TEXT NOT NULL,
    device INTEGER NOT NULL,
    number INTEGER,
    time REAL NOT NULL,
    text TEXT NOT NULL,
    refers_to INTEGER,
    replaces INTEGER
) STRICT;
CREATE INDEX messages_by_conversation ON messages(conversation);

CREATE TABLE read_positions(
    identity INTEGER NOT NULL REFERENCES identities(number),
    conversation INTEGER NOT NULL REFERENCES conversations(number),
    message INTEGER NOT NULL,
    PRIMARY KEY (identity, conversation)
) STRICT, WITHOUT ROWID;
"""

# Who may do what. Times are UNIX seconds; a block covers the messages behind `since`
# up to `until`, all those to come while it is NULL.
VERSION_2 = """
ALTER TABLE state ADD COLUMN audit_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN audit_digest TEXT NOT NULL DEFAULT '';

ALTER TABLE accounts ADD COLUMN role TEXT NOT NULL DEFAULT 'member'
    CHECK (role IN ('member', 'moderator', 'owner'));
ALTER TABLE accounts ADD COLUMN seen REAL;
ALTER TABLE accounts ADD COLUMN shows_seen INTEGER NOT NULL DEFAULT 1
    CHECK (shows_seen IN (0, 1));

ALTER TABLE rooms ADD COLUMN access TEXT NOT NULL DEFAULT 'open'
    CHECK (access IN ('open', 'invited'));
ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN keep_days REAL;
ALTER TABLE rooms ADD COLUMN keep_bytes INTEGER;
CREATE INDEX rooms_with_limits ON rooms(conversation)
    WHERE keep_days IS NOT NULL OR keep_bytes IS NOT NULL;

CREATE TABLE permits(
    conversation INTEGER NOT NULL REFERENCES rooms(conversation),
    identity INTEGER NOT NULL REFERENCES identities(number),
    PRIMARY KEY (identity, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX permits_by_conversation ON permits(conversation);

CREATE TABLE invites(
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('guest', 'member', 'moderator', 'owner')),
    room INTEGER REFERENCES rooms(conversation),
    creator INTEGER REFERENCES identities(number),
    created REAL NOT NULL,
    expires REAL NOT NULL,
    uses_left INTEGER NOT NULL CHECK (uses_left >= 0),
    used INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sanctions(
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('ban', 'mute')),
    conversation INTEGER REFERENCES rooms(conversation),
    identity INTEGER REFERENCES identities(number),
    name TEXT NOT NULL,
    network TEXT,
    until REAL,
    creator INTEGER REFERENCES identities(number),
    created REAL NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE blocks(
    identity INTEGER NOT NULL REFERENCES identities(number),
    other INTEGER NOT NULL REFERENCES identities(number),
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (identity, other, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts(
    identity INTEGER NOT NULL REFERENCES identities(number),
    other INTEGER NOT NULL REFERENCES identities(number),
    PRIMARY KEY (identity, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_other ON contacts(other);
"""

# Up to which time deleting was safe when the server last noted it, in UNIX seconds (see
# `server/clock.py`); of an older file the last moment at which somebody was here.
VERSION_3 = """
ALTER TABLE state ADD COLUMN sure REAL;
UPDATE state SET sure = (
    SELECT max(known) FROM (
        SELECT (SELECT time FROM messages ORDER BY id DESC LIMIT 1) AS known
        UNION ALL SELECT max(seen) FROM devices
        UNION ALL SELECT max(seen) FROM accounts
    )
);
"""

# A token outlives the device that used it last.
VERSION_4 = """
CREATE TABLE lasting_tokens(
    number INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL REFERENCES accounts(identity) ON DELETE CASCADE,
    digest TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    used REAL,
    device INTEGER REFERENCES devices(number) ON DELETE SET NULL
) STRICT;
INSERT INTO lasting_tokens SELECT number, identity, digest, created, used, device
    FROM tokens;
DROP TABLE tokens;
ALTER TABLE lasting_tokens RENAME TO tokens;
CREATE INDEX tokens_by_identity ON tokens(identity);
CREATE INDEX tokens_by_device ON tokens(device);
"""

# What is unread is counted in the index: 50 conversations with a million messages took
# 900 ms with a look at each row for its sender. The id stands there twice for it, which
# costs a twentieth of the time to store a message.
VERSION_5 = """
DROP INDEX messages_by_conversation;
CREATE INDEX messages_by_conversation ON messages(conversation, id, sender);
"""

# What somebody says of themselves for all sessions.
VERSION_6 = """
ALTER TABLE identities ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE identities ADD COLUMN away INTEGER NOT NULL DEFAULT 0
    CHECK (away IN (0, 1));
"""

#: Each brings a file from the version that is its place to the next one.
STEPS = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6)
