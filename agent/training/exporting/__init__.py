"""From a trained network to the artifacts of a version, each held against the network before anybody may run it."""
