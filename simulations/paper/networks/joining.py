"""Fewer, larger sub-models from the same network: the exits inside a joined one are gone, its last answers are not."""

from collections.abc import Collection, Mapping, Sequence

import keras


def joined(parts: Mapping[str, keras.Model], tiers: Collection[str]) -> dict[str, keras.Model]:
    """The network as sub-models of `tiers` alone: each takes in those before it that are not named.

    `parts` by tier, nearest to the sensor first; the last one is among `tiers`.
    """
    found, waiting = {}, []
    for tier, part in parts.items():
        waiting.append(part)
        if tier in tiers:
            found[tier] = chain(waiting)
            waiting = []
    return found


def chain(parts: Sequence[keras.Model]) -> keras.Model:
    """One sub-model, with the outputs of the last."""
    *lower, last = parts
    if not lower:
        return last
    received = keras.Input(lower[0].input_shape[1:], name="input")
    x = received
    for part in lower:
        x = keras.Model(part.input, part.output["features"], name=part.name)(x)
    return keras.Model(received, last(x), name=last.name)
