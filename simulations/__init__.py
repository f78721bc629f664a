"""Real programs on one machine, over shaped links, measured."""
