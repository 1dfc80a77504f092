from lrs.rate import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_rate__nothing_came() -> None:
    assert Rate(Clock()).per_minute == 0


def test_rate__of_the_last_minute() -> None:
    clock = Clock()
    rate = Rate(clock)
    for _ in range(90):
        rate.add(1)
        rate.add(2)
        clock.now += 1
    clock.now -= 1
    assert rate.per_minute == 3 * 60


def test_rate__what_is_older_is_forgotten() -> None:
    clock = Clock()
    rate = Rate(clock)
    rate.add(5)
    clock.now += 59
    assert rate.per_minute == 5
    clock.now += 1
    assert rate.per_minute == 0
    rate.add(7)
    assert rate.per_minute == 7
