"""The server: a loop of sockets, dialects that read them, and a hub that decides."""
