"""The demo: the example network over three tiers on this machine, for a person to watch."""
