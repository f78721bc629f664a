"""What leaves a site: every byte from its agent to the platform, Kafka and control plane, and no record in it."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from shared.documents import Export
from shared.documents.federation_workloads import FederationState
from simulations.federation.real_sites import RealSites
from simulations.kafka.cluster import KafkaCluster
from tests.end_to_end.capture import captured
from tests.end_to_end.driving import port_of
from tests.end_to_end.federating import ended, enrolled, federation, give, give_evaluation
from tests.end_to_end.training import TORCH_FORMS, register_torch, shapes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2000)]

NAME = "shapes"
SITE = "site-a"
DOOR = "FROM_SITE"
SEED = 5
COUNT = 400


def test_no_record_leaves_a_site(tmp_path: Path) -> None:
    with ExitStack() as open_:
        platform = open_.enter_context(KafkaCluster(doors=(DOOR,)))
        (door,) = platform.doors(DOOR)
        to_kafka = open_.enter_context(captured(door.port, port=door.advertised))
        sites = open_.enter_context(
            RealSites(
                tmp_path,
                sites=(SITE,),
                federations=(NAME,),
                later=(SITE,),
                platform_seen={SITE: f"127.0.0.1:{door.advertised}"},
                bootstrap_servers=platform.bootstrap_servers,
            )
        )
        to_control_plane = open_.enter_context(captured(port_of(sites.stack.url)))
        sites.stack.start_agent(SITE, "--control-plane", f"http://127.0.0.1:{to_control_plane.port}")
        give_evaluation(sites)
        give(sites, SITE, COUNT, seed=SEED)
        with sites.stack.client() as client:
            register_torch(client, NAME)
            enrolled(client, SITE)
            client.federations.put(federation(NAME, NAME, SITE, rounds=2, export=Export(forms=TORCH_FORMS)))
            view = ended(client, NAME)
    assert view.state is FederationState.FINISHED
    left = [*to_kafka.sent, *to_control_plane.sent]
    # It would be seen if it were there: what must leave is found.
    assert any(b"fogline-signature" in one for one in left)
    assert any(f"/v1/nodes/{SITE}/reports".encode() in one for one in left)
    found = [sign for sign in signs(COUNT) if any(sign in one for one in left)]
    assert not found, f"{len(found)} of {COUNT} records left the site"


def signs(count: int) -> Iterator[bytes]:
    """What a record would be known by, in the ways that programs write tensors down: bytes, floats, text."""
    images, _ = shapes(count, seed=SEED)
    for image in images:
        raw = image.tobytes()
        yield raw
        yield image.astype(np.float32).tobytes()[:64]
        yield (image.astype(np.float32) / 255).tobytes()[:64]
        yield b64encode(raw)[:40]
        yield ",".join(map(str, image.reshape(-1)[:24])).encode()
        yield ", ".join(map(str, image.reshape(-1)[:24])).encode()
