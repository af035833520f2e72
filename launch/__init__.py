"""What `launcher.py` starts, watches and ends: a server and clients, or a demo."""
