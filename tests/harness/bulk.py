"""Files of statements, and a tenant whose statements come and go by them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.credentials import NewCredential, create_credential
from core.tenants import Tenant
from tests.harness.command import Command, Finished
from tests.harness.database import Database

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class School:
    tenant: Tenant
    key: str
    database: Database
    lyceum: Command

    @property
    def command(self) -> list[str]:
        return ["statements", "import", "--tenant", self.tenant.slug, "--credential", self.key]

    def imports(self, file: Path | str, *options: str, **variables: str) -> Finished:
        return self.lyceum(*self.command, str(file), *options, **variables)

    def counts(self, file: Path | str, *options: str, **variables: str) -> tuple[int, int, int]:
        """Stored, repeated and rejected. The exit code must say the same."""
        done = self.imports(file, *options, "--json", **variables)
        assert done.code in (0, 1), done.err
        assert done.code == (done.json["rejected"] > 0), done.err
        assert done.json["read"] == sum(done.json[name] for name in ("stored", "repeated", "rejected"))
        return done.json["stored"], done.json["repeated"], done.json["rejected"]

    def export(self, *options: str, **variables: str) -> Finished:
        return self.lyceum("statements", "export", "--tenant", self.tenant.slug, *options, **variables)

    def exports(self, *options: str) -> list[dict[str, Any]]:
        done = self.export(*options)
        assert done.code == 0, done.err
        return [json.loads(line) for line in done.out.splitlines()]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """`%s` is the tenant."""
        with self.database.admin() as connection:
            return connection.execute(query, [self.tenant.tenant_id]).fetchall()

    def stored_ids(self) -> set[str]:
        return {row[0] for row in self.rows("select statement_id::text from xapi.statements where tenant_id = %s")}


def make_school(
    database: Database,
    lyceum: Command,
    slug: str = "school",
    scopes: Sequence[str] = ("statements/write",),
    **more: Any,
) -> School:
    tenant = database.tenant(slug)
    return School(tenant, make_key(database, slug, scopes, **more), database, lyceum)


def make_key(database: Database, slug: str, scopes: Sequence[str] = ("statements/write",), **more: Any) -> str:
    with database.admin() as connection:
        new = NewCredential(f"of {slug} for {' and '.join(scopes)} {sorted(more)}", scopes, **more)
        issued = create_credential(connection, slug, new, database.key, "https://lrs.example")
    return issued.credential.key_id


def as_lines(statements: Iterable[Statement]) -> bytes:
    return b"".join(json.dumps(statement, ensure_ascii=False).encode() + b"\n" for statement in statements)


def as_array(statements: Iterable[Statement], indent: int | None = None) -> bytes:
    return json.dumps(list(statements), indent=indent).encode()


def rejects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


Write = Callable[[str, bytes], Path]
