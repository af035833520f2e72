"""Roles: what somebody is on this server, lowest first."""

import enum

__all__ = ["Role"]


class Role(enum.IntEnum):
    """What somebody is; who is higher may act on who is lower."""

    GUEST = 0
    MEMBER = 1
    MODERATOR = 2
    OWNER = 3

    @property
    def word(self) -> str:
        """Return how it is written on the wire and in the database."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Role":
        """Return the role of such a word; raises KeyError where there is none."""
        return cls[word.upper()]
