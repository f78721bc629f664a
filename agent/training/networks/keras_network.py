"""A functional Keras model as a network: one input, exits by name, and where it can be cut."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.cutting.severing import possible_cuts
from agent.training.networks.exit_cuts import exit_cuts, require_names, require_one_shape
from agent.training.networks.keras_graph import Graph, Made, sources
from agent.training.networks.keras_library import libraries, model_errors
from agent.training.networks.keras_operations import multiplications
from shared.documents import Description, ExitOutput, Framework, LayerOutput, PossibleCut
from shared.documents.types import DType, TensorSpec
from shared.errors import ModelError

Tensor = Any
Model = Any
Operation = Any
Results = Any


def prepare(seed: int, threads: int | None) -> None:
    """What is drawn from now on depends on the seed alone; what is computed, on that and the number of threads.

    A sum that is shared among threads is rounded as it was shared. Operations of TensorFlow that cannot be repeated bit
    for bit fail instead. Raises UnavailableError.
    """
    tensorflow, keras = libraries()
    if threads is not None:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    # Names that Keras makes up count from the start, whatever was loaded before: weights are known by them.
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    tensorflow.config.experimental.enable_op_determinism()


def adapted(returned: object) -> "KerasNetwork":
    """Raises ModelError, without a place."""
    return KerasNetwork(functional(returned))


def functional(returned: object) -> Model:
    """Raises ModelError, without a place, for what is no model or one whose layers are not known."""
    _, keras = libraries()
    if not isinstance(returned, keras.Model):
        kind = type(returned).__name__
        raise ModelError(f"network() returns {kind}: return a functional keras.Model, as keras.Model(inputs, outputs)")
    try:
        outputs = returned.outputs
    except AttributeError:
        outputs = None
    if not outputs:
        raise ModelError(
            "network() returns a model whose layers are not known before it is called: "
            "return a functional one, keras.Model(inputs, outputs), rather than a subclass"
        )
    return returned


class KerasNetwork:
    """`joints`: of a chain, what each tier but the last sends up, by exit; else exits hang above cuts that are found.

    Raises ModelError, without a place, for exits that are not clear.
    """

    def __init__(self, model: Model, joints: Mapping[str, Tensor] | None = None) -> None:
        self.model = model
        self._input = _input(model)
        self._outputs = _outputs(model)
        self._graph = Graph(list(self._outputs.values()))
        answers = {name: self._graph.name(tensor) for name, tensor in self._outputs.items()}
        self._cuts = exit_cuts(self._graph.layers, answers) if joints is None else self._joint_cuts(joints)

    @property
    def exits(self) -> tuple[str, ...]:
        return tuple(self._outputs)

    @property
    def tensors(self) -> dict[str, Tensor]:
        """What each layer gives, by the names of `described`."""
        return {made.layer.name: made.tensor for made in self._graph.made}

    @property
    def answers(self) -> dict[str, Tensor]:
        """What each exit gives, from the sensor up."""
        return dict(self._outputs)

    @property
    def output(self) -> TensorSpec:
        """Of every exit, but for its type."""
        return spec_of(next(reversed(self._outputs.values())), "the answer")

    def ordered(self, results: Results) -> list[Tensor]:
        """What calling the model gives, in the order of `exits`."""
        if isinstance(results, dict):
            return [results[name] for name in self.exits]
        return list(results) if isinstance(results, list | tuple) else [results]

    def named_weights(self) -> dict[str, Any]:
        """The variables themselves, by number and path, as `0000/conv/kernel`: everything an answer depends on."""
        return {f"{index:04}/{weight.path}": weight for index, weight in enumerate(self.model.weights)}

    def weights(self) -> dict[str, NDArray[Any]]:
        """Copies, by name."""
        return {name: np.array(variable.numpy()) for name, variable in self.named_weights().items()}

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Raises ModelError for those of another network."""
        named = self.named_weights()
        if set(named) != set(weights):
            other = sorted(set(named) ^ set(weights))
            raise ModelError(f"these are weights of another network: {other[0]!r} is only in one of them")
        with model_errors("taking over the weights"):
            for name, variable in named.items():
                variable.assign(weights[name])

    def described(self) -> Description:
        exits = {cut: name for name, cut in self._cuts.items() if cut}
        return Description(
            framework=Framework.KERAS,
            input=self._input,
            exits=tuple(
                ExitOutput(name=name, output=spec_of(tensor, f"exit {name!r}"), cut=self._cuts[name])
                for name, tensor in self._outputs.items()
            ),
            layers=tuple(self._layers()),
            cuts=tuple(_cut(made, exits.get(made.layer.name)) for made in self._severing() if _is_sendable(made)),
            parameters=self.model.count_params(),
        )

    def _severing(self) -> list[Made]:
        found = set(possible_cuts(self._graph.layers, output=self._answer()))
        return [made for made in self._graph.made if made.layer.name in found]

    def _layers(self) -> list[LayerOutput]:
        counted: set[int] = set()
        found = []
        for made in self._graph.made:
            is_first = id(made.operation) not in counted
            counted.add(id(made.operation))
            found.append(_layer(made, counts_parameters=is_first))
        return found

    def needed(self, exit: str) -> set[str]:
        """The layers that an exit's answer depends on."""
        needed = {self._graph.name(self._outputs[exit])}
        for layer in reversed(self._graph.layers):
            if layer.name in needed:
                needed.update(layer.inputs)
        return needed

    def _joint_cuts(self, joints: Mapping[str, Tensor]) -> dict[str, str | None]:
        return {name: self._graph.name(joints[name]) if name in joints else None for name in self._outputs}

    def _answer(self) -> str:
        return self._graph.name(list(self._outputs.values())[-1])


