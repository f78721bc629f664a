"""Vibrations of a machine, JSON records of numbers, by one network over edge and cloud."""
