"""From updates to the next global model: pure functions, a strategy a file."""
