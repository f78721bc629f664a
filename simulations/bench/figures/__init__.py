"""One file a measurement; each satisfies `simulations.bench.experiment.Experiment`."""
