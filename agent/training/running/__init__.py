"""One attempt at a training run: its child processes, how they are held, and what they say."""
