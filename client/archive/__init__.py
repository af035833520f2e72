"""What this client keeps on disk: a device, its messages, and what waits to be sent.

`opening` finds the one that is ours among the `slots`, `schema` makes and checks its
file, `writer` and `lookups` hold the SQL.
"""

from client.archive.archive import Archive
from client.archive.opening import open_archive
from client.archive.slots import is_kept

__all__ = ["Archive", "is_kept", "open_archive"]
