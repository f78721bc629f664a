"""The door: command line and Python client."""
