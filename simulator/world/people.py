"""Users of the LMS: names, mails and attributes drawn for each, staff first."""

from random import Random

from simulator.world.sites import Sites
from simulator.world.things import User

FIRST = ("Ana", "Ben", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiro", "Inés", "Jonas", "Kofi", "Lena", "Miguel",
  "Noor", "Olga", "Paul", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Victor", "Wen", "Yara", "Zoë")  # fmt: skip
LAST = ("Adams", "Bauer", "Costa", "Diallo", "Evans", "Fischer", "García", "Hansen", "Ivanov", "Jensen", "Kim", "López",
  "Müller", "Nguyen", "Okafor", "Patel", "Rossi", "Sato", "Tanaka", "Usman", "Vogel", "Weber", "Yilmaz")  # fmt: skip
REGIONS = ("north", "south", "west")
PLAIN = str.maketrans("éëíóü", "eeiou")
INSTRUCTORS = 5


def staff(sites: Sites) -> list[User]:
    teachers = [_teacher(sites, number) for number in range(1, INSTRUCTORS + 1)]
    admin = User(
        user_id="admin", email=f"admin@{sites.mail}", full_name="Ada Min", role="admin", external_id="1", attributes={}
    )
    return [admin, *teachers]


def _teacher(sites: Sites, number: int) -> User:
    return User(
        user_id=f"i{number}",
        email=f"teacher{number}@{sites.mail}",
        full_name=f"{FIRST[-number]} {LAST[-number]}",
        role="instructor",
        external_id=str(10 + number),
        attributes={},
    )


def student(rng: Random, sites: Sites, number: int) -> User:
    first, last = FIRST[int(rng.random() * len(FIRST))], LAST[int(rng.random() * len(LAST))]
    mail = f"{first}.{last}{number}@{sites.mail}".translate(PLAIN)
    attributes = {"first_generation": "yes" if rng.random() < 0.3 else "no"}
    # Some never said where they live: no value, no group.
    if rng.random() < 0.8:
        attributes["region"] = REGIONS[int(rng.random() * len(REGIONS))]
    return User(
        user_id=f"u{number:07}",
        email=mail if rng.random() < 0.5 else mail.lower(),
        full_name=f"{first} {last}",
        role="student",
        external_id=str(100_000 + number),
        attributes=attributes,
    )
