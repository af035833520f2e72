"""Figures of the messenger, and long proofs of its promises; each runs by itself.

`figures`: speed, side by side with others (driver, idle, servers, syncing).
`volume`: ten million messages. `indexing`: what it costs that texts can be found.
`crash`: kills, cut connections, full disks, a reader that stops reading. Its runs are
killing, dying, cuts, filling, slow (flood); talkers and crowd talk, judge and stored
decide, outcome tells; relay, restarts, mortal, tampered are what they need.
`powercut`: power cuts and failing syncs, recorded with strace: record, syscalls and
tracing read, disk and images cut, order and failing look, numbered talks.

`confusables` proves nothing: it makes a table of `common/` anew from Unicode's data.
"""
