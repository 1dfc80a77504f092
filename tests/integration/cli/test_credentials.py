from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.command import Command
from tests.harness.database import Database


@pytest.fixture(autouse=True)
def school(database: Database) -> None:
    database.tenant("school")


def create(lyceum: Command, *arguments: str) -> dict[str, str]:
    made = lyceum("credentials", "create", "school", "--name", "h5p", *arguments, "--json")
    assert made.code == 0, made.err
    return dict(made.json)


def test_create__shows_the_secret_once_and_keeps_a_hash(lyceum: Command, database: Database) -> None:
    made = create(lyceum)
    with database.service("lrs") as connection:
        row = connection.execute(
            "select secret_hash, slug, is_active from control.find_credential(%s)", [made["key"]]
        ).fetchone()
    assert row == (database.key.hash_api_secret(made["secret"]), "school", True)
    with database.admin() as connection:
        stored = connection.execute("select c::text, a::text from control.credentials c, control.audit a").fetchall()
    assert made["secret"] not in str(stored)
    assert made["secret"] not in lyceum("credentials", "list", "school", "--json").out


def test_create__expiry_binding_scopes_and_authority(lyceum: Command) -> None:
    actor = '{"mbox": "mailto:learner@school.example"}'
    create(
        lyceum, "--expires", "90d", "--actor", actor, "--registration", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        "--scope", "statements/write", "--scope", "state", "--authority", '{"mbox": "mailto:lms@school.example"}',
    )  # fmt: skip
    (found,) = lyceum("credentials", "list", "school", "--json").json
    expires = datetime.fromisoformat(found["expires_at"])
    assert timedelta(days=89) < expires - datetime.now(UTC) < timedelta(days=91)
    assert found["bound_actor"] == {"mbox": "mailto:learner@school.example"}
    assert found["bound_registration"] == "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
    assert found["scopes"] == ["statements/write", "state"]
    assert found["authority"] == {"mbox": "mailto:lms@school.example"}


def test_create__vouches_with_an_account_of_this_installation(lyceum: Command) -> None:
    made = create(lyceum)
    (found,) = lyceum("credentials", "list", "school", "--json").json
    assert found["authority"]["account"] == {"homePage": "http://127.0.0.1:8400", "name": made["key"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--scope", "everything"), "Unknown scope: everything"),
        (("--expires", "soon"), "is no date"),
        (("--actor", "me"), "--actor is not JSON"),
        (("--actor", "[]"), "--actor is not an agent"),
        (("--registration", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"), "also needs an actor"),
    ],
)
def test_create__mistakes(lyceum: Command, arguments: tuple[str, ...], said: str) -> None:
    done = lyceum("credentials", "create", "school", "--name", "h5p", *arguments)
    assert done.code == 1
    assert said in done.err
    assert lyceum("credentials", "list", "school", "--json").json == []


def test_rotate__the_key_stays_and_the_old_secret_ends(lyceum: Command, database: Database) -> None:
    first = create(lyceum)
    second = lyceum("credentials", "rotate", "school", "h5p", "--json").json
    assert second["key"] == first["key"]
    assert second["secret"] != first["secret"]
    with database.service("lrs") as connection:
        row = connection.execute("select secret_hash from control.find_credential(%s)", [first["key"]]).fetchone()
    assert row == (database.key.hash_api_secret(second["secret"]),)


def test_revoke__frees_the_name_and_cannot_be_undone(lyceum: Command, database: Database) -> None:
    first = create(lyceum)
    assert lyceum("credentials", "revoke", "school", "h5p").code == 0
    with database.service("lrs") as connection:
        row = connection.execute("select revoked_at from control.find_credential(%s)", [first["key"]]).fetchone()
    assert row is not None
    assert row[0] is not None
    assert "is revoked" in lyceum("credentials", "rotate", "school", first["key"]).err
    create(lyceum)
    assert "no credential 'other'" in lyceum("credentials", "revoke", "school", "other").err
