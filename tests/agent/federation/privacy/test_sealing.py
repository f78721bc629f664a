"""A seed is opened by who has the key, for the round and the log that it was drawn for, and by nobody else."""

from base64 import b64encode

import pytest

from agent.federation.privacy.sealing import Seal, SealError

KEY, OTHER = b64encode(bytes(32)).decode(), b64encode(b"1" * 32).decode()


def test_a_seed_is_opened_as_it_was_drawn_and_each_is_another() -> None:
    seal = Seal(KEY, "log")
    sealed = seal.drawn(3)
    assert len(seal.opened(3, sealed)) == 32
    assert seal.opened(3, sealed) == seal.opened(3, sealed)
    assert seal.opened(3, seal.drawn(3)) != seal.opened(3, sealed)


@pytest.mark.parametrize(("key", "log", "round_"), [(OTHER, "log", 3), (KEY, "another", 3), (KEY, "log", 4)])
def test_another_key_log_or_round_opens_nothing(key: str, log: str, round_: int) -> None:
    sealed = Seal(KEY, "log").drawn(3)
    with pytest.raises(SealError, match=f"round {round_}"):
        Seal(key, log).opened(round_, sealed)


@pytest.mark.parametrize("key", ["", "no base64!", b64encode(b"short").decode()])
def test_what_is_no_key_is_said_to_be_none(key: str) -> None:
    with pytest.raises(SealError, match="key"):
        Seal(key, "log").drawn(1)
