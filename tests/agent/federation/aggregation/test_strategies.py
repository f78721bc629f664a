"""What holds for every strategy."""

from dataclasses import replace

import numpy as np
import pytest

from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.fedavg import FedAvg
from agent.federation.aggregation.fedprox import FedProx
from agent.federation.aggregation.krum import Krum, MultiKrum
from agent.federation.aggregation.median import Median
from agent.federation.aggregation.norm_bound import NormBound
from agent.federation.aggregation.running_average import RunningAverage
from agent.federation.aggregation.scaffold import Scaffold
from agent.federation.aggregation.strategies import OURS, strategy
from agent.federation.aggregation.strategy import Strategy
from agent.federation.aggregation.trimmed_mean import TrimmedMean
from agent.federation.weights import Weights
from shared.errors import SettingsError
from tests.agent.federation.aggregation.drawn import SHAPES, contributions, copied, folded, model, same_bytes, stepped

NEEDED: dict[str, dict[str, float]] = {
    "norm-bound": {"bound": 0.2},
    "scaffold": {"participants": 9},
    "multi-krum": {"hostile": 1, "averaged": 4},
}
EVERY = [strategy(name, NEEDED.get(name, {})) for name in (str(one.__struct_config__.tag) for one in OURS)]
MEANS = [one for one in EVERY if type(one) in (FedAvg, FedProx, RunningAverage)]

every_strategy = pytest.mark.parametrize("one", EVERY, ids=lambda one: type(one).__name__)


@every_strategy
def test_nothing_folded_leaves_the_model_as_it_is(one: Strategy) -> None:
    after, state = one.step(one.start(model()), model())
    assert same_bytes(after, model())
    assert same_bytes(one.step(state, model())[0], model())


@every_strategy
def test_the_next_model_is_like_the_one_before(one: Strategy) -> None:
    after = stepped(one, model(), contributions(7))
    assert {name: tensor.shape for name, tensor in after.items()} == SHAPES
    assert {tensor.dtype for tensor in after.values()} == {np.dtype(np.float32)}
    assert not same_bytes(after, model())


@every_strategy
def test_the_order_of_updates_matters_to_no_one_but_for_rounding(one: Strategy) -> None:
    some = contributions(9)
    forth, back = stepped(one, model(), some), stepped(one, model(), some[::-1])
    assert all(np.allclose(forth[name], back[name], rtol=1e-5, atol=1e-6) for name in forth)


@every_strategy
def test_a_replay_from_any_snapshot_gives_the_same_bytes(one: Strategy) -> None:
    rounds = [contributions(7, seed) for seed in range(3)]
    current, state, snapshots = model(), one.start(model()), []
    for some in rounds:
        snapshots.append((current, copied(state)))
        current, state = one.step(folded(one, state, some), current)
    for number, (replayed, kept) in enumerate(snapshots):
        for some in rounds[number:]:
            replayed, kept = one.step(folded(one, kept, some), replayed)
        assert same_bytes(replayed, current)
        assert same_bytes(kept, state)


@every_strategy
def test_a_state_half_way_through_a_round_goes_on_as_well(one: Strategy) -> None:
    some = contributions(7)
    half = copied(folded(one, one.start(model()), some[:3]))
    assert same_bytes(one.step(folded(one, half, some[3:]), model())[0], stepped(one, model(), some))


@every_strategy
def test_the_model_that_is_stepped_from_is_left_alone(one: Strategy) -> None:
    before = model()
    stepped(one, before, contributions(7))
    assert same_bytes(before, model())


@every_strategy
def test_the_change_that_is_folded_is_left_alone(one: Strategy) -> None:
    some = contributions(7)
    stepped(one, model(), some)
    for kept, drawn in zip(some, contributions(7), strict=True):
        assert same_bytes(kept.change, drawn.change)


@every_strategy
def test_equal_changes_move_the_model_their_own_way(one: Strategy) -> None:
    (alone,) = contributions(1)
    before = model()
    after = stepped(one, before, [replace(alone, participant=str(number), steps=3) for number in range(7)])
    for name in before:
        assert (np.sign(after[name] - before[name]) == np.sign(alone.change[name])).all()


