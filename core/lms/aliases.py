"""Corrections by hand: who an agent is, what an activity is, what a verb means. History follows them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection, errors

from core.audit import record_act
from core.errors import UserError
from core.tenants import Tenant
from core.xapi.agents import Agent, actor
from core.xapi.errors import StatementError
from core.xapi.iris import check_iri
from core.xapi.keys import activity_id_key, agent_key, verb_id_key

# Instead of what it is: the alias is taken back.
NOTHING = "-"
VERB_KINDS = (
    "started", "progressed", "completed", "passed", "failed", "scored", "answered", "viewed", "played", "paused",
    "seeked", "interacted", "graded", "ended", "waived", "other",
)  # fmt: skip
SHA1 = re.compile(r"[0-9a-fA-F]{40}")


class Alias(NamedTuple):
    """An agent, an activity or a verb as it is known outside, and what it is."""

    named: str
    target: str

    @property
    def to(self) -> str | None:
        return None if self.target == NOTHING else self.target


class AliasKind(NamedTuple):
    row: Callable[[int, Alias], Mapping[str, Any]]
    upsert: str


def keep_aliases(connection: Connection, tenant: Tenant, kind: str, aliases: Sequence[Alias]) -> int:
    """In one transaction with its account and its batch. Returns how many are new or different."""
    tenant_id = tenant.tenant_id
    rows = [ALIAS_KINDS[kind].row(tenant_id, alias) for alias in aliases]
    changed = 0
    with connection.transaction():
        opened = connection.execute("select ingest.open_batch('settings', %s)", [[tenant_id]]).fetchone()
        batch_id = opened[0] if opened else 0
        for alias, row in zip(aliases, rows, strict=True):
            try:
                done = connection.execute(
                    ALIAS_KINDS[kind].upsert, {"tenant_id": tenant_id, "batch_id": batch_id, **row}
                )
            except errors.ForeignKeyViolation as error:
                raise UserError(
                    f"{tenant.slug} has no {alias.target!r}: {alias.named} cannot be mapped to it.",
                    "Nothing was mapped. Look at the ids in `lyceum lms export`.",
                ) from error
            changed += done.rowcount
            if done.rowcount:
                record_act(connection, tenant_id, f"map.{kind}", alias.named, {"to": alias.to})
    return changed


def read_agent(text: str) -> Agent:
    """JSON as in statements, or shorter: mailto:…, the SHA-1 of one, an OpenID."""
    try:
        return actor(text.encode() if text.lstrip().startswith("{") else _agent_json(text))
    except StatementError as error:
        raise UserError(
            f"{text!r} is no agent: {error.message}",
            'Give mailto:ada@school.example, or JSON such as {"account": {"homePage": "https://…", "name": "7"}}.',
        ) from error


def _agent_json(text: str) -> bytes:
    name = "mbox" if text.startswith("mailto:") else "mbox_sha1sum" if SHA1.fullmatch(text) else "openid"
    return msgspec.json.encode({name: text})


def _learner(tenant_id: int, alias: Alias) -> Mapping[str, Any]:
    agent = read_agent(alias.named)
    return {
        "key": agent_key(tenant_id, agent).hex(),
        "agent": agent.canonical_text.decode(),
        "user_id": alias.to,
    }


def _activity(tenant_id: int, alias: Alias) -> Mapping[str, Any]:
    kind, _, target = (alias.to or "").partition(":")
    if alias.to is not None and (kind not in ("course", "lesson", "assessment") or not target):
        raise UserError(
            f"{alias.target!r} does not say what it names.", "Write course|lesson|assessment, a colon, its id."
        )
    ids = {f"{name}_id": target if kind == name else None for name in ("course", "lesson", "assessment")}
    return {"key": activity_id_key(tenant_id, _iri(alias)).hex(), "iri": alias.named, **ids}


def _verb(tenant_id: int, alias: Alias) -> Mapping[str, Any]:
    if alias.target not in (NOTHING, *VERB_KINDS):
        raise UserError(f"{alias.target!r} is no kind of verb.", f"Choose one: {', '.join(VERB_KINDS)}.")
    return {"key": verb_id_key(tenant_id, _iri(alias)).hex(), "iri": alias.named, "kind": alias.to}


def _iri(alias: Alias) -> str:
    try:
        return check_iri(alias.named)
    except StatementError as error:
        raise UserError(f"{alias.named!r} is no IRI.", "Copy it from `lyceum unmapped list`.") from error


ALIAS_KINDS = {
    "learner": AliasKind(
        _learner,
        "insert into lms.learner_aliases as known (tenant_id, agent_key, agent, user_id, batch_id) "
        "values (%(tenant_id)s, %(key)s, %(agent)s, %(user_id)s, %(batch_id)s) "
        "on conflict (tenant_id, agent_key) do update set user_id = excluded.user_id, batch_id = excluded.batch_id "
        "where known.user_id is distinct from excluded.user_id",
    ),
    "activity": AliasKind(
        _activity,
        "insert into lms.activity_aliases as known "
        "(tenant_id, activity_key, iri, course_id, lesson_id, assessment_id, batch_id) "
        "values (%(tenant_id)s, %(key)s, %(iri)s, %(course_id)s, %(lesson_id)s, %(assessment_id)s, %(batch_id)s) "
        "on conflict (tenant_id, activity_key) do update set course_id = excluded.course_id, "
        "lesson_id = excluded.lesson_id, assessment_id = excluded.assessment_id, batch_id = excluded.batch_id "
        "where row(known.course_id, known.lesson_id, known.assessment_id) "
        "is distinct from row(excluded.course_id, excluded.lesson_id, excluded.assessment_id)",
    ),
    "verb": AliasKind(
        _verb,
        "insert into lms.verb_kinds as known (tenant_id, verb_key, iri, kind, batch_id) "
        "values (%(tenant_id)s, %(key)s, %(iri)s, %(kind)s, %(batch_id)s) "
        "on conflict (tenant_id, verb_key) do update set kind = excluded.kind, batch_id = excluded.batch_id "
        "where known.kind is distinct from excluded.kind",
    ),
}
