"""The addresses of a tenant, and how its LMS recognises activities in them."""

import re

import msgspec

from simulator.world.things import Pattern


class Sites(msgspec.Struct, frozen=True):
    slug: str

    @property
    def lms(self) -> str:
        return f"https://lms.{self.slug}.example"

    @property
    def moodle(self) -> str:
        return f"https://moodle.{self.slug}.example"

    @property
    def edx(self) -> str:
        return f"https://edx.{self.slug}.example"

    @property
    def h5p(self) -> str:
        return f"https://h5p.{self.slug}.example"

    @property
    def home_pages(self) -> list[str]:
        return [self.lms, self.moodle, self.edx]

    @property
    def mail(self) -> str:
        return f"{self.slug}.example"


def patterns(sites: Sites) -> list[Pattern]:
    lms, moodle, edx = (re.escape(site) for site in (sites.lms, sites.moodle, sites.edx))
    return [
        Pattern("course", "slug", f"^{lms}/courses/(?<key>[a-z0-9-]+)$"),
        Pattern("lesson", "id", f"^{lms}/lessons/(?<key>[a-z0-9-]+)$"),
        Pattern("assessment", "id", f"^{lms}/quizzes/(?<key>[a-z0-9-]+)$"),
        Pattern("course", "external_id", f"^{moodle}/course/view\\.php\\?id=(?<key>[0-9]+)$"),
        Pattern("lesson", "external_id", f"^{moodle}/mod/page/view\\.php\\?id=(?<key>[0-9]+)$"),
        Pattern("assessment", "external_id", f"^{moodle}/mod/quiz/view\\.php\\?id=(?<key>[0-9]+)$"),
        Pattern("assessment", "external_id", f"^{moodle}/mod/quiz/attempt\\.php\\?attempt=[0-9]+&cmid=(?<key>[0-9]+)$"),
        Pattern("assessment", "external_id", f"^{moodle}/mod/assign/view\\.php\\?id=(?<key>[0-9]+)(?:#submission)?$"),
        Pattern("course", "external_id", f"^{edx}/course/(?<key>course-v1:.+)$"),
        Pattern("lesson", "external_id", f"^{edx}/xblock/(?<key>block-v1:.+@(?:video|html)\\+block@.+)$"),
        Pattern("assessment", "external_id", f"^{edx}/xblock/(?<key>block-v1:.+@sequential\\+block@.+)$"),
    ]
