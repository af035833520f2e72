#!/usr/bin/env bash
# `PRAGMA incremental_vacuum(100)` gives back 1 page, not 100, through `execute`.
#
# Software: pysqlite3-binary 0.5.4.post2 (SQLite 3.51.1) and apsw 3.54.1.0 (SQLite
# 3.54.1), both from the Python package index. The `sqlite3` of Python 3.11 to 3.14 does
# the same.
#
# Expected: `connection.execute("PRAGMA incremental_vacuum(100)")` on a database with
# auto_vacuum = INCREMENTAL and several hundred free pages gives a hundred of them back to
# the file system, as SQLite's page on pragmas says.
#
# Seen: one page. SQLite frees a page for each step of the statement, as if each were a
# row, although the rows have no columns. `execute` takes the first step of a statement
# and leaves the others to whoever fetches, and nobody fetches from a statement without a
# result. There is no error, and the file does shrink, by 4 KiB. With `fetchall()` behind
# it all 100 go (in Python 3.11's own module not even then: it takes no second step where
# there are no columns).
#
#   pysqlite3 3.51.1: execute 1, fetchall 100
#   apsw 3.54.1: execute 1, fetchall 100
#
# Ends with 0 while this is so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pysqlite3-binary==0.5.4.post2 apsw==3.54.1.0

cat >"$folder/look.py" <<'PYTHON'
import sys

import apsw
import pysqlite3

FILL = (
    "PRAGMA auto_vacuum = INCREMENTAL",
    "CREATE TABLE t (x)",
    "INSERT INTO t SELECT zeroblob(3000) FROM (WITH RECURSIVE n (i) AS (SELECT 1 "
    "UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n)",
    "DELETE FROM t",
)


def freed(connection, fetches):
    def free():
        return connection.execute("PRAGMA freelist_count").fetchall()[0][0]

    for statement in FILL:
        connection.execute(statement)
    before = free()
    cursor = connection.execute("PRAGMA incremental_vacuum(100)")
    if fetches:
        cursor.fetchall()
    del cursor
    return before - free()


def look(name, version, connect):
    path = f"{sys.argv[1]}/{name}"
    seen = [freed(connect(f"{path}-{n}.db"), fetches=bool(n)) for n in (0, 1)]
    print(f"{name} {version}: execute {seen[0]}, fetchall {seen[1]}")


look(
    "pysqlite3",
    pysqlite3.sqlite_version,
    lambda path: pysqlite3.connect(path, isolation_level=None),
)
look("apsw", apsw.sqlite_lib_version(), apsw.Connection)
PYTHON

wanted='pysqlite3 3.51.1: execute 1, fetchall 100
apsw 3.54.1: execute 1, fetchall 100'
seen=$("$folder/venv/bin/python" "$folder/look.py" "$folder")
echo "$seen"
[ "$seen" = "$wanted" ]
