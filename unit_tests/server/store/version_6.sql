-- A database of version 6, as sqlite3 dumps it, with what a dump leaves out.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE accounts(
    identity INTEGER PRIMARY KEY REFERENCES identities(number),
    password TEXT
, role TEXT NOT NULL DEFAULT 'member'
    CHECK (role IN ('member', 'moderator', 'owner')), seen REAL, shows_seen INTEGER NOT NULL DEFAULT 1
    CHECK (shows_seen IN (0, 1))) STRICT;
INSERT INTO "accounts" VALUES(1,'$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA','owner',1700000400.5,1);
INSERT INTO "accounts" VALUES(10,NULL,'member',NULL,1);
INSERT INTO "accounts" VALUES(11,'$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$ZXZl','moderator',NULL,0);
CREATE TABLE blocks(
    identity INTEGER NOT NULL REFERENCES identities(number),
    other INTEGER NOT NULL REFERENCES identities(number),
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (identity, other, since)
) STRICT, WITHOUT ROWID;
INSERT INTO "blocks" VALUES(1,2,1,2);
INSERT INTO "blocks" VALUES(1,2,3,NULL);
CREATE TABLE contacts(
    identity INTEGER NOT NULL REFERENCES identities(number),
    other INTEGER NOT NULL REFERENCES identities(number),
    PRIMARY KEY (identity, other)
) STRICT, WITHOUT ROWID;
INSERT INTO "contacts" VALUES(1,10);
CREATE TABLE conversations(
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('room', 'line'))
) STRICT;
INSERT INTO "conversations" VALUES(6,'room');
INSERT INTO "conversations" VALUES(7,'room');
INSERT INTO "conversations" VALUES(8,'line');
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
INSERT INTO "devices" VALUES(4,1,'aa00000000000000000000000000000000000000000000000000000000000000',4,'[3]',2,1700000000.0,1700000200.25);
INSERT INTO "devices" VALUES(5,2,'bb00000000000000000000000000000000000000000000000000000000000000',0,'[]',0,1700000000.0,1700000000.0);
CREATE TABLE identities(
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'account', 'former')),
    kept_until REAL,
    created REAL NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS REAL))
, status TEXT NOT NULL DEFAULT '', away INTEGER NOT NULL DEFAULT 0
    CHECK (away IN (0, 1))) STRICT;
INSERT INTO "identities" VALUES(1,'alice','alice','account',NULL,1700000000.0,'',0);
INSERT INTO "identities" VALUES(2,'bob','bob','guest',1700000900.0,1700000000.0,'',0);
INSERT INTO "identities" VALUES(3,'Carol','carol','former',NULL,1700000000.0,'',0);
INSERT INTO "identities" VALUES(10,'dora','dora','account',NULL,1700000000.0,'',0);
INSERT INTO "identities" VALUES(11,'eve','eve','account',NULL,1700000000.0,'',0);
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
INSERT INTO "invites" VALUES(12,'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','member',7,1,1700000000.0,1700086400.0,2,1);
CREATE TABLE lines(
    conversation INTEGER PRIMARY KEY REFERENCES conversations(number),
    low INTEGER NOT NULL REFERENCES identities(number),
    high INTEGER NOT NULL REFERENCES identities(number),
    UNIQUE (low, high),
    CHECK (low <= high)
) STRICT;
INSERT INTO "lines" VALUES(8,1,2);
CREATE TABLE members(
    conversation INTEGER NOT NULL REFERENCES rooms(conversation),
    identity INTEGER NOT NULL REFERENCES identities(number),
    since INTEGER NOT NULL,
    PRIMARY KEY (identity, conversation)
) STRICT, WITHOUT ROWID;
INSERT INTO "members" VALUES(6,1,0);
INSERT INTO "members" VALUES(7,1,0);
INSERT INTO "members" VALUES(7,2,1);
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
INSERT INTO "messages" VALUES(1,8,2,'bob',5,NULL,1700000001.5,'привет',NULL,NULL);
INSERT INTO "messages" VALUES(2,8,1,'alice',4,2,1700000002.5,'hello',NULL,NULL);
INSERT INTO "messages" VALUES(3,7,1,'alice',4,4,1700000003.5,'tea?',NULL,NULL);
CREATE TABLE permits(
    conversation INTEGER NOT NULL REFERENCES rooms(conversation),
    identity INTEGER NOT NULL REFERENCES identities(number),
    PRIMARY KEY (identity, conversation)
) STRICT, WITHOUT ROWID;
INSERT INTO "permits" VALUES(7,10);
CREATE TABLE read_positions(
    identity INTEGER NOT NULL REFERENCES identities(number),
    conversation INTEGER NOT NULL REFERENCES conversations(number),
    message INTEGER NOT NULL,
    PRIMARY KEY (identity, conversation)
) STRICT, WITHOUT ROWID;
INSERT INTO "read_positions" VALUES(2,8,2);
CREATE TABLE rooms(
    conversation INTEGER PRIMARY KEY REFERENCES conversations(number),
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    owner INTEGER REFERENCES identities(number),
    ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1))
, access TEXT NOT NULL DEFAULT 'open'
    CHECK (access IN ('open', 'invited')), topic TEXT NOT NULL DEFAULT '', keep_days REAL, keep_bytes INTEGER) STRICT;
INSERT INTO "rooms" VALUES(6,'#all','#all',NULL,0,'open','',NULL,NULL);
INSERT INTO "rooms" VALUES(7,'#Tea','#tea',1,0,'invited','чай',30.0,1000000);
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
INSERT INTO "sanctions" VALUES(13,'ban',NULL,NULL,'mallory','192.0.2.0/24',1700003600.0,1,1700000000.0,'noise');
INSERT INTO "sanctions" VALUES(14,'mute',7,10,'dora',NULL,NULL,11,1700000000.0,'');
CREATE TABLE state(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    last_message INTEGER NOT NULL,
    last_number INTEGER NOT NULL
, audit_number INTEGER NOT NULL DEFAULT 0, audit_digest TEXT NOT NULL DEFAULT '', sure REAL) STRICT;
INSERT INTO "state" VALUES(1,'0123456789abcdef',3,14,5,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',1700000400.5);
CREATE TABLE "tokens"(
    number INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL REFERENCES accounts(identity) ON DELETE CASCADE,
    digest TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    used REAL,
    device INTEGER REFERENCES devices(number) ON DELETE SET NULL
) STRICT;
INSERT INTO "tokens" VALUES(9,1,'cc00000000000000000000000000000000000000000000000000000000000000',1700000000.0,1700000100.5,4);
CREATE INDEX living_identities ON identities(number) WHERE kind <> 'former';
CREATE UNIQUE INDEX open_rooms ON rooms(folded) WHERE ended = 0;
CREATE INDEX lines_by_high ON lines(high);
CREATE INDEX members_by_conversation ON members(conversation);
CREATE INDEX rooms_with_limits ON rooms(conversation)
    WHERE keep_days IS NOT NULL OR keep_bytes IS NOT NULL;
CREATE INDEX permits_by_conversation ON permits(conversation);
CREATE INDEX contacts_by_other ON contacts(other);
CREATE INDEX tokens_by_identity ON tokens(identity);
CREATE INDEX tokens_by_device ON tokens(device);
CREATE INDEX messages_by_conversation ON messages(conversation, id, sender);
COMMIT;
PRAGMA application_id = 1246317873;
PRAGMA user_version = 6;
