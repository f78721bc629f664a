"""The numbers of training requests. Pure."""

from collections.abc import Collection
from itertools import count

from shared.documents import NEVER_REQUEST_NUMBERS


def least_free(taken: Collection[int]) -> int:
    return next(number for number in count(1) if number not in taken and number not in NEVER_REQUEST_NUMBERS)
