"""Chance that is the same again: every learner draws from a source of their own."""

from random import Random


def source(*names: object) -> Random:
    """One for each sequence of names, whatever was drawn from the others."""
    return Random("/".join(map(str, names)))  # noqa: S311 - the same draws in every run


def new_id(rng: Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
