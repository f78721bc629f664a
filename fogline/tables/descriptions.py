"""What is known of a network that was only looked at. Pure."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import card, size, table
from shared.documents import Description, LayerOutput, TensorSpec


def description(found: Description) -> RenderableType:
    return Group(
        card(_whole(found)),
        Text("Layers:"),
        table(("layer", "kind", "output", "parameters", "operations"), map(_layer, found.layers), empty="None."),
        Text("Where it can be cut, the sensor's side first:"),
        table(
            ("cut after", "features", "bytes of one", "of the input", "exit"),
            (
                (
                    cut.name,
                    _tensor(cut.features),
                    size(cut.features_bytes),
                    _share(cut.features_bytes, found),
                    cut.exit or "-",
                )
                for cut in found.cuts
            ),
            empty="Nowhere: no layer's output is all that goes on.",
        ),
    )


def _whole(found: Description) -> dict[str, str]:
    return {
        "framework": found.framework.value,
        "input": f"{_tensor(found.input)}, {size(found.input.size_bytes)}",
        "exits": ", ".join(f"{one.name} {_tensor(one.output)}" for one in found.exits),
        "parameters": f"{found.parameters:,}",
        "operations": operations(found.layers),
    }


def operations(layers: Sequence[LayerOutput]) -> str:
    known = [layer.operations for layer in layers if layer.operations is not None]
    unknown = len(layers) - len(known)
    if unknown and not any(known):
        return "not known"
    others = "one layer" if unknown == 1 else f"{unknown} layers"
    return f"{sum(known):,} a record" + (f", and those of {others}, which are not known" if unknown else "")


def _layer(layer: LayerOutput) -> tuple[str, ...]:
    output = "-" if layer.output is None else _shape(layer.output)
    operations = "?" if layer.operations is None else f"{layer.operations:,}"
    return layer.name, layer.kind, output, f"{layer.parameters:,}", operations


def _tensor(spec: TensorSpec) -> str:
    return f"{spec.dtype.value} {_shape(spec.shape)}"


def _shape(lengths: tuple[int, ...]) -> str:
    return "x".join(map(str, lengths)) or "scalar"


def _share(features_bytes: int, found: Description) -> str:
    return f"{features_bytes / found.input.size_bytes:.2f}"
