"""Publishing: what the files say, no more and no less."""

from pathlib import Path
from shutil import copytree

import pytest

from core.errors import UserError
from core.settings import Settings
from dashboards.publish import Publication, publish
from dashboards.pull import pull
from dashboards.reading import ASSETS
from tests.harness.servers import clean_environment
from tests.harness.superset import Superset

CHART = "charts/videos/heat.yaml"
TITLE = "title: Where are the videos seen again?"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def settings(server: Settings, superset: Superset, tmp_path: Path) -> Settings:
    return server.model_copy(update={"database": superset.database.settings, "home": tmp_path})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(copytree(ASSETS, tmp_path / "assets"))


def test_publish__an_edit_changes_exactly_that(settings: Settings, folder: Path) -> None:
    edit(folder, "metric: rewatch_rate", "metric: rewatched")
    with pytest.raises(UserError, match=r"charts/videos/heat\.yaml: .* no column or metric rewatched"):
        publish(settings, clean_environment(), folder)
    edit(folder, "metric: rewatched", "metric: rewatch_rate")
    # So the broken one changed nothing.
    edit(folder, TITLE, "title: Where do they look twice?")
    assert publish(settings, clean_environment(), folder).changed == [CHART, "dashboards/videos.yaml"]
    assert publish(settings, clean_environment(), folder) == Publication([], [], [])
    assert pull(settings, clean_environment(), folder) == []
    edit(folder, "title: Where do they look twice?", TITLE)
    (folder / CHART).write_bytes((ASSETS / CHART).read_bytes())
    assert pull(settings, clean_environment(), folder) == [CHART]
    assert "title: Where do they look twice?" in (folder / CHART).read_text(encoding="utf-8")
    assert publish(settings, clean_environment()).changed == [CHART, "dashboards/videos.yaml"]


def edit(folder: Path, old: str, new: str) -> None:
    text = (folder / CHART).read_text(encoding="utf-8")
    assert old in text
    (folder / CHART).write_text(text.replace(old, new), encoding="utf-8")
