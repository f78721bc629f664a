"""A network that judges global models: a process of its own, for what runs in it is somebody else's code."""
