"""The Alternate Request Syntax: forms as odd as forms can be."""

import base64
from urllib.parse import quote_plus
from uuid import uuid4

from hypothesis import strategies as st

from tests.harness.oddities import RAW_VALUES, TEXTS, as_json, damaged
from tests.harness.raw_http import Answer, Request
from tests.harness.statements import make_statement
from tests.integration.lrs.requests.conftest import LONG, ForAll, School

pytestmark = LONG

FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
NAMES = st.sampled_from([
    "content", "Authorization", "X-Experience-API-Version", "Content-Type", "Content-Length", "If-Match", "agent",
    "If-None-Match", "activityId", "stateId", "statementId", "method", "limit", "Host", "X-Tenant-ID", "",
    "Transfer-Encoding", "Content-Encoding",
])  # fmt: skip
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "get", "", "PATCH"])
PATHS = st.sampled_from([
    "/statements", "/activities/state", "/agents/profile", "/activities/profile", "/agents", "/activities", "/about",
])  # fmt: skip


def encode(fields: dict[str, str]) -> bytes:
    pairs = [
        f"{quote_plus(name)}={quote_plus(value.encode('utf-8', 'surrogatepass'))}" for name, value in fields.items()
    ]
    return "&".join(pairs).encode()


def post(school: School, path: str, method: str, form: bytes, *, signed: bool = True) -> Answer:
    headers = [*(school.headers() if signed else []), FORM]
    return school.knock(Request("POST", f"/xAPI{path}?method={quote_plus(method)}".encode(), headers, form))


def test_form__any_fields(school: School, for_all: ForAll) -> None:
    def check(path: str, method: str, fields: dict[str, str]) -> None:
        # Failed logins of one and the same key would be slowed down.
        if "Authorization" in fields:
            key = base64.b64encode(f"{uuid4()}:secret".encode()).decode()
            fields = {**fields, "Authorization": f"Basic {key}"}
        post(school, path, method, encode(fields))

    for_all(check, PATHS, METHODS, st.dictionaries(NAMES, TEXTS | RAW_VALUES, max_size=6))


def test_form__damaged(school: School, for_all: ForAll) -> None:
    def check(data: st.DataObject) -> None:
        statement_id = str(uuid4())
        statement = as_json(make_statement(id=None))
        form = encode({"content": statement, "statementId": statement_id, "Content-Type": "application/json"})
        answer = post(school, "/statements", "PUT", data.draw(damaged(form)))
        assert answer.status in (204, 400)
        assert school.stored([statement_id]) == 0 or answer.status == 204

    for_all(check, st.data())


def test_form__all_or_nothing_of_a_batch(school: School, for_all: ForAll) -> None:
    def check(value: str, position: int) -> None:
        good = [make_statement() for _ in range(3)]
        texts = [as_json(statement) for statement in good]
        texts.insert(position, as_json(make_statement(result={"response": "MARK"})).replace('"MARK"', value))
        answer = post(school, "/statements", "POST", encode({"content": f"[{','.join(texts)}]"}))
        stored = school.stored([statement["id"] for statement in good])
        assert (answer.status, stored) in ((200, 3), (400, 0))

    for_all(check, RAW_VALUES | TEXTS.map(as_json), st.integers(0, 3))
