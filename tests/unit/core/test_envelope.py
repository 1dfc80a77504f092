"""The form on the wire: what is sealed comes out the same, and the schema that others read by says the same."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from jsonschema import Draft202012Validator

from core.envelope import (
    AcceptedStatement,
    AttachmentData,
    BadStatementError,
    Envelope,
    NewerWireError,
    UnreadableError,
    alone,
    read_wire,
    record_headers,
    record_key,
    seal,
    unseal,
)
from core.xapi.bodies import compose
from core.xapi.records import derive
from core.xapi.statements import read_statement
from core.xapi.versions import Version
from tests.harness.statements import NOW, accept, make_envelope, make_statement

TENANT = UUID("0b6b2f1e-7c5d-4a0e-9a51-6f0f0f5d8d11")
SCHEMA = Draft202012Validator(
    json.loads(Path("docs/envelope.schema.json").read_text(encoding="utf-8")),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)


def refuse(bad: BadStatementError) -> None:
    raise AssertionError(str(bad))


def full_envelope() -> Envelope:
    whole = make_envelope(1, make_statement(), make_statement(timestamp=None))
    kept = [msgspec.structs.replace(whole.statements[0], stored=NOW), whole.statements[1]]
    data = [AttachmentData("a" * 64, "text/plain", 3)]
    return msgspec.structs.replace(whole, statements=kept, attachments=data, stored=NOW)


@pytest.mark.parametrize("envelope", [make_envelope(1, make_statement()), full_envelope()])
def test_seal__comes_out_the_same(envelope: Envelope) -> None:
    wire = unseal(seal(envelope, TENANT))
    assert wire.tenant == TENANT
    again = read_wire(wire, envelope.tenant_id, refuse)
    assert again == msgspec.structs.replace(again, statements=list(envelope.statements))
    assert [one.record.digest for one in again.statements] == [one.record.digest for one in envelope.statements]
    assert again.stored == envelope.stored
    assert list(again.attachments) == list(envelope.attachments)


@pytest.mark.parametrize("envelope", [make_envelope(1, make_statement()), full_envelope()])
def test_seal__keeps_to_the_schema(envelope: Envelope) -> None:
    SCHEMA.validate(json.loads(seal(envelope, TENANT)))


@pytest.mark.parametrize("missing", ["version", "tenant", "credential", "acceptedAt", "xapiVersion", "statements"])
def test_unseal__refuses_what_the_schema_refuses(missing: str) -> None:
    wire = json.loads(seal(full_envelope(), TENANT))
    del wire[missing]
    assert not SCHEMA.is_valid(wire)
    with pytest.raises(UnreadableError):
        unseal(json.dumps(wire).encode())


def test_unseal__an_unknown_field() -> None:
    wire = json.loads(seal(make_envelope(1, make_statement()), TENANT)) | {"later": 1}
    SCHEMA.validate(wire)
    assert unseal(json.dumps(wire).encode()).tenant == TENANT


def test_unseal__a_newer_version() -> None:
    with pytest.raises(NewerWireError):
        unseal(b'{"version":2,"anything":"else"}')


def test_unseal__an_unknown_version_of_xapi() -> None:
    wire = json.loads(seal(make_envelope(1, make_statement()), TENANT)) | {"xapiVersion": "3.0.0"}
    with pytest.raises(UnreadableError):
        unseal(json.dumps(wire).encode())


def test_read_wire__by_the_rules_of_the_version_it_was_accepted_with() -> None:
    agent = {"mbox": "mailto:eve@school.example"}
    context = {"contextAgents": [{"objectType": "contextAgent", "agent": agent}]}
    accepted = accept(1, make_statement(context=context), Version.V2)
    envelope = Envelope(1, str(uuid4()), NOW, [accepted], version=Version.V2)
    assert read_wire(unseal(seal(envelope, TENANT)), 1, refuse).statements[0].record == accepted.record


def test_read_wire__an_authority_that_was_kept() -> None:
    """Who looks for statements of its agent finds them."""
    own = make_statement(authority={"mbox": "mailto:other-store@school.example"})
    read = read_statement(json.dumps(own).encode(), Version.V1)
    record = derive(read, 1, read.authority)
    kept = AcceptedStatement(own["id"], record, compose(read, own["id"], Version.V1, read.texts["authority"]))
    envelope = Envelope(1, str(uuid4()), NOW, [accept(1, make_statement()), kept])
    wire = unseal(seal(envelope, TENANT))
    assert [one.record for one in read_wire(wire, 1, refuse).statements] == [one.record for one in envelope.statements]
    (single,) = read_wire(unseal(alone(wire, 1)), 1, refuse).statements
    assert single.record == record


def test_record_key__is_the_same_for_the_same_actor() -> None:
    one, two = make_envelope(1, make_statement()), make_envelope(1, make_statement())
    assert record_key(one, TENANT) == record_key(two, TENANT)
    other = make_envelope(1, make_statement(actor={"mbox": "mailto:eve@school.example"}))
    assert record_key(one, TENANT) != record_key(other, TENANT)


def test_record_headers__name_version_and_tenant() -> None:
    assert dict(record_headers(TENANT)) == {"version": b"1", "tenant": str(TENANT).encode()}
    assert "stored" in dict(record_headers(TENANT, is_stored=True))
