"""Remembering what was read: the same actors, verbs and activities come again and again."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

# Longer texts are read each time, so that the memory stays bounded in bytes and not only in entries.
LONGEST = 2048


def remembered(entries: int) -> Callable[[Callable[[bytes], T]], Callable[[bytes], T]]:
    """For pure readers of immutable results. What is refused is not remembered."""

    def remember(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
        known = lru_cache(entries)(read)

        def look_up(value: bytes) -> T:
            return known(bytes(value)) if len(value) <= LONGEST else read(bytes(value))

        return look_up

    return remember
