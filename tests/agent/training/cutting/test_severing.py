"""Cuts sever one tensor: held against taking every layer out of the network in turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.cutting.severing import Layer, exit_cut, possible_cuts
from shared.errors import DocumentError


@st.composite
def networks(draw: st.DrawFn) -> list[Layer]:
    """Each layer reads one or two of the few before it; the last is the output."""
    layers = [Layer("0")]
    for number in range(1, draw(st.integers(1, 10)) + 1):
        before = st.integers(max(0, number - 3), number - 1).map(str)
        layers.append(Layer(str(number), tuple(draw(st.lists(before, min_size=1, max_size=2)))))
    return layers


def leading(layers: list[Layer], output: str) -> set[str]:
    """Those from which a way leads to the output."""
    found = {output}
    for layer in reversed(layers):
        found.update(layer.inputs if layer.name in found else ())
    return found


def severed(layers: list[Layer], below: set[str], output: str) -> set[str]:
    """The tensors that pass from these layers to the others that the output needs."""
    above = leading(layers, output) - below
    return {name for layer in layers if layer.name in above for name in layer.inputs if name in below}


@given(networks())
def test_the_cuts_are_those_that_sever_one_tensor(layers: list[Layer]) -> None:
    output = layers[-1].name
    needed = leading(layers, output)
    expected = [
        layer.name
        for layer in layers[1:-1]
        if layer.name in needed and severed(layers, leading(layers, layer.name), output) == {layer.name}
    ]
    assert possible_cuts(layers, output=output) == expected


def residual() -> list[Layer]:
    return [
        Layer("image"),
        Layer("stem", ("image",)),
        Layer("conv1", ("stem",)),
        Layer("conv2", ("conv1",)),
        Layer("sum", ("conv2", "stem")),
        Layer("early", ("sum",)),
        Layer("early-softmax", ("early",)),
        Layer("late", ("sum",)),
        Layer("softmax", ("late",)),
    ]


def test_a_residual_block_is_never_cut_inside() -> None:
    assert possible_cuts(residual(), output="softmax") == ["stem", "sum", "late"]


def test_an_exit_stands_at_the_one_layer_its_head_reads() -> None:
    assert exit_cut(residual(), exit="early-softmax", output="softmax") == "sum"


@pytest.mark.parametrize("reads", [("conv1",), ("stem", "sum"), ("image",)])
def test_an_exit_that_reads_no_single_cut_can_stand_nowhere(reads: tuple[str, ...]) -> None:
    layers = [*residual(), Layer("head", reads)]
    assert exit_cut(layers, exit="head", output="softmax") is None


def test_two_inputs_are_one_only_where_they_have_met() -> None:
    layers = [
        Layer("image"),
        Layer("sound"),
        Layer("seen", ("image",)),
        Layer("heard", ("sound",)),
        Layer("both", ("seen", "heard")),
        Layer("softmax", ("both",)),
    ]
    assert possible_cuts(layers, output="softmax") == ["both"]


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([Layer("b", ("a",)), Layer("a")], "'b' comes before its input 'a'"),
        ([Layer("a"), Layer("a")], "two layers are called 'a'"),
        ([Layer("b")], "no layer is called 'a'"),
    ],
)
def test_a_network_that_is_none_is_refused(layers: list[Layer], reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        possible_cuts(layers, output="a")
