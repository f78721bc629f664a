"""A shuffled order of any number of rows in no memory at all: computed where it is asked for, never stored.

A Feistel network over two digits of unequal size, and walking along the cycle where it leaves the range: the third
and the second method of Black and Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002. Its round function
is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) over a key and the digit. It is to mix well, not to
keep a secret. The order depends on nothing but the numbers given, so a run resumed elsewhere, under another numpy,
reads on where it stopped.
"""

from hashlib import shake_256
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

# By measurement: at 8 a thousand rows show nothing any more, but the 120 orders of five rows are unequally likely. Two
# rounds more halve their differences, which at 12 are 8 % of their mean; at 16 the tests see none.
ROUNDS = 16
# Two digits of 24 bits: the products of the round function fit into 64.
MOST_ROWS = 2**48

_Words = NDArray[np.uint64]
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32 = (np.uint64(bits) for bits in (27, 30, 31, 32))


def derived_seed(seed: int, purpose: str, number: int) -> int:
    """A seed for one thing among many of its kind, `("epoch", 3)`: neighbours have nothing in common."""
    return int.from_bytes(shake_256(f"{purpose} {number} of {seed}".encode()).digest(8), "little")


class Permutation:
    """`Permutation(n, seed)[positions]`: which rows, 0 to n - 1, stand at these positions; each row at one of them.

    Raises ValueError for more than MOST_ROWS rows, IndexError for a position outside 0 to n - 1.
    """

    __slots__ = ("_keys", "_n", "_sizes")

    def __init__(self, n: int, seed: int, *, rounds: int = ROUNDS) -> None:
        if not 0 <= n <= MOST_ROWS:
            raise ValueError(f"{n} rows: 0 to {MOST_ROWS} can be put in order")
        self._n = n
        # How many values each of the two digits has: their product exceeds n by less than the first. That one is even:
        # adding to a digit of odd size is an even permutation, and two such digits would leave half of all orders out.
        low = (isqrt(max(n, 1) - 1) // 2 + 1) * 2
        self._sizes = np.uint64(low), np.uint64(-(-n // low))
        raw = shake_256(f"order by {seed}".encode()).digest(8 * rounds)
        self._keys = np.frombuffer(raw, "<u8").astype(np.uint64)

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, positions: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        if positions.size and not (positions.min() >= 0 and positions.max() < self._n):
            raise IndexError(f"positions go from 0 to {self._n - 1}")
        rows = self._enciphered(positions.astype(np.uint64))
        # The cipher permutes a few numbers more than there are rows; from one of those it leads back to a row.
        while (outside := rows >= np.uint64(self._n)).any():
            rows[outside] = self._enciphered(rows[outside])
        return rows.astype(np.int64)

    def _enciphered(self, numbers: _Words) -> _Words:
        size, other = self._sizes
        high, low = np.divmod(numbers, size)
        for key in self._keys:
            low, high = high, _sum(low, _scaled(_mixed(high ^ key), size), size)
            size, other = other, size
        return high * size + low


def _mixed(words: _Words) -> _Words:
    words = (words ^ (words >> _S30)) * _MIX_1
    words = (words ^ (words >> _S27)) * _MIX_2
    return words ^ (words >> _S31)


def _scaled(words: _Words, size: np.uint64) -> _Words:
    """Evenly to 0 .. size - 1, by the upper half of each word: a division would take longer than all else."""
    return ((words >> _S32) * size) >> _S32


def _sum(digits: _Words, more: _Words, size: np.uint64) -> _Words:
    """Modulo the size, which both are below: what the size need not be taken from wraps around to a greater number."""
    total = digits + more
    wrapped: _Words = np.minimum(total, total - size)
    return wrapped
