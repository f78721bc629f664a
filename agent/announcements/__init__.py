"""Watching a control topic: what is announced there, and what of it the log still holds."""
