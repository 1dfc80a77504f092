import polars as pl

from tests.reference.compare import Difference, compare, report


def test_compare__says_which_cell() -> None:
    ours = pl.DataFrame({"course": ["a", "b"], "share": [0.5, 1.0], "learners": [2, 3]})
    theirs = pl.DataFrame({"course": ["a", "c"], "share": [0.5 + 1e-12, 1.0], "learners": [1, 3]})
    assert compare("t", ours, theirs, ["course"]) == [
        Difference("t", {"course": "a"}, "learners", 2, 1),
        Difference("t", {"course": "b"}, None, {"course": "b", "share": 1.0, "learners": 3}, None),
        Difference("t", {"course": "c"}, None, None, {"course": "c", "share": 1.0, "learners": 3}),
    ]


def test_compare__a_key_that_comes_twice() -> None:
    ours = pl.DataFrame({"course": ["a", "a"], "learners": [2, 2]})
    assert [one.left for one in compare("t", ours, ours[:1], ["course"])] == ["twice"]


def test_compare__nothing_is_not_zero() -> None:
    ours, theirs = (
        pl.DataFrame({"course": ["a"], "rate": [rate]}, schema_overrides={"rate": pl.Float64}) for rate in (0, None)
    )
    assert [one.column for one in compare("t", ours, theirs, ["course"])] == ["rate"]


def test_report__says_how_many_more() -> None:
    ours = pl.DataFrame({"course": ["a", "b", "c"]})
    found = compare("marts", ours, ours[:0], ["course"])
    assert report(found, most=1) == "marts(course=a).row: {'course': 'a'} is not None\n… and 2 more"
