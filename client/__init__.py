"""The client: protocol, connection, and what a person sees of them."""
