"""Service times from the tables of a real run, by the times that every record carries. Pure.

What a step costs is read off its own two times. What a way through a log takes is read off those records alone that had
nothing before them, less what the links take by the experiment file. What does not show in the tables is kept as it was
known.
"""

import msgspec
import numpy as np

from simulations.experiment.document import Experiment
from simulations.measurement.columns import Columns, chosen
from simulations.measurement.run_folder import Tables
from simulations.model.fit_batches import Step, batches, step
from simulations.model.fit_sizes import answer_bytes, record_bytes
from simulations.model.fit_ways import Way, answering, appending, arriving, held_us, link_draws, solved
from simulations.model.service import ServiceTimes, TierService


def fitted(experiment: Experiment, tables: Tables, known: ServiceTimes) -> ServiceTimes:
    """`tables` of one cell, of one repetition or more. Raises DocumentError where a tier has too few micro-batches that
    found it idle."""
    append = appending(experiment, tables)
    tiers = {
        tier.name: _tier(experiment, index, tables, known.of(tier.name), append)
        for index, tier in enumerate(experiment.tiers)
    }
    found = msgspec.structs.replace(known, tiers=tiers, measured=f"fitted to a run of {experiment.name}")
    heard = _listening(experiment, tables, found)
    late = (tables.records["sent_us"] - tables.records["due_us"]) / 1e6
    return msgspec.structs.replace(
        found,
        client_record_s=max(0.0, float(np.median(late))) if len(late) else known.client_record_s,
        listen_s=heard.mean_s,
        listen_spread=heard.spread,
    )


def _tier(experiment: Experiment, index: int, tables: Tables, before: TierService, append: Way | None) -> TierService:
    tier = experiment.tiers[index]
    here = chosen(tables.hops, tables.hops["tier"] == tier.name)
    seen = batches(here, tier, held_us=held_us(experiment, index))
    computing = step(seen, "received_us", "inferred_us", before.take_s + before.infer_s)
    sending = step(seen, "inferred_us", "sent_us", before.send_s, only_alone=True)
    sized = msgspec.structs.replace(
        before,
        record_bytes=record_bytes(experiment, index, tables, before.record_bytes),
        answer_bytes=answer_bytes(experiment, index, tables, before.answer_bytes),
    )
    seconds = arriving(experiment, index, tables, seen)
    upward = link_draws(experiment, index, sized.record_bytes, up=True)
    whole = solved(seconds, upward)
    append = append or Way(median_s=sized.appended_after_s(tier), spread=sized.append_spread)
    append = append if append.median_s < whole.median_s else whole
    fetching = solved(seconds, upward + append.draws(len(upward)))
    return msgspec.structs.replace(
        sized,
        **_steps(computing, sending, before),
        append_s=append.mean_s - (min(before.replicate_s, append.mean_s) if tier.brokers > 1 else 0.0),
        append_spread=append.spread,
        fetch_s=fetching.mean_s,
        fetch_spread=fetching.spread,
        spread=computing.spread,
        exit_share=_share(tables.records, tier.name, here),
    )


def _steps(computing: Step, sending: Step, before: TierService) -> dict[str, float]:
    """Decoding shows together with inference, and is known from elsewhere."""
    return {
        "take_s": min(before.take_s, computing.batch_s),
        "take_record_s": min(before.take_record_s, computing.record_s),
        "infer_s": max(0.0, computing.batch_s - before.take_s),
        "infer_record_s": max(0.0, computing.record_s - before.take_record_s),
        "send_s": sending.batch_s,
        "send_record_s": sending.record_s,
    }


def _share(records: Columns, tier: str, here: Columns) -> float:
    return float(np.sum(records["tier"] == tier) / max(1, len(here["id"])))


def _listening(experiment: Experiment, tables: Tables, found: ServiceTimes) -> Way:
    """From the answers of the first tier that gives enough of them."""
    ways = []
    for index, tier in enumerate(experiment.tiers):
        service = found.of(tier.name)
        seconds = answering(experiment, index, tables)
        down = link_draws(experiment, index, service.answer_bytes, up=False)
        append = Way.of(service.appended_after_s(tier), service.append_spread)
        ways.append((len(seconds), seconds, down + append.draws(len(down))))
    _, seconds, base = next((way for way in ways if way[0] >= _ENOUGH), max(ways, key=lambda way: way[0]))
    return solved(seconds, base)


_ENOUGH = 30
