"""What holds for activity state and both profiles alike."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha1
from typing import Any

import httpx
import pytest

from tests.conformance.resources import NEW, PATHS, Resource, new_resource, refusal


@pytest.fixture(params=PATHS)
def resource(request: pytest.FixtureRequest) -> Resource:
    return new_resource(request.param)


def put(client: httpx.Client, resource: Resource, content: bytes, content_type: str = "text/plain") -> httpx.Response:
    return client.put(resource.url(), content=content, headers={**NEW, "Content-Type": content_type})


def test_put__bytes_and_type_come_back_as_they_were(school: httpx.Client, resource: Resource) -> None:
    content = bytes(range(256))
    assert put(school, resource, content, "Application/X-Thing; a=B").status_code == 204
    found = school.get(resource.url())
    assert (found.status_code, found.content) == (200, content)
    assert found.headers["content-type"] == "Application/X-Thing; a=B"


def test_put__without_a_type(school: httpx.Client, resource: Resource) -> None:
    assert school.put(resource.url(), content=b"x", headers=NEW).status_code == 204
    assert school.get(resource.url()).headers["content-type"] == "application/octet-stream"


def test_put__empty_document(school: httpx.Client, resource: Resource) -> None:
    assert put(school, resource, b"").status_code == 204
    assert school.get(resource.url()).content == b""


def test_get__etag_is_the_quoted_sha1_of_the_content(school: httpx.Client, resource: Resource) -> None:
    stored = put(school, resource, b"content")
    expected = f'"{sha1(b"content", usedforsecurity=False).hexdigest()}"'
    assert school.get(resource.url()).headers["etag"] == expected
    assert stored.headers["etag"] == expected


def test_get__compressed_content_has_another_etag_that_still_matches(school: httpx.Client, resource: Resource) -> None:
    put(school, resource, b"long " * 1000)
    found = school.get(resource.url())
    assert found.headers["content-encoding"] == "gzip"
    assert found.headers["etag"].startswith('W/"')
    changed = school.put(resource.url(), content=b"new", headers={"If-Match": found.headers["etag"]})
    assert changed.status_code == 204


def test_get__last_modified_moves_with_each_change(school: httpx.Client, resource: Resource) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    put(school, resource, b"{}", "application/json")
    first = parsedate_to_datetime(school.get(resource.url()).headers["last-modified"])
    assert before < first < datetime.now(UTC) + timedelta(seconds=2)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        school.post(resource.url(), json={"a": 1})
        if parsedate_to_datetime(school.get(resource.url()).headers["last-modified"]) > first:
            return
    pytest.fail("Last-Modified stayed the same")


def test_get__unknown_document(school: httpx.Client, resource: Resource) -> None:
    assert refusal(school.get(resource.url())) == (404, "not_found")


def test_get__not_modified(school: httpx.Client, resource: Resource) -> None:
    etag = put(school, resource, b"x").headers["etag"]
    same = school.get(resource.url(), headers={"If-None-Match": f'"other", {etag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert school.get(resource.url(), headers={"If-None-Match": '"other"'}).status_code == 200


def test_head__as_get_without_the_body(school: httpx.Client, resource: Resource) -> None:
    put(school, resource, b"content")
    got, head = school.get(resource.url()), school.head(resource.url())
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-length"):
        assert head.headers[name] == got.headers[name]
    assert school.head(resource.url("other")).status_code == 404


def test_get__another_than_expected(school: httpx.Client, resource: Resource) -> None:
    put(school, resource, b"content")
    etag = school.get(resource.url()).headers["etag"]
    for others in ({}, {"If-None-Match": etag}):
        refused = school.get(resource.url(), headers={"If-Match": '"x"', **others})
        assert refusal(refused) == (412, "precondition_failed")
        assert refused.headers["etag"] == etag


def test_get__a_document_does_not_run_as_a_page(school: httpx.Client, resource: Resource) -> None:
    put(school, resource, b"<script>alert(1)</script>", "text/html")
    headers = school.get(resource.url()).headers
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"


def test_post__makes_a_document_where_there_is_none(school: httpx.Client, resource: Resource) -> None:
    content = b'{ "a": 1.50 }'
    posted = school.post(resource.url(), content=content, headers={"Content-Type": "application/json"})
    assert (posted.status_code, posted.content) == (204, b"")
    assert school.get(resource.url()).content == content


def test_post__merges_the_top_level_only(school: httpx.Client, resource: Resource) -> None:
    put(school, resource, b'{"a":{"x":1,"y":2},"b":1.0,"c":[1]}', "application/json")
    merged = school.post(resource.url(), json={"a": {"z": 3}, "d": None})
    assert merged.status_code == 204
    assert school.get(resource.url()).content == b'{"a":{"z":3},"b":1.0,"c":[1],"d":null}'


@pytest.mark.parametrize(
    ("stored", "posted"),
    [
        ((b"{}", "text/plain"), (b"{}", "application/json")),
        ((b"{}", "application/json"), (b"{}", "text/plain")),
        ((b"[1]", "application/json"), (b"{}", "application/json")),
        ((b"{}", "application/json"), (b"[1]", "application/json")),
        ((b"{}", "application/json"), (b"{}{", "application/json")),
        ((b"{}", "application/json"), (b"", "application/json")),
    ],
)
def test_post__what_cannot_be_merged_changes_nothing(
    school: httpx.Client, resource: Resource, stored: tuple[bytes, str], posted: tuple[bytes, str]
) -> None:
    assert put(school, resource, *stored).status_code == 204
    refused = school.post(resource.url(), content=posted[0], headers={"Content-Type": posted[1]})
    assert refused.status_code == 400
    found = school.get(resource.url())
    assert (found.content, found.headers["content-type"]) == stored


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{} {}",
        b"",
        b"nonsense",
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"a":2}}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b"[" * 200 + b"]" * 200,
        b'{"a":1e999}',
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_write__what_calls_itself_json_must_be_sound(
    school: httpx.Client, resource: Resource, method: str, content: bytes
) -> None:
    headers = {**NEW, "Content-Type": "application/json; charset=utf-8"}
    refused = school.request(method, resource.url(), content=content, headers=headers)
    assert refusal(refused) == (400, "invalid_document")
    assert school.get(resource.url()).status_code == 404


def test_delete__and_again(school: httpx.Client, resource: Resource) -> None:
    put(school, resource, b"x")
    for _ in range(2):
        deleted = school.delete(resource.url())
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert school.get(resource.url()).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("headers", [{"If-Match": '"0000"'}, {"If-None-Match": "*"}, {"If-Match": "nonsense, W/"}])
def test_precondition__failed_changes_nothing(
    school: httpx.Client, resource: Resource, method: str, headers: dict[str, str]
) -> None:
    put(school, resource, b'{"a":1}', "application/json")
    json = {"Content-Type": "application/json"}
    refused = school.request(method, resource.url(), content=b'{"a":2}', headers=headers | json)
    assert refusal(refused) == (412, "precondition_failed")
    assert school.get(resource.url()).content == b'{"a":1}'


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("form", ["{etag}", '"x", {etag}', "*", "W/{etag}", "{bare}"])
def test_precondition__if_match_holds(school: httpx.Client, resource: Resource, method: str, form: str) -> None:
    etag = put(school, resource, b'{"a":1}', "application/json").headers["etag"]
    headers = {"If-Match": form.format(etag=etag, bare=etag.strip('"')), "Content-Type": "application/json"}
    changed = school.request(method, resource.url(), content=b'{"a":2}', headers=headers)
    assert changed.status_code == 204
    found = school.get(resource.url())
    assert found.status_code == 404 if method == "DELETE" else found.json() == {"a": 2}


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("tag", ["*", '"0000"'])
def test_precondition__if_match_without_a_document(
    school: httpx.Client, resource: Resource, method: str, tag: str
) -> None:
    refused = school.request(method, resource.url(), content=b"{}", headers={"If-Match": tag})
    assert refusal(refused) == (412, "precondition_failed")
    assert school.get(resource.url()).status_code == 404


def test_ids__of_the_context_only(school: httpx.Client, resource: Resource) -> None:
    assert school.get(resource.path, params=resource.context).json() == []
    for name in ("b", "a", "ü/ß?&"):
        school.post(resource.url(name), content=b"x")
    school.post(new_resource(resource.path).url("elsewhere"), content=b"x")
    found = school.get(resource.path, params=resource.context)
    assert found.headers["content-type"] == "application/json"
    assert found.json() == ["a", "b", "ü/ß?&"]
    assert found.headers["last-modified"] == school.get(resource.url("ü/ß?&")).headers["last-modified"]
    assert school.get(resource.url("ü/ß?&")).content == b"x"


def test_ids__since_is_exclusive_and_follows_changes(school: httpx.Client, resource: Resource) -> None:
    def ids(since: datetime) -> Any:
        return school.get(resource.path, params={**resource.context, "since": since.isoformat()}).json()

    school.post(resource.url("old"), json={})
    middle = _pass_a_millisecond()
    school.post(resource.url("new"), json={})
    assert ids(middle - timedelta(hours=1)) == ["new", "old"]
    assert ids(middle) == ["new"]
    later = _pass_a_millisecond()
    school.post(resource.url("old"), json={"a": 1})
    assert ids(later) == ["old"]
    assert ids(later + timedelta(hours=1)) == []


def test_document_id__may_be_long_and_is_case_sensitive(school: httpx.Client, resource: Resource) -> None:
    long = "\N{GRINNING FACE}" * 2048
    assert school.post(resource.url(long), content=b"long").status_code == 204
    assert school.get(resource.url(long)).content == b"long"
    school.post(resource.url("a"), content=b"small")
    assert school.get(resource.url("A")).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"agent": "{not json"},
        {"agent": "true"},
        {"agent": '{"name":"nobody"}'},
        {"agent": '{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}'},
        {"activityId": "no iri"},
        {"activityId": "true"},
        {"registration": "true"},
        {"ID": ""},
        {"ID": "nul\0"},
        {"ID": "x" * 2049},
        {"unknown": "1"},
        {"StateId": "case"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_parameters__refused(school: httpx.Client, method: str, changes: dict[str, str]) -> None:
    resource = new_resource("/activities/state")
    given = {resource.id_name if name == "ID" else name: value for name, value in changes.items()}
    assert school.request(method, resource.path, params=resource.one(**given)).status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
def test_parameters__context_is_required(school: httpx.Client, resource: Resource, method: str) -> None:
    for name in resource.context:
        params = {key: value for key, value in resource.one().items() if key != name}
        assert school.request(method, resource.path, params=params, headers=NEW).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_parameters__id_is_required_for_writing(school: httpx.Client, resource: Resource, method: str) -> None:
    refused = school.request(method, resource.path, params=resource.context, headers=NEW)
    assert refusal(refused) == (400, "missing_parameter")


def test_parameters__none_twice(school: httpx.Client, resource: Resource) -> None:
    twice = f"{resource.url()}&{resource.id_name}=other"
    assert refusal(school.get(twice)) == (400, "repeated_parameter")


def test_parameters__since_is_a_timestamp_and_for_many_only(school: httpx.Client, resource: Resource) -> None:
    assert school.get(resource.path, params={**resource.context, "since": "yesterday"}).status_code == 400
    assert school.get(resource.path, params=resource.one(since="2026-01-01T00:00:00Z")).status_code == 400


def test_method__not_allowed(school: httpx.Client, resource: Resource) -> None:
    refused = school.patch(resource.url())
    assert refusal(refused) == (405, "method_not_allowed")
    assert refused.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"


def test_concurrent__merges_lose_nothing(school: httpx.Client, resource: Resource) -> None:
    def post(number: int) -> int:
        return school.post(resource.url(), json={f"key{number}": number}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(post, range(60))) == {204}
    assert school.get(resource.url()).json() == {f"key{number}": number for number in range(60)}


def test_concurrent__of_many_that_saw_the_same_one_wins(school: httpx.Client, resource: Resource) -> None:
    etag = put(school, resource, b"start").headers["etag"]

    def replace(number: int) -> int:
        return school.put(resource.url(), content=b"%d" % number, headers={"If-Match": etag}).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(replace, range(24)))
    assert sorted(statuses) == [204] + [412] * 23
    assert school.get(resource.url()).content == b"%d" % statuses.index(204)


def test_concurrent__of_many_new_ones_one_wins(school: httpx.Client, resource: Resource) -> None:
    def create(number: int) -> int:
        return put(school, resource, b"%d" % number).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(create, range(24)))
    assert sorted(statuses) == [204] + [412] * 23
    assert school.get(resource.url()).content == b"%d" % statuses.index(204)


def _pass_a_millisecond() -> datetime:
    """Times are kept in milliseconds: what comes after this is later than this, and what came before is not."""
    began = datetime.now(UTC)
    moment = began.replace(microsecond=began.microsecond // 1000 * 1000) + timedelta(milliseconds=1)
    while datetime.now(UTC) < moment + timedelta(milliseconds=1):
        time.sleep(0.0005)
    return moment
