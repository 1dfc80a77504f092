"""What the specification says of attachments, asked of a running LRS."""

from collections.abc import Sequence
from hashlib import sha224, sha256, sha384, sha512
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness.attachments import (
    JSON,
    Part,
    data_part,
    describe,
    join,
    opened,
    receive,
    send,
    statements_part,
)
from tests.harness.running_lrs import RunningLrs, School
from tests.harness.statements import make_statement, make_void

ESSAY = b"What I did on my holidays.\r\n"
BINARY = bytes(range(256)) + b"\r\n--a-boundary_of.(tests)x\r\n\n--a-boundary_of.(tests)--\n\r"
MIB = 1 << 20
URL = "https://lms.example/essay.txt"


def sum_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def refused(response: httpx.Response) -> str:
    """The message; whatever is refused must not have been stored."""
    assert response.status_code == 400, response.text
    return str(response.json()["message"])


def stored_ids(school: School) -> list[str]:
    return [statement["id"] for statement in school.client.get("/statements").json()["statements"]]


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("data", [ESSAY, BINARY, b"", b"\r\n", b"--", b"\r\n--a-boundary_of.(tests) x"])
def test_post__data_comes_back_as_it_was(lrs_process: RunningLrs, version: str, data: bytes) -> None:
    school = lrs_process.school(version=version)
    statement = make_statement(attachments=[describe(data, "image/png")])
    assert send(school.client, [statements_part(statement), data_part(data, "image/png")]).json() == [statement["id"]]
    one = receive(school.client, statementId=statement["id"])
    page = receive(school.client)
    assert one.data == page.data == {sum_of(data): data}
    assert one.content_types == {sum_of(data): "image/png"}
    assert one.statements["attachments"] == statement["attachments"]
    assert [each["id"] for each in page.statements["statements"]] == [one.statements["id"]] == [statement["id"]]


def test_put__with_data(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY)])
    parts = [statements_part(statement), data_part(ESSAY)]
    assert send(school.client, parts, "PUT", {"statementId": statement["id"]}).status_code == 204
    assert receive(school.client, statementId=statement["id"]).data == {sum_of(ESSAY): ESSAY}


@pytest.mark.parametrize("algorithm", [sha224, sha256, sha384, sha512])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_post__each_sha2_in_either_case(school: School, algorithm: Any, case: Any) -> None:
    sha2 = algorithm(ESSAY).hexdigest()
    statement = make_statement(attachments=[describe(ESSAY, sha2=case(sha2))])
    part = data_part(ESSAY, **{"X-Experience-API-Hash": case(sha2)})
    assert send(school.client, [statements_part(statement), part]).status_code == 200
    assert receive(school.client).data == {sha2: ESSAY}


def test_post__names_and_values_of_headers_in_any_case(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY)])
    part = {
        "CONTENT-TRANSFER-ENCODING": "Binary",
        "x-experience-api-hash": sum_of(ESSAY),
        "content-type": "Text/Plain; charset=utf-8",
        "Content-Disposition": "attachment",
    }
    first = {"content-TYPE": "application/JSON; charset=utf-8"}, statements_part(statement)[1]
    assert send(school.client, [first, (part, ESSAY)]).status_code == 200


def test_post__part_without_content_type(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY, "text/csv")])
    assert send(school.client, [statements_part(statement), data_part(ESSAY, Content_Type=None)]).status_code == 200
    assert receive(school.client).content_types == {sum_of(ESSAY): "text/csv"}


def test_post__data_once_for_several_statements(school: School) -> None:
    statements = [make_statement(attachments=[describe(ESSAY), describe(BINARY)]) for _ in range(3)]
    parts = [statements_part(statements), data_part(ESSAY), data_part(BINARY), data_part(ESSAY)]
    assert send(school.client, parts).status_code == 200
    page = receive(school.client)
    assert page.count == 2
    assert page.data == {sum_of(ESSAY): ESSAY, sum_of(BINARY): BINARY}


def test_post__attachments_of_a_sub_statement(school: School) -> None:
    inner = {"objectType": "SubStatement", **make_statement(id=None, attachments=[describe(ESSAY)])}
    statement = make_statement(object=inner)
    assert "object.attachments[0]" in refused(school.client.post("/statements", json=statement))
    assert send(school.client, [statements_part(statement), data_part(ESSAY)]).status_code == 200
    assert receive(school.client).data == {sum_of(ESSAY): ESSAY}


