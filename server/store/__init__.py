"""Where messages stay: the hub hands over a turn's messages, and then tells of them."""