@pytest.mark.parametrize("one", MEANS, ids=lambda one: type(one).__name__)
def test_a_mean_is_by_the_weights(one: Averaging) -> None:
    some = contributions(5)
    after, whole = stepped(one, model(), some), sum(each.weight for each in some)
    for name, before in model().items():
        wanted = before + sum(each.weight * each.change[name] for each in some) / whole
        assert np.allclose(after[name], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "one",
    [
        Median(),
        TrimmedMean(trimmed=0.25),
        TrimmedMean(trimmed=0.25, mixed=2),
        Krum(hostile=2),
        MultiKrum(hostile=2, averaged=3),
    ],
)
@pytest.mark.parametrize("far", [1e3, -1e6, 3e38])
def test_two_of_nine_that_are_far_off_move_the_model_no_further_than_honest_ones(one: Strategy, far: float) -> None:
    some = contributions(9)
    for place in (0, 5):
        change = {name: np.full(shape, far, np.float32) for name, shape in SHAPES.items()}
        some[place] = replace(some[place], change=change, weight=1e12)
    honest = [each for each in some if each.weight < 1e12]
    after = stepped(one, model(), some)
    for name, before in model().items():
        moved = np.abs(after[name] - before)
        assert (moved <= np.max([np.abs(each.change[name]) for each in honest], axis=0) + 1e-6).all()


def test_among_equal_lengths_the_one_that_goes_backwards_is_left_out() -> None:
    """By distance alone it is nearer to the others than an honest one that went further."""
    forward = {name: np.ones(shape, np.float32) for name, shape in SHAPES.items()}
    lengths = [1.0, 1.0, 1.0, 1.0, 9.0, -0.5]
    some = [
        replace(one, change={name: np.float32(length) * tensor for name, tensor in forward.items()})
        for one, length in zip(contributions(len(lengths)), lengths, strict=True)
    ]
    kept = {
        shortened: stepped(MultiKrum(hostile=1, averaged=5, shortened=shortened), model(), some)
        for shortened in (True, False)
    }
    for name, before in model().items():
        assert np.allclose(kept[True][name] - before, 1, atol=1e-5)
        assert np.allclose(kept[False][name] - before, (4 * 1 - 0.5) / 5, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_among_unlike_sites_what_they_have_in_common_outweighs_two_that_go_backwards(seed: int) -> None:
    """By one alone a site's own way may look like a step backwards; by the mean of its nearest it does not."""
    draw = np.random.default_rng(seed)
    ways = [-2.0, 1.0, 1.0, 1.0, 1.0, -2.0, 1.0, 1.0, 1.0]
    some = [
        replace(one, change={name: draw.normal(way, 0.5, shape).astype(np.float32) for name, shape in SHAPES.items()})
        for one, way in zip(contributions(len(ways)), ways, strict=True)
    ]
    short = {
        left_out: _away(stepped(TrimmedMean(trimmed=0.25, mixed=left_out), model(), some), of=1.0)
        for left_out in (0, 2)
    }
    assert short[2] < 0.75 * short[0]


def _away(after: Weights, *, of: float) -> float:
    """How far the mean step is from this one."""
    return abs(float(np.mean(np.concatenate([(after[name] - one).ravel() for name, one in model().items()]))) - of)


def test_one_far_off_moves_a_bounded_mean_by_its_share_of_the_bound() -> None:
    (alone,) = contributions(1)
    scaled = replace(alone, change={name: 1e6 * change for name, change in alone.change.items()})
    after = stepped(NormBound(bound=0.5), model(), [scaled])
    moved = np.sqrt(sum(np.square(after[name] - before).sum() for name, before in model().items()))
    assert moved == pytest.approx(0.5, rel=1e-4)


def test_the_running_average_is_the_mean_of_all_rounds() -> None:
    """Of models that were all trained from the first one."""
    some, current, one = contributions(4), model(), RunningAverage()
    state, first = one.start(current), model()
    for each in some:
        from_current = {name: first[name] + each.change[name] - current[name] for name in first}
        current, state = one.step(one.fold(state, replace(each, change=from_current)), current)
    whole = sum(each.weight for each in some)
    for name in first:
        wanted = first[name] + sum(each.weight * each.change[name] for each in some) / whole
        assert np.allclose(current[name], wanted, rtol=1e-4, atol=1e-5)


def test_scaffolds_control_is_the_mean_over_all_participants_and_is_handed_down() -> None:
    one, some = Scaffold(participants=10), contributions(4)
    _, state = one.step(folded(one, one.start(model()), some), model())
    handed = one.handed_down(state)
    for name in SHAPES:
        assert np.allclose(handed[f"control:{name}"], sum(each.control[name] for each in some) / 10, atol=1e-6)


def test_an_unknown_strategy_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match=r"strategy.name: there is no strategy 'fedvag': fedadam, .* trimmed-mean"):
        strategy("fedvag", {})


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("fedavg", {"rate": 1}, "rate"),
        ("fedasync", {"mixing": 2}, "mixing"),
        ("scaffold", {}, "participants"),
        ("fedbuff", {"staleness": {"kind": "guess"}}, "staleness"),
        ("krum", {"hostile": -1}, "hostile"),
    ],
)
def test_a_parameter_that_a_strategy_does_not_take_is_refused_by_name(
    name: str, parameters: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=f"strategy '{name}': .*{said}"):
        strategy(name, parameters)
