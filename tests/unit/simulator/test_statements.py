"""Statements are what emitters really say, and nothing that an LRS would refuse; the others are refused rightly."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.tenants import Pattern
from core.xapi.errors import StatementError
from core.xapi.statements import read_statement
from core.xapi.versions import Version
from simulator.imperfections import NAMES, without
from simulator.parameters import Parameters
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
from tests.unit.simulator.reading import lines
from tests.unit.simulator.term import Term

CMI5 = "https://w3id.org/xapi/cmi5/context"
VIDEO = "https://w3id.org/xapi/video"
ADL = "http://adlnet.gov/expapi/verbs"


@pytest.mark.parametrize("version", list(Version))
def test_statements__all_accepted(term: Term, version: Version) -> None:
    for tenant in term.tenants:
        texts = (term.folder / "statements" / f"{tenant.slug}.ndjson").read_bytes().splitlines()
        for text in texts:
            assert read_statement(text, version).id is not None


@pytest.mark.parametrize("version", list(Version))
def test_malformed__each_refused_at_its_property(term: Term, version: Version) -> None:
    for tenant in term.tenants:
        malformed = lines(term.folder / "malformed" / f"{tenant.slug}.ndjson")
        assert len(malformed) > 25
        for one in malformed:
            with pytest.raises(StatementError) as refusal:
                read_statement(one["text"].encode(), version)
            assert refusal.value.path == one["path"], one["text"]


def test_patterns__a_tenant_can_have_them(term: Term) -> None:
    for tenant in term.tenants:
        for one in tenant.described["patterns"]:
            assert Pattern.parse(f"{one['names']}:{one['key_is']}:{one['pattern']}").pattern == one["pattern"]


def test_dialects__each_is_spoken_with_all_its_verbs(term: Term) -> None:
    verbs = {row["verb"] for tenant in term.tenants for row in tenant.truth("verbs")}
    adl = ("attempted", "initialized", "resumed", "experienced", "progressed", "completed", "passed", "failed")
    more = ("scored", "suspended", "answered", "launched", "terminated", "interacted", "registered")
    assert verbs >= {f"{ADL}/{name}" for name in (*adl, *more)}
    assert verbs >= {f"{VIDEO}/verbs/{name}" for name in ("played", "paused", "seeked")}
    assert verbs >= {f"https://w3id.org/xapi/adl/verbs/{name}" for name in ("satisfied", "waived", "abandoned")}
    assert verbs >= {
        "http://id.tincanapi.com/verb/viewed", "http://id.tincanapi.com/verb/earned",
        "https://w3id.org/xapi/acrossx/verbs/evaluated", "https://w3id.org/xapi/tla/verbs/scored",
    }  # fmt: skip
    for tenant in term.tenants:
        dialects = {row["value"] for row in tenant.truth("statement_counts") if row["dimension"] == "dialect"}
        assert dialects == {"adl", "articulate", "cmi5", "h5p", "moodle", "openedx", "video", "web"}


def test_cmi5__sessions_begin_and_end_as_the_profile_says(term: Term) -> None:
    for tenant in term.tenants:
        launches: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in tenant.said:
            context = one.tree.get("context", {})
            categories = {each["id"] for each in context.get("contextActivities", {}).get("category", [])}
            if f"{CMI5}/categories/cmi5" in categories:
                judged = {"success", "completion"} & one.tree.get("result", {}).keys()
                assert bool(judged) == (f"{CMI5}/categories/moveon" in categories)
                assert context["registration"]
                launches[context["extensions"][f"{CMI5}/extensions/sessionid"]].append(one.tree)
        names = [[tree["verb"]["display"]["en-US"] for tree in trees] for trees in launches.values()]
        assert {each[0] for each in names} <= {"launched", "waived", "terminated", "abandoned"}
        assert all(each[:2] == ["launched", "initialized"] for each in names if len(each) > 2)
        assert all(Counter(each).most_common(1)[0][1] == 1 for each in names)


def test_video__segments_come_with_progress(term: Term) -> None:
    for tenant in term.tenants:
        stopped = [
            one.tree
            for one in tenant.said
            if one.tree["verb"]["id"] == f"{VIDEO}/verbs/paused" and "openedx" not in json.dumps(one.tree)
        ]
        assert stopped
        for tree in stopped:
            extensions = tree["result"]["extensions"]
            assert f"{VIDEO}/extensions/played-segments" in extensions
            has_length = f"{VIDEO}/extensions/length" in tree["context"]["extensions"]
            assert has_length == (f"{VIDEO}/extensions/progress" in extensions)


def small(folder: Path, **values: Any) -> dict[str, int]:
    parameters = Parameters(statements=8_000, **values)
    simulate(parameters, folder, FileSink(folder))
    rows = lines(folder / "truth" / "riverside" / "statement_counts.ndjson")
    return {row["value"]: row["statements"] for row in rows}


COUNTED = {
    "duplicates": "duplicates", "late": "late", "disorder": "disordered", "skew": "skewed_devices",
    "voided": "voided", "clock_ahead": "clock_ahead", "clock_behind": "clock_behind", "groups": "groups",
    "strangers": "learners_unmatched", "twins": "learners_ambiguous", "visitors": "not_enrolled", "staff": "staff",
    "unmapped": "none",
}  # fmt: skip


def test_imperfections__all_happen_and_are_counted(tmp_path: Path) -> None:
    counts = small(tmp_path)
    assert {name: counts.get(value, 0) for name, value in COUNTED.items() if counts.get(value, 0) == 0} == {}


@pytest.mark.parametrize("name", COUNTED)
def test_imperfections__each_can_be_left_out(tmp_path: Path, name: str) -> None:
    assert small(tmp_path, imperfections=without([name])).get(COUNTED[name], 0) == 0


def test_imperfections__none_of_them(tmp_path: Path) -> None:
    counts = small(tmp_path, imperfections=without(list(NAMES)))
    assert {name for name in COUNTED.values() if counts.get(name, 0)} == set()
    assert not (tmp_path / "malformed").exists()
    texts = (tmp_path / "statements" / "riverside.ndjson").read_bytes().splitlines()
    ids = [msgspec.json.decode(text)["id"] for text in texts]
    assert len(set(ids)) == len(ids) == counts["statements"]


def test_ids__differ_but_for_duplicates(term: Term) -> None:
    for tenant in term.tenants:
        texts = (term.folder / "statements" / f"{tenant.slug}.ndjson").read_bytes().splitlines()
        ids = Counter(msgspec.json.decode(text)["id"] for text in texts)
        counts = {row["value"]: row["statements"] for row in tenant.truth("statement_counts")}
        assert sum(ids.values()) - len(ids) == counts["duplicates"]
        assert len(ids) == counts["statements"] + 2 * counts["voided"]
