"""Which learner a network gets."""

from agent.training.fitting.keras_learner import KerasLearner
from agent.training.fitting.learner import Learner
from agent.training.fitting.period import Period
from agent.training.fitting.pull import Pull
from agent.training.fitting.torch_learner import TorchLearner
from agent.training.networks.keras_network import KerasNetwork
from agent.training.networks.network import Network
from agent.training.networks.torch_network import TorchNetwork
from shared.documents import TrainingParameters
from shared.documents.model import Task
from shared.documents.types import TensorSpec
from shared.errors import UnavailableError


def learner(
    network: Network,
    parameters: TrainingParameters,
    period: Period,
    *,
    task: Task,
    inputs: TensorSpec,
    steps: int,
    pull: Pull | None = None,
) -> Learner:
    """What learns in one period. `inputs`: a record as it lies on the shelf; `steps`: of all epochs of the period.

    Raises ModelError, UnavailableError.
    """
    match network:
        case KerasNetwork():
            return KerasLearner(network, parameters, period, task=task, inputs=inputs, steps=steps, pull=pull)
        case TorchNetwork():
            return TorchLearner(network, parameters, period, task=task, steps=steps, pull=pull)
    raise UnavailableError(f"{type(network).__name__} cannot be trained yet")
