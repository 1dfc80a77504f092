"""From a plan's steps to statements on their way: late, twice, out of order, by odd clocks, some of them voided."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import msgspec

from simulator.chance import new_id
from simulator.delivery.parcels import Parcel
from simulator.dialects.adl import VOIDED
from simulator.dialects.table import render
from simulator.dialects.words import encode, timestamp
from simulator.imperfections import Imperfections
from simulator.moments import DAY, HOUR, MINUTE, SECOND
from simulator.plans.learners import actors
from simulator.plans.plan import Plan
from simulator.plans.steps import Step
from simulator.truth.engagement import steps_of
from simulator.world.tenants import Tenant

DUPLICATES, LATE, DISORDER, SKEWED, VOIDED_SHARE = 0.01, 0.02, 0.03, 0.05, 0.005


class Mail:
    def __init__(self, tenant: Tenant, wrong: Imperfections, *, stored: bool) -> None:
        self.tenant = tenant
        self.wrong = wrong
        self.stored = stored
        self.sent: Counter[str] = Counter()
        admin = next(user for user in tenant.staff if user.role == "admin")
        self._admin = actors(tenant.sites, admin)["lms_external"]

    def of(self, plan: Plan, rng: Random) -> list[Parcel]:
        """In the order of arrival."""
        found = list(self._parcels(plan, rng))
        found.sort(key=lambda parcel: parcel.arrives)
        return found

    def _parcels(self, plan: Plan, rng: Random) -> Iterator[Parcel]:
        skew = self._skew(rng)
        for step in steps_of(plan):
            if not step.is_told:
                continue
            shown = step if step.clock is None else msgspec.structs.replace(step, at=step.clock)
            arrives = step.at + skew + self._delay(rng) if step.arrives is None else step.arrives
            parcel = self._parcel(render(shown, plan.actors), arrives)
            yield parcel
            drawn = rng.random()
            if drawn < DUPLICATES and self.wrong.duplicates:
                self.sent["duplicates"] += 1
                again = rng.choice((SECOND, MINUTE, 2 * DAY))
                yield msgspec.structs.replace(parcel, arrives=arrives + again)
            elif DUPLICATES <= drawn < DUPLICATES + VOIDED_SHARE and self.wrong.voided and step.arrives is None:
                yield from self._mistake(step, plan, rng)

    def _parcel(self, text: bytes, arrives: int) -> Parcel:
        if self.stored:
            text = b'%s,"stored":"%s"}' % (text[:-1], timestamp(arrives))
        return Parcel(self.tenant.slug, "statement", arrives, text)

    def _skew(self, rng: Random) -> int:
        """Of the whole device. Ahead by less than five minutes: no reason not to believe it."""
        if rng.random() >= SKEWED or not self.wrong.skew:
            return 0
        self.sent["skewed_devices"] += 1
        return -4 * MINUTE if rng.random() < 0.5 else int(rng.random() * 3 * HOUR)

    def _delay(self, rng: Random) -> int:
        drawn, delay = rng.random(), 300 + int(rng.random() * 1500)
        if drawn < LATE and self.wrong.late:
            self.sent["late"] += 1
            return delay + int((1 + rng.random() * 8) * DAY)
        if LATE <= drawn < LATE + DISORDER and self.wrong.disorder:
            self.sent["disordered"] += 1
            return delay + int(rng.random() * 10 * MINUTE)
        return delay

    def _mistake(self, step: Step, plan: Plan, rng: Random) -> Iterator[Parcel]:
        """The same thing said two days before it happened, and taken back, perhaps before it arrives."""
        ghost = msgspec.structs.replace(step, id=new_id(rng), at=step.at - 2 * DAY)
        arrives = ghost.at + self._delay(rng)
        voided_at = ghost.at + 3 * HOUR
        self.sent["voided"] += 1
        if rng.random() < 0.3:
            self.sent["voided_before_target"] += 1
            arrives = voided_at + HOUR
        yield self._parcel(render(ghost, plan.actors), arrives)
        yield self._parcel(self._void(ghost, voided_at, rng), max(voided_at + SECOND, arrives - 2 * HOUR))

    def _void(self, ghost: Step, at: int, rng: Random) -> bytes:
        return b'{"id":"%s","actor":%s,"verb":%s,"object":%s,"timestamp":"%s"}' % (
            new_id(rng).encode(), self._admin, VOIDED.text,
            encode({"objectType": "StatementRef", "id": ghost.id}), timestamp(at),
        )  # fmt: skip
