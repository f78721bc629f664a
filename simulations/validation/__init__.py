"""The model held against real runs: fitted to one part of a run, judged by another that it has not seen."""
