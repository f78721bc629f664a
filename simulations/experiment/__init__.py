"""What an experiment file says, and the cells that follow from it."""

from simulations.experiment.document import Experiment

__all__ = ["Experiment"]
