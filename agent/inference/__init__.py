"""The way a record takes through one tier."""
