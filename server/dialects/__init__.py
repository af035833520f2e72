"""One file per way of talking: bytes to events and events to bytes, without sockets."""
