"""No layer of the planted network could be left out: the plan decides the answers, and all layers bear on them."""

import numpy as np
import pytest

from simulations.paper.networks.branchynet import planted

IMAGES = 8


@pytest.mark.slow
def test_an_exit_or_the_features_change_when_any_layer_is_silenced() -> None:
    # Here, because they load TensorFlow: who runs the quick tests does not wait for it.
    from simulations.paper.networks.branchynet import network
    from simulations.paper.networks.counting import multiplications

    batch = planted.sample(exits=3).images[:IMAGES].astype(np.float32)
    for tier, part in network.sub_models().items():
        before = {name: np.asarray(output) for name, output in part(batch).items()}
        for layer in filter(multiplications, part.layers):
            weights = layer.get_weights()
            layer.set_weights([np.zeros_like(one) for one in weights])
            changes = [np.abs(np.asarray(output) - before[name]).max() for name, output in part(batch).items()]
            assert max(changes) > 1e-4, f"{tier}: {layer.name}"
            layer.set_weights(weights)
        batch = before.get("features", batch)
