"""What both sides speak; pure code without sockets, clock or files."""

__version__ = "0.1.0"
