"""Whatever the order in which events come, and however often: the same tables."""

import itertools
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from core.lms.events import Event
from core.lms.waiting import TenantEvent
from tests.harness.database import Database
from tests.harness.events import School, make_assessment, make_course, make_event, make_user
from tests.integration.lms.tables import contents, digests, many_tenants, put

pytestmark = pytest.mark.both_databases

Order = Sequence[Sequence[Event]]

SHORT = {
    "an enrolment, completed, withdrawn and begun anew": [
        make_user(),
        make_course(),
        make_event("student.enrolled", {"courseId": "algebra"}, 1),
        make_event("enrollment.updated", {"courseId": "algebra", "status": "completed"}, 2),
        make_event("student.withdrawn", {"courseId": "algebra"}, 3),
        make_event("student.enrolled", {"courseId": "algebra"}, 4),
    ],
    "a lesson that goes and comes back, completed twice": [
        make_user(),
        make_course(minute=1, lessons=("sets", "rings")),
        make_course(minute=3, lessons=("rings",)),
        make_course(minute=5, lessons=("sets",)),
        make_event("lesson.completed", {"lessonId": "sets"}, 2),
        make_event("lesson.completed", {"lessonId": "sets"}, 6),
    ],
    "a lesson that moves to another course": [
        make_course("algebra", 1, lessons=("sets",)),
        make_course("botany", 2, lessons=("sets",)),
        make_course("algebra", 3, lessons=()),
        make_course("botany", 4, lessons=()),
        make_course("algebra", 5, lessons=("sets",)),
        make_course("botany", 6, lessons=("ferns",)),
    ],
    "a score above what is allowed until more is": [
        make_user(),
        make_course(minute=1, assessments=(make_assessment("test", maxScore=10),)),
        make_course(minute=2, assessments=(make_assessment("test", maxScore=20),)),
        make_course(minute=3, assessments=(make_assessment("test", maxScore=5),)),
        make_event("assessment.submitted", {"assessmentId": "test", "attemptNumber": 1}, 4),
        make_event("assessment.graded", {"assessmentId": "test", "attemptNumber": 1, "score": 15}, 5),
    ],
    "grades before the work, and above every bound": [
        make_user(),
        make_course(assessments=("test",)),
        make_event("assessment.graded", {"assessmentId": "test", "attemptNumber": 1, "score": 11}, 5),
        make_event("assessment.graded", {"assessmentId": "test", "attemptNumber": 1, "score": 9}, 4),
        make_event("assessment.submitted", {"assessmentId": "test", "attemptNumber": 1}, 3),
        make_event("course.published", {"courseId": "algebra"}, 2, userId=None),
    ],
    "two different events under one id and time": [
        make_user(minute=1, fullName="One", eventId="6690e6c9-3ef0-4ed3-8b37-7f3964730bee"),
        make_user(minute=1, fullName="Two", eventId="6690e6c9-3ef0-4ed3-8b37-7f3964730bee"),
        make_user(minute=0, fullName="Three"),
    ],
    "progress, a reset, and progress again": [
        make_user(),
        make_course(),
        make_event("lesson.completed", {"lessonId": "sets"}, 1),
        make_event("lesson.reset", {"lessonId": "sets"}, 2),
        make_event("lesson.progressed", {"lessonId": "sets", "progressPct": 40}, 3),
        make_event("lesson.completed", {"lessonId": "sets"}, 4),
    ],
}  # fmt: skip


def deliver(database: Database, orders: Sequence[Order]) -> list[int]:
    """Each order to a tenant of its own, side by side; after each step everybody forgets what they knew."""
    tenants = many_tenants(database, len(orders))
    for step in range(max(map(len, orders))):
        with database.service("ingest") as connection:
            put(
                connection,
                [
                    TenantEvent(tenant_id, event)
                    for tenant_id, order in zip(tenants, orders, strict=True)
                    for event in (order[step] if step < len(order) else ())
                ],
            )
    return tenants


def assert_equal(database: Database, tenants: Sequence[int]) -> None:
    with database.service("ingest") as connection:
        found = digests(connection, tenants)
        first = tenants[0]
        odd = next((tenant for tenant in tenants if found[tenant] != found[first]), None)
        if odd is not None:
            assert contents(connection, odd) == contents(connection, first)
        assert len(set(found.values())) == 1


@pytest.mark.parametrize("story", SHORT)
def test_apply__every_order_of_a_short_story(
    database: Database, story: str, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    orders = [[[event] for event in order] for order in itertools.permutations(SHORT[story])]
    tenants = deliver(database, orders)
    assert_equal(database, tenants)
    proof(orders=len(orders))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(3))
def test_apply__long_stories_in_random_order(
    database: Database, seed: int, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    rng = random.Random(seed)
    tried = 0
    for _ in range(size.event_stories):
        events = School(rng).events(rng.randrange(20, 60))
        orders = [shuffled(rng, events) for _ in range(size.event_orders)]
        # One gets everything at once, as it happened.
        orders[0] = [sorted(events, key=lambda event: (event.timestamp, event.key))]
        assert_equal(database, deliver(database, orders))
        tried += len(orders)
    proof(stories=size.event_stories, orders=tried)


def shuffled(rng: random.Random, events: Sequence[Event]) -> list[list[Event]]:
    """In random batches; some events come again, in the same batch or a later one."""
    order = [*events, *rng.choices(events, k=len(events) // 4)]
    rng.shuffle(order)
    batches: list[list[Event]] = []
    while order:
        count = rng.choice((1, 1, 2, 5, 20))
        batches.append(order[:count])
        order = order[count:]
    return batches


def test_apply__several_at_once_neither_block_nor_miss_one_another(
    database: Database, proof: Callable[..., None]
) -> None:
    events = School(random.Random(7)).events(120)
    shared, alone = many_tenants(database, 2)
    # Each event by two of six writers.
    parts = [events[index::3] for index in range(3)] * 2

    def write(part: Sequence[Event]) -> None:
        with database.service("ingest", autocommit=True) as connection:
            for event in part:
                with connection.transaction():
                    put(connection, [TenantEvent(shared, event)])

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(write, parts))
    with database.service("ingest") as connection:
        put(connection, [TenantEvent(alone, event) for event in events])
    assert_equal(database, [shared, alone])
    proof(writers=len(parts), events=sum(map(len, parts)))
