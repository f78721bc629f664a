"""Links as they are found, each with where its numbers come from, and links with all of their fields.

The numbers are those of an ordinary day, not of a bad one; what no source gives is marked as assumed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.errors import DocumentError
from simulations.experiment.document import Jitter, Link

MBIT = 1e6 / 8
UNLIMITED = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Times one way, `latency_s` their mean; bandwidths in bytes a second; `loss` a fraction. Up leads away from the
    clients."""

    latency_s: float
    jitter_s: float
    distribution: Jitter
    up_bytes_per_s: float
    down_bytes_per_s: float
    loss: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedLink:
    """A link with nothing left open. `UNLIMITED`, an infinite float, is a bandwidth that takes no time."""

    name: str
    between: tuple[str, str]
    latency_s: float
    jitter_s: float
    distribution: Jitter
    up_bytes_per_s: float
    down_bytes_per_s: float
    loss: float


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "lan": Preset(
            latency_s=0.000_13,
            jitter_s=0.000_02,
            distribution=Jitter.NORMAL,
            up_bytes_per_s=1000 * MBIT,
            down_bytes_per_s=1000 * MBIT,
            loss=0.0,
            source=(
                "Bandwidth: 1000BASE-T, IEEE 802.3ab, 1999. Latency: half of the median round trip of 0.27 ms between "
                "servers of one data centre; Guo et al., Pingmesh, SIGCOMM 2015. Jitter assumed."
            ),
        ),
        "wifi": Preset(
            latency_s=0.002_2,
            jitter_s=0.003_7,
            distribution=Jitter.PARETO,
            up_bytes_per_s=36 * MBIT,
            down_bytes_per_s=36 * MBIT,
            loss=0.0,
            source=(
                "Latency: its median round trip is the 3 ms found on a campus, its tail with 9 ms at the 90th "
                "percentile lighter than the 20 ms found there; Sui et al., Characterizing and Improving WiFi Latency "
                "in Large-Scale Operational Networks, MobiSys 2016. Bandwidth: half of the 72.2 Mbit/s of one stream "
                "in 20 MHz, IEEE 802.11n, 2009; the half is assumed. Lost frames are sent again below TCP."
            ),
        ),
        "4g": Preset(
            latency_s=0.010_5,
            jitter_s=0.003,
            distribution=Jitter.PARETO,
            up_bytes_per_s=7.6 * MBIT,
            down_bytes_per_s=29.5 * MBIT,
            loss=0.0,
            source=(
                "Bandwidths: British averages; Ofcom, Mobile Matters, 2023. Latency: half of 21 ms, the middle of the "
                "operators' average response times, 18.3 to 23.7 ms; Ofcom, Mobile Matters, 2024. Jitter assumed. "
                "Lost blocks are sent again below TCP."
            ),
        ),
        "5g": Preset(
            latency_s=0.009_4,
            jitter_s=0.002,
            distribution=Jitter.PARETO,
            up_bytes_per_s=14.7 * MBIT,
            down_bytes_per_s=129.9 * MBIT,
            loss=0.0,
            source=(
                "Non-standalone 5G. Bandwidths: British averages; Ofcom, Mobile Matters, 2023. Latency: half of 18.9 "
                "ms, the middle of the operators' average response times, 16.3 to 21.4 ms; Ofcom, Mobile Matters, "
                "2024. Jitter assumed. Lost blocks are sent again below TCP."
            ),
        ),
        "wan": Preset(
            latency_s=0.02,
            jitter_s=0.001,
            distribution=Jitter.NORMAL,
            up_bytes_per_s=100 * MBIT,
            down_bytes_per_s=100 * MBIT,
            loss=0.000_1,
            source=(
                "To a cloud region of the same continent: 29 % of 8,456 users are nearer than 10 ms to one, the "
                "others farther; Charyyev, Arslan, Gunes, Latency Comparison of Cloud Datacenters and Edge Servers, "
                "GLOBECOM 2020. A round trip of 40 ms, jitter, bandwidth and loss assumed."
            ),
        ),
        "satellite": Preset(
            latency_s=0.279,
            jitter_s=0.01,
            distribution=Jitter.NORMAL,
            up_bytes_per_s=3 * MBIT,
            down_bytes_per_s=25 * MBIT,
            loss=0.001,
            source=(
                "Geostationary. Latency: ground to satellite to ground at the edge of its view; Allman, Glover, "
                "Sanchez, RFC 2488, 1999. Bandwidths: what the United States' regulator (FCC) called broadband from "
                "2015 to 2024. Jitter and loss assumed."
            ),
        ),
    }
)

_NOTHING = Preset(
    latency_s=0.0,
    jitter_s=0.0,
    distribution=Jitter.NORMAL,
    up_bytes_per_s=UNLIMITED,
    down_bytes_per_s=UNLIMITED,
    loss=0.0,
    source="",
)


def resolved(link: Link) -> ResolvedLink:
    """What is said wins over the preset, and without one nothing is added to what this machine takes.

    A `bandwidth` alone holds both ways. Raises DocumentError for a preset that is not there.
    """
    preset = _preset(link)
    up = _either(link.bandwidth, preset.up_bytes_per_s)
    down = preset.down_bytes_per_s if link.bandwidth is None else up
    return ResolvedLink(
        name=link.name,
        between=link.between,
        latency_s=_either(link.latency, preset.latency_s),
        jitter_s=_either(link.jitter, preset.jitter_s),
        distribution=preset.distribution if link.distribution is None else link.distribution,
        up_bytes_per_s=up,
        down_bytes_per_s=_either(link.bandwidth_down, down),
        loss=_either(link.loss, preset.loss),
    )


def _either(said: float | None, preset: float) -> float:
    return preset if said is None else float(said)


def _preset(link: Link) -> Preset:
    if link.preset is None:
        return _NOTHING
    if link.preset not in PRESETS:
        raise DocumentError(
            f"there is no preset {link.preset!r}, only {', '.join(PRESETS)}", field=f"links.{link.name}.preset"
        )
    return PRESETS[link.preset]
