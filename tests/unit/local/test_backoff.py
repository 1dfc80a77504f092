from local.backoff import FORGIVEN_AFTER, MOST, Backoff


def test_next__doubles_up_to_a_limit() -> None:
    backoff = Backoff()
    delays = [backoff.next(was_well_for=0.0) for _ in range(9)]
    assert delays == [0.5, 1, 2, 4, 8, 16, MOST, MOST, MOST]


def test_next__forgiven_after_being_well() -> None:
    backoff = Backoff(failures=7)
    assert backoff.next(was_well_for=FORGIVEN_AFTER) == 0.5


def test_next__not_forgiven_too_early() -> None:
    backoff = Backoff(failures=3)
    assert backoff.next(was_well_for=FORGIVEN_AFTER - 1) == 4
