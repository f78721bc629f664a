"""How sure each exit must be: temperatures, and thresholds that keep a promise about lost answers. Pure."""
