"""Timing the parts of a trained network on this node, and the link to the cluster of the tier above."""
