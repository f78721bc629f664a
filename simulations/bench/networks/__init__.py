"""The network that is measured, and what made it."""
