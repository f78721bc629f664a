"""Networks learn from a shelf, all exits together, and lose nothing when the process dies."""