@pytest.mark.parametrize("attachments", [None, [], [describe(ESSAY, fileUrl=URL)]])
def test_post__multipart_without_data(school: School, attachments: list[Any] | None) -> None:
    statement = make_statement(attachments=attachments)
    assert send(school.client, [statements_part(statement)]).status_code == 200
    assert receive(school.client, statementId=statement["id"]).data == {}


def test_post__json_with_file_url(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY, fileUrl=URL)])
    assert school.client.post("/statements", json=statement).status_code == 200
    assert receive(school.client).count == 0


def test_post__json_without_file_url(school: School) -> None:
    attachments = [describe(ESSAY, fileUrl=URL), describe(BINARY)]
    response = school.client.post("/statements", json=[make_statement(), make_statement(attachments=attachments)])
    assert "statements[1].attachments[1]" in refused(response)
    assert response.json()["path"] == "statements[1].attachments[1]"
    assert stored_ids(school) == []


def test_post__data_that_an_earlier_request_brought(school: School) -> None:
    first, second = (make_statement(attachments=[describe(ESSAY)]) for _ in range(2))
    assert send(school.client, [statements_part(first), data_part(ESSAY)]).status_code == 200
    assert "statement.attachments[0]" in refused(send(school.client, [statements_part(second)]))
    assert stored_ids(school) == [first["id"]]


ONE = [describe(ESSAY)]
WRONG: list[tuple[str, str, list[Any] | None, list[Part]]] = [
    ("part that no attachment names", "Part 3: no attachment", ONE, [data_part(ESSAY), data_part(BINARY)]),
    ("part without attachments", "Part 2: no attachment", None, [data_part(ESSAY)]),
    ("attachment without its part", "attachments[1]", [describe(ESSAY), describe(BINARY)], [data_part(ESSAY)]),
    ("no hash", "Part 2: the header X-Exp", ONE, [data_part(ESSAY, X_Experience_API_Hash=None)]),
    ("another's hash", "Part 2: no attachment", ONE, [data_part(ESSAY, X_Experience_API_Hash=sum_of(BINARY))]),
    ("hash of other data", "Part 2: X-Exp", ONE, [data_part(BINARY, X_Experience_API_Hash=sum_of(ESSAY))]),
    ("no hash at all", "Part 2: no attachment", ONE, [data_part(ESSAY, X_Experience_API_Hash="../../etc/passwd")]),
    ("no encoding", "Part 2: Content-Transfer", ONE, [data_part(ESSAY, Content_Transfer_Encoding=None)]),
    ("base64", "found base64", ONE, [data_part(ESSAY, Content_Transfer_Encoding="base64")]),
    ("another content type", "Part 2: Content-Type", ONE, [data_part(ESSAY, "image/png")]),
    ("another length", "Part 2: Content-Length", ONE, [data_part(ESSAY, Content_Length="1")]),
    ("statements in two parts", "Part 2: the header", ONE, [statements_part(make_statement()), data_part(ESSAY)]),
]


@pytest.mark.parametrize(("message", "attachments", "parts"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG])
def test_post__wrong_part(school: School, message: str, attachments: list[Any] | None, parts: Sequence[Part]) -> None:
    statement = make_statement(attachments=attachments)
    assert message in refused(send(school.client, [statements_part(statement), *parts]))
    assert stored_ids(school) == []


def test_post__nothing_of_a_refused_request_is_kept(lrs_process: RunningLrs, school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY)], verb=None)
    refused(send(school.client, [statements_part(statement), data_part(ESSAY)]))
    assert not (lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid)).exists()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/mixed", join([statements_part(make_statement())])),
        ("multipart/mixed;", join([statements_part(make_statement())])),
        ("multipart/mixed; boundary=", join([statements_part(make_statement())])),
        ("multipart/mixed; boundary=another", join([statements_part(make_statement())])),
        ("multipart/mixed; boundary=x", join([statements_part(make_statement())], "x")[:-6]),
        ("multipart/mixed; boundary=x", join([statements_part(make_statement())], "x").replace(b"\r\n", b"\n")),
        ("multipart/mixed; boundary=x", b"--x--\r\n"),
        ("multipart/mixed; boundary=x", b""),
        ("multipart/mixed; boundary=x", join([({"Content-Type": "text/plain"}, b"{}")], "x")),
        ("multipart/mixed; boundary=x", join([({}, b"{}")], "x")),
        ("multipart/mixed; boundary=x", join([({"Content-Type": JSON}, b"")], "x")),
        ("multipart/form-data; boundary=x", join([statements_part(make_statement())], "x")),
    ],
)
def test_post__malformed(school: School, content_type: str, body: bytes) -> None:
    refused(school.client.post("/statements", content=body, headers={"Content-Type": content_type}))
    assert stored_ids(school) == []


