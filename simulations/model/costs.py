"""What an agent's steps cost it."""

from simulations.model.noise import Noise
from simulations.model.service import TierService


class Costs:
    """Nanoseconds of a micro-batch of so many records; `slowness` is how many times as long everything takes."""

    def __init__(self, service: TierService, slowness: float, noise: Noise) -> None:
        slowness *= 1e9
        self._noise = noise
        self._take = (service.take_s * slowness, service.take_record_s * slowness)
        self._infer = (service.infer_s * slowness, service.infer_record_s * slowness)
        self._send = (service.send_s * slowness, service.send_record_s * slowness)
        self._commit = round(service.commit_s * slowness)

    def take(self, records: int) -> int:
        return round(self._take[0] + records * self._take[1])

    def infer(self, records: int) -> int:
        return round((self._infer[0] + records * self._infer[1]) * self._noise.factor())

    def send(self, records: int) -> int:
        return round((self._send[0] + records * self._send[1]) * self._noise.factor())

    def commit(self) -> int:
        return self._commit
