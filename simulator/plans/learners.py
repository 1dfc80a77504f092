"""Who learns: temper, ability, and the ways in which emitters call them by name."""

import hashlib
from random import Random
from typing import Literal

import msgspec

from simulator.dialects.words import encode
from simulator.world.sites import Sites
from simulator.world.things import User

Temper = Literal["steady", "crammer", "dropout", "never", "returner"]
TEMPERS: tuple[Temper, ...] = ("steady", "crammer", "dropout", "never", "returner")
SHARES = (0.4, 0.2, 0.18, 0.08, 0.14)

# How an emitter may know a learner: by an account at one of the tenant's sites, or by mail.
FORMS = ("lms_external", "lms_user", "moodle", "edx", "mbox", "sha1")


class Learner(msgspec.Struct, eq=False):
    user: User
    temper: Temper
    ability: float
    actors: dict[str, bytes]


def make_learner(rng: Random, sites: Sites, user: User, temper: Temper | None = None) -> Learner:
    drawn = temper or rng.choices(TEMPERS, SHARES)[0]
    return Learner(user, drawn, rng.gauss(0.4, 1.0), actors(sites, user))


def edx_form(sites: Sites) -> str:
    """An installation of Open edX names its learners in one way."""
    return ("account", "sha1", "mbox")[len(sites.slug) % 3]


def actors(sites: Sites, user: User) -> dict[str, bytes]:
    mail = f"mailto:{user.email}"
    forms = {
        "lms_external": _account(sites.lms, user.external_id, user.full_name),
        "lms_user": _account(sites.lms, user.user_id, user.full_name),
        "moodle": encode({"name": user.full_name, "account": {"homePage": sites.moodle, "name": user.external_id}}),
        "mbox": encode({"objectType": "Agent", "name": user.full_name, "mbox": mail.lower()}),
        # Of the address as the LMS has it, or in lower case: both are usual.
        "sha1": encode(
            {"objectType": "Agent", "mbox_sha1sum": _sha1(mail if user.role == "student" else mail.lower())}
        ),
    }
    form = edx_form(sites)
    forms["edx"] = _account(sites.edx, user.user_id) if form == "account" else forms[form]
    return forms


def _account(home_page: str, name: str, full_name: str | None = None) -> bytes:
    named = {} if full_name is None else {"name": full_name}
    return encode({"objectType": "Agent", **named, "account": {"homePage": home_page, "name": name}})


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