def test_post__too_many_parts(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY)])
    response = send(school.client, [statements_part(statement), *[data_part(ESSAY)] * 1000])
    assert (response.status_code, response.json()["error"]) == (413, "too_many")


def test_get__json_unless_asked(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY)])
    send(school.client, [statements_part(statement), data_part(ESSAY)])
    for parameters in ({}, {"attachments": "false"}):
        for one in ({}, {"statementId": statement["id"]}):
            response = school.client.get("/statements", params=parameters | one)
            assert response.headers["content-type"] == "application/json"
            assert ESSAY not in response.content


def test_get__multipart_though_there_is_no_data(school: School) -> None:
    assert receive(school.client).statements == {"statements": [], "more": ""}
    statement = make_statement()
    school.client.post("/statements", json=statement)
    assert receive(school.client, statementId=statement["id"]).statements["id"] == statement["id"]


def test_get__more_keeps_it(school: School) -> None:
    texts = [f"essay {number}".encode() for number in range(5)]
    for text in texts:
        send(school.client, [statements_part(make_statement(attachments=[describe(text)])), data_part(text)])
    pages = [receive(school.client, limit="2", ascending="true")]
    while more := pages[-1].statements["more"]:
        pages.append(
            opened(
                school.client.get(
                    f"{school.client.base_url.copy_with(path=more.partition('?')[0])}?{more.partition('?')[2]}"
                )
            )
        )
    assert [list(page.data.values()) for page in pages] == [texts[:2], texts[2:4], texts[4:]]


@pytest.mark.parametrize("form", ["ids", "exact", "canonical"])
def test_get__in_each_format(school: School, form: str) -> None:
    send(school.client, [statements_part(make_statement(attachments=[describe(ESSAY)])), data_part(ESSAY)])
    assert receive(school.client, format=form).data == {sum_of(ESSAY): ESSAY}


def test_get__voided(school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY)])
    send(school.client, [statements_part(statement), data_part(ESSAY)])
    school.client.post("/statements", json=make_void(statement["id"]))
    assert receive(school.client).data == {}
    assert receive(school.client, voidedStatementId=statement["id"]).data == {sum_of(ESSAY): ESSAY}


def test_get__headers_as_without_attachments(school: School) -> None:
    send(school.client, [statements_part(make_statement(attachments=[describe(ESSAY)])), data_part(ESSAY)])
    plain = school.client.get("/statements").headers
    with_data = school.client.get("/statements", params={"attachments": "true"}).headers
    assert plain["last-modified"] == with_data["last-modified"]
    assert "x-experience-api-consistent-through" in with_data
    assert with_data["x-experience-api-version"] == "1.0.3"


def test_head__no_body(school: School) -> None:
    send(school.client, [statements_part(make_statement(attachments=[describe(ESSAY)])), data_part(ESSAY)])
    response = school.client.head("/statements", params={"attachments": "true"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("multipart/mixed")
    assert response.content == b""
    assert len(stored_ids(school)) == 1


def test_get__data_that_is_gone(lrs_process: RunningLrs, school: School) -> None:
    statement = make_statement(attachments=[describe(ESSAY), describe(BINARY)])
    send(school.client, [statements_part(statement), data_part(ESSAY), data_part(BINARY)])
    (lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid) / "attachments" / sum_of(ESSAY)).unlink()
    assert receive(school.client).data == {sum_of(BINARY): BINARY}
    assert sum_of(ESSAY) in lrs_process.log.read_text()


def test_tenants__a_hash_is_not_a_key_to_the_others_data(lrs_process: RunningLrs) -> None:
    ours, theirs = lrs_process.school(), lrs_process.school()
    statement_id = str(uuid4())
    with_data = make_statement(id=statement_id, attachments=[describe(ESSAY)])
    send(theirs.client, [statements_part(with_data), data_part(ESSAY)])
    names_it = make_statement(id=statement_id, attachments=[describe(ESSAY, fileUrl=URL)])
    assert ours.client.post("/statements", json=names_it).status_code == 200
    refused(send(ours.client, [statements_part(make_statement(attachments=[describe(ESSAY)]))]))
    assert receive(ours.client).data == receive(ours.client, statementId=statement_id).data == {}
    assert receive(theirs.client, statementId=statement_id).data == {sum_of(ESSAY): ESSAY}


def test_tenants__same_data_lies_apart(lrs_process: RunningLrs) -> None:
    schools = [lrs_process.school(), lrs_process.school()]
    for school in schools:
        send(school.client, [statements_part(make_statement(attachments=[describe(ESSAY)])), data_part(ESSAY)])
    paths = [
        lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid) / "attachments" / sum_of(ESSAY)
        for school in schools
    ]
    assert [path.read_bytes() for path in paths] == [ESSAY, ESSAY]
    paths[0].unlink()
    assert receive(schools[0].client).data == {}
    assert receive(schools[1].client).data == {sum_of(ESSAY): ESSAY}


