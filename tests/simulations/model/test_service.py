"""Service times as a document: written, read, refused."""

from pathlib import Path

import pytest

from shared.errors import DocumentError, SettingsError
from simulations.experiment.document import Tier
from simulations.model import service


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    times = service.from_bench((Tier(name="edge"), Tier(name="cloud")))
    path = tmp_path / "service.json"
    path.write_bytes(service.encode(times))
    assert service.load(path) == times


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "Input data was truncated"),
        (b'{"api_version": "fogline/v1", "kind": "service-times"}', "missing required field `tiers`"),
        (b'{"api_version": "fogline/v1", "kind": "service-times", "tiers": {}, "sloths": 4}', "unknown field `sloths`"),
        (
            b'{"api_version": "fogline/v1", "kind": "service-times", "tiers": {"edge": {"infer_s": -1}}}',
            r"Expected `float` >= 0.0 - at `\$.tiers\[...\].infer_s`",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        service.decode(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json: No such file"):
        service.load(tmp_path / "none.json")


def test_three_brokers_take_longer_than_one() -> None:
    times = service.TierService(infer_s=0, infer_record_s=0, append_s=0.001, replicate_s=0.002)
    assert times.appended_after_s(Tier(name="edge")) == 0.001
    assert times.appended_after_s(Tier(name="edge", brokers=3)) == 0.003
