"""Which tests the workers take together."""

from xdist.scheduler import LoadFileScheduling

WHOLE = ("tests/acceptance/", "tests/security/platform/")


class OnePlatformAtATime(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file is one worker's; and one worker has all that start the whole platform, of which two would starve each
    other."""

    def _split_scope(self, nodeid: str) -> str:
        return "the whole" if nodeid.startswith(WHOLE) else super()._split_scope(nodeid)
