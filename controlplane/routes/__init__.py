"""The HTTP interface: each file one noun; a handler reads, calls one thing, answers."""
