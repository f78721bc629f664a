"""Makes the artifacts, manifests and the sample in the folders beside it.

    python -m simulations.paper.networks.make
    python -m simulations.paper.networks.make --only branchynet --into elsewhere

Needs the extra tensorflow, and a checkout with the converter in its examples/. fashion_mnist needs weights too, which
`python -m examples.fashion_mnist.train` makes.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from examples import manifests, packing, tflite
from examples.fashion_mnist import export as fashion_mnist
from examples.fashion_mnist import network as clothes
from shared.documents import DType, ModelManifest, Precision, SubModel, TensorSpec
from simulations.paper.networks.branchynet import network as branchynet
from simulations.paper.networks.branchynet import planted
from simulations.paper.networks.counting import metrics
from simulations.paper.networks.joining import joined

FOLDER = Path(__file__).parent
SCENARIOS = (("edge", "fog", "cloud"), ("edge", "cloud"), ("cloud",))
BRANCHYNET_INPUT = TensorSpec(dtype=DType.UINT8, shape=branchynet.IMAGE_SHAPE)


def sub_models(parts: Mapping[str, keras.Model], *, input: TensorSpec, into: Path) -> tuple[SubModel, ...]:
    """Write `artifacts/<tier>.tflite`. Parts by tier, nearest to the sensor first; `input` is what a record carries."""
    found: list[SubModel] = []
    for tier, part in parts.items():
        raw = tflite.float32(part, spec=input)
        artifact = packing.write_artifact(raw, f"artifacts/{tier}.tflite", into=into, precision=Precision.FLOAT32)
        features, exit = packing.output_spec(part, "features"), packing.output_spec(part, "exit")
        found.append(SubModel(tier=tier, input=input, features=features, exit=exit, artifacts=(artifact,)))
        input = features or input
    return tuple(found)


def make_branchynet(into: Path) -> None:
    parts = branchynet.sub_models()
    for tiers in SCENARIOS:
        scenario, cut = "-".join(tiers), joined(parts, tiers)
        manifest = ModelManifest(
            name=f"branchynet-{scenario}",
            sub_models=sub_models(cut, input=BRANCHYNET_INPUT, into=into / scenario),
            metrics=metrics(cut),
            description="Untrained, in the shape of BranchyNet's B-AlexNet; its exits answer what the image says",
        )
        manifests.write(manifest, into / scenario)
    np.savez_compressed(into / "sample.npz", **planted.sample(exits=len(parts))._asdict())


def make_fashion_mnist(into: Path) -> None:
    parts = fashion_mnist.load_weights(fashion_mnist.FOLDER / "weights")
    for tiers in SCENARIOS[1:]:
        scenario, cut = "-".join(tiers), joined(parts, tiers)
        manifest = ModelManifest(
            name=f"fashion-mnist-{scenario}",
            sub_models=sub_models(cut, input=fashion_mnist.INPUT, into=into / scenario),
            metrics=metrics(cut),
            labels=clothes.CLASSES,
            description="The network of examples/fashion_mnist, its upper tiers joined: the same last answers",
        )
        manifests.write(manifest, into / scenario)


MAKERS: Mapping[str, Callable[[Path], None]] = {"branchynet": make_branchynet, "fashion_mnist": make_fashion_mnist}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulations.paper.networks.make", description=__doc__)
    parser.add_argument("--into", type=Path, default=FOLDER, help="where branchynet/ and fashion_mnist/ are written")
    parser.add_argument("--only", choices=tuple(MAKERS), help="leave the others as they are")
    given = parser.parse_args()
    for network in [given.only] if given.only else MAKERS:
        # Layers are numbered, and files hold their names: one network's must not depend on the other's.
        keras.utils.clear_session()
        MAKERS[network](given.into / network)


if __name__ == "__main__":
    main()
