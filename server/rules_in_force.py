"""Say which of the settings are in force that an owner may have to account for."""

from common.server_settings import ServerSettings
from decorators import log

__all__ = ["rules_in_force"]


@log
def rules_in_force(settings: ServerSettings) -> str:
    """Return the settings that an owner may have to account for, for a note.

    One is made at each start, so that a change between two stands in the log.
    """
    rules = ("registration", "guests", "tls", "plain_passwords", "durability")
    keeps = (
        "keep_days",
        "keep_mbytes",
        "keep_direct_days",
        "keep_direct_mbytes",
        "keep_audit_days",
    )
    return ", ".join(
        f"{name} {_said(getattr(settings, name))}" for name in (*rules, *keeps)
    )


@log
def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
