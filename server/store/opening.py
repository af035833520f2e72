"""Which store a server has, by its settings."""

from pathlib import Path

from common.server_settings import ServerSettings
from decorators import log
from server.store.base import Store

__all__ = ["open_store"]


@log
def open_store(settings: ServerSettings) -> tuple[Store, str]:
    """Return the store, and words for the start line that say where it keeps what.

    Raises StartError or StoreFailed with a sentence.
    """
    if not settings.history:
        from server.store.memory import MemoryStore

        return MemoryStore(), "nothing is kept"
    from server.store.files import default_folder
    from server.store.sqlite import SqliteStore

    folder = Path(settings.data_dir) if settings.data_dir else default_folder()
    return SqliteStore(folder, settings.durability), f"data: {folder}"
