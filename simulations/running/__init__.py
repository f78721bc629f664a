"""Runs an experiment: the real programs on this machine, over shaped links."""
