"""Judging: how good a network is at each of its exits and as deployed, in memory that no test set outgrows."""