def _input(model: Model) -> TensorSpec:
    if len(model.inputs) != 1:
        raise ModelError(f"the network has {len(model.inputs)} inputs: a record is one tensor, so give it one")
    return spec_of(model.inputs[0], "the input")


def _outputs(model: Model) -> dict[str, Tensor]:
    # A Sequential has `outputs` alone.
    given = getattr(model, "output", model.outputs)
    named = dict(given) if isinstance(given, dict) else _by_layer(given if isinstance(given, list | tuple) else [given])
    specs = {name: spec_of(tensor, f"exit {name!r}") for name, tensor in named.items()}
    require_names(named)
    require_one_shape(specs)
    return named


def _by_layer(outputs: Sequence[Tensor]) -> dict[str, Tensor]:
    named: dict[str, Tensor] = {}
    for index, tensor in enumerate(outputs):
        operation = getattr(tensor, "_keras_history", (None,))[0]
        if operation is None or _is_automatic(operation):
            raise ModelError(
                f"output {index + 1} of {len(outputs)} has no name: give its layer one, as Dense(..., name='edge'), "
                "or return the outputs as a dict"
            )
        if operation.name in named:
            raise ModelError(f"two exits are called {operation.name!r}: return the outputs as a dict")
        named[operation.name] = tensor
    return named


def _is_automatic(operation: Operation) -> bool:
    """Whether Keras has made up the name, from the name of the class and a number."""
    word = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", type(operation).__name__)
    word = re.sub("([a-z])([A-Z])", r"\1_\2", word).lower()
    return re.fullmatch(rf"{re.escape(word)}(_\d+)?", operation.name) is not None


def _layer(made: Made, *, counts_parameters: bool) -> LayerOutput:
    _batch, *lengths = made.tensor.shape or (None,)
    given = [tuple(tensor.shape)[1:] for tensor in sources(made.tensor)]
    is_known = None not in lengths and all(None not in shape for shape in given)
    parameters = made.operation.count_params() if counts_parameters and hasattr(made.operation, "count_params") else 0
    return LayerOutput(
        name=made.layer.name,
        kind=type(made.operation).__name__,
        parameters=parameters,
        output=None if None in lengths else tuple(lengths),
        operations=multiplications(made.operation, given, tuple(lengths)) if is_known else None,
    )


def _cut(made: Made, exit: str | None) -> PossibleCut:
    features = spec_of(made.tensor, made.layer.name)
    return PossibleCut(name=made.layer.name, features=features, features_bytes=features.size_bytes, exit=exit)


def _is_sendable(made: Made) -> bool:
    try:
        spec_of(made.tensor, made.layer.name)
    except ModelError:
        return False
    return True


def spec_of(tensor: Tensor, what: str) -> TensorSpec:
    shape = tuple(tensor.shape)
    if not shape or shape[0] is not None or None in shape[1:] or str(tensor.dtype) not in list(DType):
        raise ModelError(
            f"{what} is {tensor.dtype} {list(shape)}: the batch must be of any length, every other length fixed, "
            f"the type one of {', '.join(DType)}"
        )
    return TensorSpec(dtype=DType(str(tensor.dtype)), shape=shape[1:])
