import pytest
from psycopg import Error

from core.tenants import set_tenant_active
from tests.harness.command import Command
from tests.harness.database import Database

CREATE = ("tenants", "create", "school", "--name", "Riverside School")


def test_create__makes_a_reader_that_can_log_in(lyceum: Command, database: Database) -> None:
    made = lyceum(
        *CREATE, "--time-zone", "Europe/Berlin", "--plan", "pro", "--settings", '{"colour": "green"}',
        "--home-page", "https://lms.example", "--pattern", "lesson:external_id:^https://lms.example/l/(?P<key>[0-9]+)$",
        "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert made.json["time_zone"] == "Europe/Berlin"
    assert made.json["settings"] == {"colour": "green"}
    assert made.json["home_pages"] == ["https://lms.example"]
    assert made.json["patterns"] == [
        {"names": "lesson", "key_is": "external_id", "pattern": "^https://lms.example/l/(?<key>[0-9]+)$"}
    ]
    assert "school" not in made.json["reader"], "the login's name is visible to all, so it must not name the tenant"
    with database.admin() as connection:
        tenant = set_tenant_active(connection, "school", is_active=True)
        matched = connection.execute(
            "select substring('https://lms.example/l/42' from matcher) from control.iri_patterns"
        ).fetchone()
    assert matched == ("42",)
    with database.reader(tenant) as reader:
        assert reader.execute("select slug from control.tenants").fetchall() == [("school",)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tenants", "create", "Bad Slug", "--name", "x"), "cannot be a tenant's slug"),
        ((*CREATE, "--time-zone", "Mars/Olympus"), "'Mars/Olympus' is no time zone"),
        ((*CREATE, "--settings", "[1]"), "not a JSON object"),
        ((*CREATE, "--settings", "{"), "not JSON"),
        ((*CREATE, "--pattern", "course:slug:(a"), "no regular expression"),
        ((*CREATE, "--pattern", "course:slug:abc"), "exactly one group"),
        ((*CREATE, "--pattern", "course:slug:(x)(?<key>y)"), "exactly one group"),
        ((*CREATE, "--pattern", "planet:slug:(?<key>y)"), "does not say what it names"),
        ((*CREATE, "--pattern", "course:slug:(?s:x)(?<key>y)"), "PostgreSQL refuses the pattern"),
        (("tenants", "show", "nobody"), "There is no tenant 'nobody'"),
        (("tenants", "disable", "nobody"), "There is no tenant 'nobody'"),
        (("tenants", "update", "nobody", "--name", "x"), "There is no tenant 'nobody'"),
    ],
)
def test_mistakes__one_sentence_and_nothing_done(
    lyceum: Command, database: Database, arguments: tuple[str, ...], said: str
) -> None:
    done = lyceum(*arguments)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    with database.admin() as connection:
        assert connection.execute("select count(*) from control.tenants").fetchone() == (0,)
        assert connection.execute("select count(*) from ingest.batches").fetchone() == (0,)


def test_create__a_slug_is_never_given_twice(lyceum: Command) -> None:
    assert lyceum(*CREATE).code == 0
    again = lyceum(*CREATE)
    assert again.code == 1
    assert "exists already" in again.err


def test_update__changes_what_is_given_and_leaves_a_batch(lyceum: Command, database: Database) -> None:
    database.tenant("school")
    changes = ("--time-zone", "Asia/Tokyo", "--home-page", "https://a.example")
    changed = lyceum("tenants", "update", "school", *changes, "--json")
    assert changed.json["time_zone"] == "Asia/Tokyo"
    assert changed.json["name"] == "School"
    with database.admin() as connection:
        query = "select source from ingest.batches inner join ingest.batch_tenants using (batch_id)"
        assert connection.execute(query).fetchall() == [("settings",), ("settings",)]


def test_disable__and_enable_again(lyceum: Command, database: Database) -> None:
    tenant = database.tenant("school")
    assert lyceum("tenants", "disable", "school", "--json").json["is_active"] is False
    with pytest.raises(Error):
        database.reader(tenant)
    assert lyceum("tenants", "enable", "school", "--json").json["is_active"] is True
    database.reader(tenant).close()
    listed = lyceum("tenants", "list")
    assert "school" in listed.out
    assert "active" in listed.out


def test_every_act__is_in_the_audit(lyceum: Command, database: Database) -> None:
    lyceum(*CREATE)
    lyceum("tenants", "update", "school", "--name", "New name")
    lyceum("tenants", "disable", "school")
    lyceum("tenants", "enable", "school")
    key = lyceum("credentials", "create", "school", "--name", "h5p", "--json").json["key"]
    lyceum("credentials", "rotate", "school", "h5p")
    lyceum("credentials", "revoke", "school", key)
    with database.admin() as connection:
        acts = connection.execute(
            "select action, who from control.audit where tenant_id is not null order by audit_id"
        ).fetchall()
    assert [act for act, _ in acts] == [
        "tenant.create", "tenant.update", "tenant.disable", "tenant.enable",
        "credential.create", "credential.rotate", "credential.revoke",
    ]  # fmt: skip
    assert all("@" in who for _, who in acts)


def test_audit__cannot_be_changed(database: Database) -> None:
    database.tenant("school")
    for command in ("update control.audit set who = 'nobody'", "delete from control.audit", "truncate control.audit"):
        with database.admin() as connection, pytest.raises(Error, match="append-only"):
            connection.execute(command)


def test_update__allowed_origins_are_added(lyceum: Command) -> None:
    lyceum(*CREATE, "--settings", '{"colour": "green"}')
    origins = ("--allow-origin", "https://LMS.example", "--allow-origin", "http://localhost:3000")
    changed = lyceum("tenants", "update", "school", *origins, "--json")
    assert changed.json["settings"] == {
        "colour": "green",
        "allowed_origins": ["http://localhost:3000", "https://lms.example"],
    }
    again = lyceum("tenants", "update", "school", "--allow-origin", "*", "--json")
    assert again.json["settings"]["allowed_origins"] == ["*", "http://localhost:3000", "https://lms.example"]
    replaced = lyceum(
        "tenants", "update", "school", "--settings", "{}", "--allow-origin", "https://a.example", "--json"
    )
    assert replaced.json["settings"] == {"allowed_origins": ["https://a.example"]}


@pytest.mark.parametrize(
    "origin", ["lms.example", "https://lms.example/", "https://lms.example/x", "ftp://a", "null", ""]
)
def test_update__what_is_no_origin(lyceum: Command, origin: str) -> None:
    lyceum(*CREATE)
    refused = lyceum("tenants", "update", "school", "--allow-origin", origin)
    assert refused.code == 1
    assert "is no origin" in refused.err
    assert lyceum("tenants", "show", "school", "--json").json["settings"] == {}
