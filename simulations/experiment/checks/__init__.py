"""What can be wrong with each part of an experiment."""
