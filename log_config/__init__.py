"""Logging: YAML for each side, its loader, the shared log file, and the call log."""
