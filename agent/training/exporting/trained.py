"""Which way a network is exported."""

from agent.training.exporting.keras_trained import KerasTrained
from agent.training.exporting.part import Trained
from agent.training.exporting.torch_trained import TorchTrained
from agent.training.fitting.learner import Arrays
from agent.training.networks.keras_network import KerasNetwork
from agent.training.networks.network import Network
from agent.training.networks.torch_network import TorchNetwork
from shared.documents import ExportForm, Framework
from shared.errors import UnavailableError

FORMS: dict[Framework, tuple[ExportForm, ...]] = {
    Framework.KERAS: KerasTrained.forms,
    Framework.TORCH: TorchTrained.forms,
}


def trained(network: Network, weights: Arrays) -> Trained:
    """Raises ModelError for weights of another network, UnavailableError."""
    match network:
        case KerasNetwork():
            network.restore_weights(weights)
            return KerasTrained(network)
        case TorchNetwork():
            network.restore_weights(weights)
            return TorchTrained(network)
    raise UnavailableError(f"{type(network).__name__} cannot be exported yet")
