"""The layers of a Keras network compute in half as many bits; their weights and the exits' answers stay float32."""

from agent.training.networks.keras_library import libraries
from agent.training.networks.keras_network import KerasNetwork
from shared.documents import Arithmetic
from shared.errors import UnavailableError


def compute_in(network: KerasNetwork, arithmetic: Arithmetic) -> None:
    """Whatever is compiled from now on. Raises UnavailableError where it would be slower and no better."""
    if arithmetic is Arithmetic.FLOAT32:
        return
    tensorflow, _ = libraries()
    if arithmetic is Arithmetic.MIXED_FLOAT16 and not tensorflow.config.list_physical_devices("GPU"):
        raise UnavailableError(
            "mixed_float16 is for a GPU, and TensorFlow finds none on this node: ask for float32 here, or for a node "
            "that has one; mixed_bfloat16 computes anywhere"
        )
    answering = {id(tensor._keras_history.operation) for tensor in network.answers.values()}
    for layer in network.model._flatten_layers(include_self=False):
        if id(layer) not in answering:
            layer.dtype_policy = arithmetic.value
