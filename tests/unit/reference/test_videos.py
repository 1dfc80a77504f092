from typing import Any

import pytest

from tests.reference.read import Row
from tests.reference.videos import join_touching, parse_segments, seconds, union
from tests.unit.reference.story import Story, hours, mail

EXTENSIONS = "https://w3id.org/xapi/video/extensions"
MINUTE = 1 / 60


def school() -> Story:
    story = Story()
    story.user("ada")
    story.lesson("film")
    story.enrol("ada")
    return story


def say(story: Story, verb: str, at: float, actor: str = "ada", *, named: str | None = "s", **told: Any) -> None:
    """What a player tells of itself is said in the context, what was watched in the result."""
    about_player = {"length", "completion-threshold"}
    context = {name.replace("_", "-"): value for name, value in told.items()}
    result = {f"{EXTENSIONS}/{name}": context[name] for name in context.keys() - about_player}
    around = {f"{EXTENSIONS}/{name}": context[name] for name in context.keys() & about_player}
    if named is not None:
        around[f"{EXTENSIONS}/session-id"] = named
    story.say(
        mail(actor), verb, "film", hours(at), context={"extensions": around}, result={"extensions": result}
    )  # fmt: skip


def viewing(story: Story) -> Row:
    return story.row("fct_video_segments")


def test_segments__the_last_that_were_told_count() -> None:
    story = school()
    say(story, "paused", 0, length=100, played_segments="0[.]10")
    say(story, "paused", 1, length=100, played_segments="0[.]10[,]10[.]20[,]5[.]8")
    found = viewing(story)
    assert (found["segments"], found["watched_seconds"], found["share"]) == ([[0, 20], [5, 8]], 20.0, 0.2)


def test_segments__pairs_where_none_are_told() -> None:
    story = school()
    played: list[tuple[str, dict[str, Any]]] = [
        ("played", {"time": 0}),
        ("paused", {"time": 10}),
        ("played", {"time": 10}),
        ("seeked", {"time_from": 15, "time_to": 60}),
        ("paused", {"time": 70}),
        ("played", {"time": 70}),
        ("played", {"time": 80}),
        ("terminated", {"time": 90}),
        ("played", {"time": 95}),
    ]
    for number, (verb, told) in enumerate(played):
        say(story, verb, number * MINUTE, length=100, **told)
    assert viewing(story)["segments"] == [[0, 15], [80, 90]]


def test_segments__an_unclosed_play_is_a_viewing_of_nothing() -> None:
    story = school()
    say(story, "played", 0, length=100, time=0)
    found = viewing(story)
    assert (found["segments"], found["share"], found["completed"]) == ([], 0.0, False)


def test_viewing__by_registration_session_or_sitting() -> None:
    story = school()
    for at, named in ((0, None), (0.1, None), (2, None), (3, "s"), (5, "s")):
        say(story, "paused", at, named=named, played_segments="0[.]10")
    assert sorted(str(row["viewing"]) for row in story.rows("fct_video_segments")) == ["None", "None", "s"]


@pytest.mark.parametrize(
    ("told", "elsewhere", "completed"),
    [
        ({"played_segments": "0[.]94"}, {}, False),
        ({"played_segments": "0[.]95"}, {}, True),
        ({"played_segments": "0[.]94"}, {"completion-threshold": 0.94}, True),
        ({"played_segments": "0[.]94", "completion-threshold": 0.97}, {"completion-threshold": 0.5}, False),
    ],
)
def test_completed__at_the_threshold(told: dict[str, Any], elsewhere: dict[str, Any], *, completed: bool) -> None:
    story = school()
    say(story, "paused", 0, length=100, **told)
    if elsewhere:
        say(story, "initialized", 1, actor="stranger", named="t", **elsewhere)
        say(story, "initialized", 2, actor="stranger", named="t", **{"completion-threshold": 0.99})
    assert viewing(story)["completed"] is completed


def test_completed__by_statement_whatever_its_success() -> None:
    story = school()
    context = {"extensions": {f"{EXTENSIONS}/length": 100}}
    story.say(mail("ada"), "completed", "film", hours(0), context=context, result={"success": False})
    assert viewing(story)["completed"] is True


def test_extensions__what_is_no_number_says_nothing() -> None:
    story = school()
    say(story, "played", 0, time="0", length="long")
    say(story, "paused", 1, time=[10], completion_threshold=True)
    say(story, "played", 2, time=5, length=1e300)
    say(story, "paused", 2.1, time=6)
    assert viewing(story)["segments"] == [[5, 6]]
    assert len(story.rows("fct_sessions")) == 3


def test_share__of_an_unknown_length() -> None:
    story = school()
    say(story, "paused", 0, played_segments="0[.]10")
    assert viewing(story)["share"] is None
    say(story, "initialized", 1, actor="stranger", named="t", length=40)
    assert viewing(story)["share"] == 0.25


def test_seconds__first_views_and_rewatches() -> None:
    story = school()
    story.user("bob")
    story.enrol("bob")
    say(story, "paused", 0, played_segments="0[.]2.5[,]1.4[.]3")
    say(story, "paused", 3, named="again", played_segments="0.6[.]1.5")
    say(story, "paused", 0, actor="bob", played_segments="0[.]1")
    found = {row["second"]: (row["first_views"], row["rewatches"]) for row in story.rows("mart_video_engagement")}
    assert found == {0: (2, 0), 1: (1, 2), 2: (1, 1)}
    summary = story.row("video_summary")
    assert (summary["learners"], summary["viewings"], summary["completed"]) == (2, 3, 0)


def test_join__what_merely_touches() -> None:
    assert join_touching([(0, 10), (10, 20), (20, 30)]) == [(0, 30)]
    assert join_touching([(0, 10), (5, 20)]) == [(0, 10), (5, 20)]
    assert union([(0, 10), (5, 20), (30, 31)]) == 21


def test_seconds__half_of_one() -> None:
    assert list(seconds((500, 2499))) == [0, 1]
    assert list(seconds((501, 2500))) == [1, 2]


def test_parse__what_is_no_segment_is_left_out() -> None:
    assert parse_segments("") == []
    assert parse_segments("0[.]1.5[,]x[.]2[,]0[.]1e308[,]nan[.]1[,]7[.]7[,]9[.]8[,]3[.]4") == [(0, 1500), (3000, 4000)]
