"""The owner's shell: `my_server.py user list` and the like."""
