"""What Fogline costs on this machine, as ratios to the bare parts it is made of: `python -m simulations.bench`."""
