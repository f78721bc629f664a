"""Processor quotas: a node of an experiment as weak as its file says, by Linux's control groups of either version."""
