"""Figures without a bound, beside each other: backends, batch sizes, hops."""
