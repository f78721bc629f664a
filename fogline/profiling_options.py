"""What is to be timed where, as it is typed. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.documents import decode, encode
from shared.documents.profile import Profiling
from shared.errors import SettingsError


def profiling(
    name: str,
    run: int,
    tiers: Iterable[str],
    *,
    links: Iterable[str] = (),
    clusters: Iterable[str] = (),
    memory: Iterable[str] = (),
    repetitions: int | None = None,
    deadline_s: float | None = None,
) -> Profiling:
    """Raises SettingsError for what is not written as it should be, DocumentError for what cannot be."""
    found = [_tier(one) for one in tiers]
    for field, texts, kind in (("cluster", clusters, str), ("memory_bytes", memory, int)):
        _spread(found, field, _pairs(texts, field), kind)
    given = [_link(one) for one in links]
    document = {
        "name": name,
        "run": run,
        "tiers": found,
        "links": given if given or len(found) == 1 else None,
        "repetitions": repetitions,
        "deadline_s": deadline_s,
    }
    # Left out is not null: of links, null means measured.
    asked = {key: value for key, value in document.items() if value is not None or key == "links"}
    return decode(encode(asked), Profiling)


def _tier(text: str) -> dict[str, Any]:
    """`edge=tier:edge,site:north`; `edge` alone is on nodes labelled so."""
    name, _, selector = text.partition("=")
    if not selector:
        return {"tier": name, "selector": {"tier": name}}
    labels = {}
    for label in selector.split(","):
        key, separator, value = label.partition(":")
        if not (key and separator and value):
            raise SettingsError(f"--tier {text!r}: write TIER=KEY:VALUE, as in edge=tier:edge")
        labels[key] = value
    return {"tier": name, "selector": labels}


def _link(text: str) -> dict[str, float]:
    speed, _, wait = text.partition(":")
    try:
        return {"bytes_per_s": float(speed), "fixed_s": float(wait or 0)}
    except ValueError:
        raise SettingsError(f"--link {text!r}: write BYTES_PER_S:FIXED_S, as in 250000:0.012") from None


def _pairs(texts: Iterable[str], field: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        tier, separator, value = text.partition("=")
        if not (tier and separator and value):
            raise SettingsError(f"--{field.removesuffix('_bytes')} {text!r}: write TIER={field.upper()}")
        pairs[tier] = value
    return pairs


def _spread(tiers: list[dict[str, Any]], field: str, pairs: Mapping[str, str], kind: type) -> None:
    by_name = {one["tier"]: one for one in tiers}
    for tier, value in pairs.items():
        if tier not in by_name:
            raise SettingsError(f"no --tier is called {tier!r}: there are {', '.join(by_name)}")
        try:
            by_name[tier][field] = kind(value)
        except ValueError:
            raise SettingsError(f"--memory {tier}={value}: write a number of bytes") from None
