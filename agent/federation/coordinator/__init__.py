"""Takes updates in, decides when a round is over, publishes the next model. Its log of decisions is the truth."""
