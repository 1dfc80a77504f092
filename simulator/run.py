"""One simulation from its parameters: everything that is sent, and the truth beside it."""

from collections.abc import Iterator
from pathlib import Path

from simulator.chance import source
from simulator.delivery.mail import Mail
from simulator.delivery.parcels import Parcel
from simulator.parameters import Parameters, checked
from simulator.plans.cast import Cast
from simulator.truth.truth import Truth
from simulator.world.tenants import Tenant, build_tenant


def tenants(parameters: Parameters) -> list[Tenant]:
    checked(parameters)
    return [build_tenant(parameters, name, number) for number, name in enumerate(parameters.tenants, 1)]


def play(parameters: Parameters, tenant: Tenant, truth_folder: Path) -> Iterator[Parcel]:
    """Learner by learner. The truth is complete once all is taken."""
    cast, truth = Cast(parameters, tenant), Truth(tenant, truth_folder / tenant.slug)
    mail = Mail(tenant, parameters.imperfections, stored=parameters.stored)
    sent = learners = number = 0
    while not _is_enough(parameters, sent, learners):
        rng = source(parameters.seed, tenant.slug, number, "mail")
        for plan in cast.unit(number):
            truth.add(plan)
            learners += len(plan.users)
            parcels = mail.of(plan, rng)
            sent += len(parcels)
            yield from parcels
        number += 1
    truth.finish(mail.sent)


def _is_enough(parameters: Parameters, sent: int, learners: int) -> bool:
    share = len(parameters.tenants)
    if parameters.statements is not None:
        return sent >= parameters.statements / share
    return learners >= (parameters.learners or 0) / share
