"""Figures of the messenger, and long proofs of its promises; each runs by itself.

python -m bench.figures    speed, side by side with others (driver, idle, servers, syncing)
python -m bench.volume     ten million messages
python -m bench.crash      kills, cut connections, full disks, a reader that stops reading:
                           the runs are killing, dying, cuts, filling and slow; talkers and
                           crowd talk, judge and stored decide, relay, restarts, mortal and
                           tampered are what they need
python -m bench.powercut   power cuts and failing syncs, recorded with strace: record,
                           syscalls and tracing read, disk and images cut, order and
                           failing look; numbered talks
"""
