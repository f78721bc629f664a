"""Networks to copy: each folder is a network, a loader, what trained it and a sample, and nothing else."""
