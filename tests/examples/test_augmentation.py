"""What the example's own function does to images: shifts and mirrors, and nothing else."""

from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest

Images = npt.NDArray[np.uint8]

# Starting TensorFlow takes seconds.
pytestmark = pytest.mark.slow
SEED = 7


@pytest.fixture(scope="module")
def network() -> ModuleType:
    from examples.fashion_mnist import network

    return network


@pytest.fixture(scope="module")
def images() -> Images:
    """Each pixel of an image has its own value in the midst and nought at the rim, so that no shift loses one."""
    drawn = np.random.default_rng(0).integers(1, 256, size=(64, 28, 28, 1), dtype=np.uint8)
    drawn[:, :2] = drawn[:, -2:] = drawn[:, :, :2] = drawn[:, :, -2:] = 0
    return drawn


def augmented(network: ModuleType, images: Images, seed: int = SEED) -> Images:
    made: Images = network.augment(images.copy(), np.random.default_rng(seed))
    return made


def test_shape_and_type_stay(network: ModuleType, images: Images) -> None:
    made = augmented(network, images)
    assert (made.shape, made.dtype) == (images.shape, images.dtype)


def test_the_same_seed_draws_the_same_and_another_draws_others(network: ModuleType, images: Images) -> None:
    assert np.array_equal(augmented(network, images), augmented(network, images))
    assert not np.array_equal(augmented(network, images), augmented(network, images, SEED + 1))


def test_what_is_given_is_left_alone(network: ModuleType, images: Images) -> None:
    given = images.copy()
    network.augment(given, np.random.default_rng(SEED))
    assert np.array_equal(given, images)


def test_an_image_keeps_its_pixels_and_is_only_shifted_and_mirrored(network: ModuleType, images: Images) -> None:
    mirrored = 0
    for before, after in zip(images, augmented(network, images), strict=True):
        assert sorted(before.ravel()) == sorted(after.ravel())
        found = {way for way in (1, -1) if _is_shifted(before[:, ::way], after)}
        assert found
        mirrored += found == {-1}
    assert 16 < mirrored < 48


def test_no_image_and_one_image_are_enough(network: ModuleType, images: Images) -> None:
    assert [len(augmented(network, images[:count])) for count in (0, 1)] == [0, 1]


def _is_shifted(before: Images, after: Images) -> bool:
    """By two pixels at most; the rim is nought, so that rolling is shifting."""
    ways = range(-2, 3)
    return any(np.array_equal(np.roll(before, (down, right), (0, 1)), after) for down in ways for right in ways)
