"""Many sites in one process, on virtual time: real training, and the coordinator's own decisions and strategies."""