def test_scopes__only_who_may_write_brings_data(lrs_process: RunningLrs, school: School) -> None:
    reader = lrs_process.client(school.tenant, scopes=("statements/read",))
    statement = make_statement(attachments=[describe(ESSAY)])
    assert send(reader, [statements_part(statement), data_part(ESSAY)]).status_code == 403
    assert not (lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid)).exists()


def test_scopes__mine_does_not_see_the_others_data(lrs_process: RunningLrs, school: School) -> None:
    send(school.client, [statements_part(make_statement(attachments=[describe(ESSAY)])), data_part(ESSAY)])
    mine = lrs_process.client(school.tenant, scopes=("statements/write", "statements/read/mine"))
    assert receive(mine).data == {}


def test_memory__stays_bounded_by_one_request(lrs_process: RunningLrs, school: School, proof: Any) -> None:
    """A page with four times the data of one request takes no more than one of them."""
    contents = [bytes([number]) * (20 * MIB) for number in range(4)]
    before = lrs_process.reset_peak()
    for content in contents:
        statement = make_statement(attachments=[describe(content)])
        assert send(school.client, [statements_part(statement), data_part(content)]).status_code == 200
    taken = lrs_process.peak - before
    before = lrs_process.reset_peak()
    with school.client.stream("GET", "/statements", params={"attachments": "true"}) as response:
        received = sum(len(piece) for piece in response.iter_bytes())
    given = lrs_process.peak - before
    proof(megabytes_taken_for_20_in=taken // MIB, megabytes_taken_for_80_out=given // MIB)
    assert received > 80 * MIB
    assert taken < 100 * MIB
    assert given < 40 * MIB


def test_storage__away_while_sending(lrs_process: RunningLrs, school: School) -> None:
    (lrs_process.folder / "tenants").mkdir(exist_ok=True)
    (lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid)).write_text("in the way")
    response = send(school.client, [statements_part(make_statement(attachments=ONE)), data_part(ESSAY)])
    assert (response.status_code, response.json()["error"]) == (503, "unavailable")
    assert "Retry-After" in response.headers
    assert stored_ids(school) == []
    assert school.client.post("/statements", json=make_statement()).status_code == 200


def test_storage__away_while_asking(lrs_process: RunningLrs, school: School) -> None:
    """Answered 503 before the answer begins, and not with half of it."""
    send(school.client, [statements_part(make_statement(attachments=ONE)), data_part(ESSAY)])
    path = lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid) / "attachments"
    path.rename(path.with_suffix(".away"))
    path.write_text("in the way")
    assert school.client.get("/statements", params={"attachments": "true"}).status_code == 503
    assert len(stored_ids(school)) == 1


def test_storage__fails_in_the_middle_of_an_answer(lrs_process: RunningLrs, school: School) -> None:
    """Nobody can take the answer for a whole one."""
    statement = make_statement(attachments=[describe(ESSAY), describe(BINARY)])
    send(school.client, [statements_part(statement), data_part(ESSAY), data_part(BINARY)])
    second = lrs_process.folder / "tenants" / str(school.tenant.tenant_uuid) / "attachments" / sum_of(BINARY)
    second.unlink()
    second.symlink_to(second)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        school.client.get("/statements", params={"attachments": "true"})
    assert len(stored_ids(school)) == 1
