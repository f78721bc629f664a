"""Argument types that refuse a bad number with a clear line."""

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)
