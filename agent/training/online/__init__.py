"""Training without an end: windows of records as they come, each judging the network before it trains it."""
