"""One simulation from its parameters: everything that is sent, and the truth beside it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from simulator.chance import source
from simulator.delivery.mail import Mail
from simulator.delivery.parcels import Parcel
from simulator.lms.events import course_events, plan_events
from simulator.lms.rows import Rows
from simulator.parameters import Parameters, checked
from simulator.plans.cast import Cast
from simulator.truth.truth import Truth
from simulator.world.tenants import Tenant, build_tenant


def build_tenants(parameters: Parameters) -> list[Tenant]:
    checked(parameters)
    return [build_tenant(parameters, name, number) for number, name in enumerate(parameters.tenants, 1)]


def play(parameters: Parameters, tenant: Tenant, folder: Path) -> Iterator[Parcel]:
    """Learner by learner. Rows and truth in `folder` are complete once all is taken."""
    with (
        closing(Truth(tenant, folder / "truth" / tenant.slug, trace=parameters.trace)) as truth,
        closing(Rows(tenant, folder / "rows" / tenant.slug)) as rows,
    ):
        yield from course_events(tenant, source(parameters.seed, tenant.slug, "courses"))
        mail = Mail(tenant, parameters.imperfections, stored=parameters.stored)
        sent = learners = 0
        for number, plans in enumerate(Cast(parameters, tenant).units()):
            if _is_enough(parameters, sent, learners):
                break
            rng = source(parameters.seed, tenant.slug, number, "mail")
            for plan in plans:
                truth.add(plan)
                rows.add(plan)
                learners += len(plan.users)
                yield from plan_events(tenant, plan, rng)
                parcels = mail.of(plan, rng)
                sent += len(parcels)
                yield from parcels
        truth.finish(mail.sent)


def _is_enough(parameters: Parameters, sent: int, learners: int) -> bool:
    share = len(parameters.tenants)
    if parameters.statements is not None:
        return sent >= parameters.statements / share
    return learners >= (parameters.learners or 0) / share
