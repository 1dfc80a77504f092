"""POST of statements, mutated at every node and byte: all of a request is stored, or none."""

import json
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from tests.harness.lrs import V1, V2
from tests.harness.oddities import RAW_VALUES, TEXTS, TREES, as_json, damaged, encodings
from tests.harness.statements import make_statement
from tests.integration.lrs.requests.conftest import LONG, ForAll, School
from tests.unit.core.xapi.examples import ABOUT_SUB_STATEMENT, STATEMENT, STATEMENT_V2, Path, nodes, put, without

pytestmark = LONG

BASES: list[tuple[dict[str, Any], str]] = [
    (STATEMENT, V1), (STATEMENT_V2, V2), (put(("version",), "1.0.0", ABOUT_SUB_STATEMENT), V2),
]  # fmt: skip
PLACES = [(base, version, path) for base, version in BASES for path in nodes(base) if path]
MARK = "a-mark-that-nothing-else-has"
ADDED_BY_THE_LRS = {"id", "stored", "authority", "version", "timestamp"}


def fresh(base: dict[str, Any]) -> dict[str, Any]:
    return {**base, "id": str(uuid4())}


def check_batch(school: School, version: str, text: str, position: int) -> None:
    """A statement among good ones: the good ones' ids tell whether any was stored."""
    good = [make_statement() for _ in range(3)]
    texts = [as_json(statement) for statement in good]
    texts.insert(position, text)
    answer = school.post(f"[{','.join(texts)}]".encode("utf-8", "surrogatepass"), version=version)
    ids = [statement["id"] for statement in good]
    if answer.status == 200:
        assert set(ids) < set(answer.json)
        assert school.stored(answer.json) == 4
        check_readable(school, version, answer.json[position], json.loads(text))
    else:
        assert answer.status == 400, answer.body
        assert answer.json["path"].startswith("statement"), answer.body
        assert school.stored(ids) == 0


def check_readable(school: School, version: str, statement_id: str, sent: Any) -> None:
    """What was accepted comes back as it was, in every form, and is found by everything that it names."""
    read = school.get("/statements", version, statementId=statement_id, attachments="true")
    assert read.status == 200
    for form in ("ids", "canonical", "exact"):
        read = school.get("/statements", version, statementId=statement_id, format=form)
        assert read.status == 200
    kept = {name: value for name, value in read.json.items() if name not in ADDED_BY_THE_LRS}
    same = {name: value for name, value in sent.items() if name not in ADDED_BY_THE_LRS}
    if version == V2:
        assert kept == same
    assert kept.keys() == same.keys()
    for selection in selections(sent):
        page = school.get("/statements", version, limit="3", **selection)
        assert page.status == 200, (selection, page.body)
        assert statement_id in [statement["id"] for statement in page.json["statements"]], selection


def selections(sent: Any) -> list[dict[str, str]]:
    found = [{"verb": sent["verb"]["id"]}]
    if sent["actor"].keys() & {"mbox", "mbox_sha1sum", "openid", "account"}:
        found.append({"agent": as_json(sent["actor"])})
    if sent["object"].get("objectType", "Activity") == "Activity":
        found.append({"activity": sent["object"]["id"]})
    if "registration" in sent.get("context", {}):
        found.append({"registration": sent["context"]["registration"]})
    return found


def test_statement__a_value_replaced(school: School, for_all: ForAll) -> None:
    def check(place: tuple[dict[str, Any], str, Path], value: Any, position: int) -> None:
        base, version, path = place
        check_batch(school, version, as_json(put(path, value, fresh(base))), position)

    for_all(check, st.sampled_from(PLACES), TREES, st.integers(0, 3))


def test_statement__a_value_that_is_hardly_json(school: School, for_all: ForAll) -> None:
    def check(place: tuple[dict[str, Any], str, Path], value: str, position: int) -> None:
        base, version, path = place
        text = as_json(put(path, MARK, fresh(base))).replace(f'"{MARK}"', value)
        check_batch(school, version, text, position)

    for_all(check, st.sampled_from(PLACES), RAW_VALUES, st.integers(0, 3))


def test_statement__a_property_left_out_or_renamed(school: School, for_all: ForAll) -> None:
    def check(place: tuple[dict[str, Any], str, Path], name: str | None, position: int) -> None:
        base, version, path = place
        changed = without(path, fresh(base))
        parent: Any = changed
        for key in path[:-1]:
            parent = parent[key]
        if name is not None and isinstance(parent, dict):
            parent[name] = 1
        check_batch(school, version, as_json(changed), position)

    for_all(check, st.sampled_from(PLACES), st.none() | TEXTS, st.integers(0, 3))


def test_statement__a_property_twice(school: School, for_all: ForAll) -> None:
    def check(place: tuple[dict[str, Any], str, Path], position: int) -> None:
        base, version, path = place
        name = path[-1]
        if isinstance(name, int):
            return
        inner: Any = fresh(base)
        text = as_json(inner)
        for key in path:
            inner = inner[key]
        once = f'"{name}":{as_json(inner)}'
        check_batch(school, version, text.replace(once, f"{once},{once}", 1), position)

    for_all(check, st.sampled_from([place for place in PLACES if isinstance(place[2][-1], str)]), st.integers(0, 3))


def check_bytes(school: School, body: bytes, ids: list[str], version: str = V1) -> None:
    answer = school.post(body, version=version)
    if answer.status == 200:
        assert school.stored(answer.json) == len(answer.json) > 0
    else:
        assert answer.status == 400, answer.body
        assert answer.json["path"].startswith("statement"), answer.body
        assert school.stored(ids) == 0


def test_body__bytes_damaged(school: School, for_all: ForAll) -> None:
    def check(version: str, data: st.DataObject) -> None:
        batch = [make_statement(), fresh(STATEMENT), make_statement()]
        body = data.draw(damaged(as_json(batch).encode()))
        check_bytes(school, body, [statement["id"] for statement in batch], version)

    for_all(check, st.sampled_from([V1, V2]), st.data())


def test_body__in_other_encodings(school: School, for_all: ForAll) -> None:
    def check(data: st.DataObject) -> None:
        statement = make_statement(actor={"mbox": "mailto:ada@school.example", "name": "Ädä 🙂"})
        body = data.draw(encodings(json.dumps([statement], ensure_ascii=False)))
        check_bytes(school, body, [statement["id"]])

    for_all(check, st.data())


def test_body__anything(school: School, for_all: ForAll) -> None:
    for_all(lambda body: check_bytes(school, body, []), st.binary(max_size=60) | RAW_VALUES.map(str.encode))


def test_put__anything_under_an_id(school: School, for_all: ForAll) -> None:
    def check(place: tuple[dict[str, Any], str, Path], value: Any) -> None:
        base, version, path = place
        statement_id = str(uuid4())
        body = as_json(put(path, value, {**base, "id": statement_id})).encode()
        answer = school.put(statement_id, body, version)
        assert answer.status in (204, 400)
        assert school.stored([statement_id]) == (answer.status == 204)

    for_all(check, st.sampled_from(PLACES), TREES)
