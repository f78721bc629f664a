"""The demo over links: the continuum beside the same network at the end of the line alone."""
