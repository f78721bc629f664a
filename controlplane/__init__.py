"""Thin control plane: HTTP in, documents out."""
