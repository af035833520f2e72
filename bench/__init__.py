"""Figures of the messenger, measured side by side with others in one run."""
