"""What goes out, and when it arrives."""

from typing import Literal

import msgspec

Content = Literal["statement", "event"]


class Parcel(msgspec.Struct, frozen=True, gc=False):
    tenant: str
    content: Content
    arrives: int
    text: bytes
