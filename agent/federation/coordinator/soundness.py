"""What a manifest must say before its update is looked at any further. Pure: it comes from anybody."""

import math
from collections.abc import Mapping

from agent.federation.wire.manifests import SCHEMA, UpdateManifest
from shared.documents.federation import Federation

MOST_RECORDS = 10**12
"""More than any site has: whoever says so wants to count more than all others together."""


def stranger(manifest: UpdateManifest, federation: str, edition: int, participant: str) -> str:
    """Why this is not the participant's word in this federation, so that not even its number counts; empty if it is."""
    for what, found, wanted in (
        ("schema", manifest.schema, SCHEMA),
        ("federation", manifest.federation, federation),
        ("edition", manifest.edition, edition),
        ("participant", manifest.participant, participant),
    ):
        if found != wanted:
            return f"{what} is {found!r}, not {wanted!r}"
    return ""


def obstacle(manifest: UpdateManifest, federation: Federation) -> str:
    """Why this update cannot count, as far as its manifest says; empty when it can."""
    if manifest.encoding != federation.encoding.kind:
        return f"encoding is {manifest.encoding[:100]!r}, not {federation.encoding.kind.value!r}"
    for what, found in (("records", manifest.records), ("steps", manifest.steps)):
        if not 0 < found < MOST_RECORDS:
            return f"{what} is {found}, and must be from 1 to {MOST_RECORDS - 1:,}"
    if manifest.records < federation.requirements.records:
        return f"records is {manifest.records}, and {federation.requirements.records} are asked for"
    return ""


def asked(metrics: Mapping[str, float], federation: Federation) -> dict[str, float]:
    """Those that the federation asks for, and that are numbers."""
    return {name: metrics[name] for name in federation.metrics if math.isfinite(metrics.get(name, math.nan))}
