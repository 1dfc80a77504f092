"""If-Match and If-None-Match (RFC 9110): what a client expects to be there."""

from dataclasses import dataclass

from starlette.datastructures import Headers

ANYTHING = "*"


@dataclass(frozen=True)
class Preconditions:
    """Tags are bare: proxies that compress make strong ones weak, and some clients leave the quotes out."""

    match: frozenset[str] | None
    none_match: frozenset[str] | None

    @classmethod
    def parse(cls, headers: Headers) -> "Preconditions":
        return cls(_tags(headers, "if-match"), _tags(headers, "if-none-match"))

    @property
    def are_missing(self) -> bool:
        return self.match is None and self.none_match is None

    def matches(self, etag: str | None) -> bool:
        """None: there is nothing."""
        return self.match is None or _covers(self.match, etag)

    def hold(self, etag: str | None) -> bool:
        return self.matches(etag) and (self.none_match is None or not _covers(self.none_match, etag))


def _tags(headers: Headers, name: str) -> frozenset[str] | None:
    lines = headers.getlist(name)
    if not lines:
        return None
    return frozenset(tag.strip().removeprefix("W/").strip('"') for line in lines for tag in line.split(","))


def _covers(tags: frozenset[str], etag: str | None) -> bool:
    return etag is not None and (ANYTHING in tags or etag in tags)
