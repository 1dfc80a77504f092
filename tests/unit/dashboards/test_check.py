from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from core.errors import UserError
from dashboards.bundle import columns_of, make_bundle
from dashboards.check import check
from dashboards.naming import names_in_sql
from dashboards.reading import ASSETS, read_assets
from dashboards.rules import NOTHING, TAUGHT, WHOLE_TENANT, rule_for

Change = Callable[[str, str, str], list[str]]


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Of a copy of all files: what is wrong after a text in one of them was replaced."""
    folder = Path(copytree(ASSETS, tmp_path / "assets"))

    def replace(file: str, old: str, new: str) -> list[str]:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return list(check(read_assets(folder)))

    return replace


def test_check__ours_hold() -> None:
    assert list(check(read_assets())) == []


def test_check__metric_of_a_chart(change: Change) -> None:
    problems = change("charts/course_overview/enrolled.yaml", "metric: enrolled", "metric: enroled")
    assert problems == [
        "charts/course_overview/enrolled.yaml: the dataset mart_course_weeks has no column or metric enroled"
    ]


def test_check__column_of_a_metric(change: Change) -> None:
    problems = change("datasets/mart_course_funnel.yaml", "sql: sum(started)", "sql: sum(begun)")
    assert problems == [
        "datasets/mart_course_funnel.yaml: the metric started uses the column begun, which is not there"
    ]


def test_check__dataset_of_a_chart(change: Change) -> None:
    problems = change("charts/videos/heat.yaml", "dataset: mart_video_engagement", "dataset: mart_vidio")
    assert problems == ["charts/videos/heat.yaml: there is no dataset mart_vidio"]


def test_check__chart_that_no_dashboard_shows(change: Change) -> None:
    problems = change("dashboards/course_overview.yaml", "{funnel: 7, grades: 5}", "{funnel: 7}")
    assert problems == ["charts/course_overview/grades.yaml: no dashboard shows it"]


def test_check__chart_without_a_file(change: Change) -> None:
    problems = change("dashboards/videos.yaml", "{heat: 12}", "{heat: 6, hot: 6}")
    assert problems == ["dashboards/videos.yaml: there is no charts/videos/hot.yaml"]


def test_check__row_too_wide(change: Change) -> None:
    problems = change("dashboards/videos.yaml", "{heat: 12}", "{heat: 13}")
    assert problems == ["dashboards/videos.yaml: the row of heat is wider than 12 columns"]


def test_check__unknown_role(change: Change) -> None:
    problems = change("dashboards/videos.yaml", "[Instructor, Tenant admin]", "[Instructor, Teacher]")
    assert problems == ["dashboards/videos.yaml: there is no role Teacher"]


def test_check__filter_of_no_column(change: Change) -> None:
    problems = change("dashboards/videos.yaml", "column: video,", "column: film,")
    assert problems == [
        "dashboards/videos.yaml: the filter Video is of the column film, which mart_video_summary has not"
    ]


def test_read__unknown_key_says_where(change: Change) -> None:
    with pytest.raises(UserError, match=r"charts/videos/heat\.yaml: .*`colour`"):
        change("charts/videos/heat.yaml", "viz:", "colour: red\nviz:")


def test_read__no_yaml_says_where(change: Change) -> None:
    with pytest.raises(UserError, match=r"charts/videos/heat\.yaml"):
        change("charts/videos/heat.yaml", "viz:", "viz: [")


def test_rules__every_dataset_has_one() -> None:
    assets = read_assets()
    bundle = make_bundle(assets, "postgresql://nowhere/none")
    datasets = {document["uuid"] for path, document in bundle.documents.items() if path.startswith("datasets/")}
    assert bundle.rules.keys() == datasets


def test_rules__by_course_where_there_is_one() -> None:
    assets = read_assets()
    for name in assets.datasets:
        rule = rule_for(name, columns_of(assets, name))
        if name.startswith("ops_"):
            assert (rule.clause, rule.except_roles) == (NOTHING, ("Operator",))
        else:
            held = TAUGHT if "course_id" in columns_of(assets, name) else NOTHING
            assert (rule.clause, rule.except_roles) == (held, WHOLE_TENANT)


def test_rules__inner_columns_are_qualified() -> None:
    inner = TAUGHT.partition("(")[2]
    # The table's other name, and nothing that could be the dataset's column.
    assert names_in_sql(inner.replace("{{ taught_by() }}", "null")) == {"select", "taught"}


def test_bundle__same_files_same_documents() -> None:
    assert make_bundle(read_assets(), "x") == make_bundle(read_assets(), "x")


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("sum(a) / nullif(b, 0)::double precision", {"a", "b"}),
        ("count(*) filter (where is_due and kind = 'due soon')", {"is_due", "kind"}),
        ("to_char(make_interval(secs => second), 'HH24')", {"second"}),
        ("case when passed is null then 'x' else y end", {"passed", "y"}),
    ],
)
def test_names_in_sql(sql: str, names: set[str]) -> None:
    assert names_in_sql(sql) == names
