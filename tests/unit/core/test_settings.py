from pathlib import Path

import pytest

from core.errors import UserError
from core.settings import all_settings, home_files, load_settings, settings_page

KEY = "k" * 32
PRODUCTION = {
    "LYCEUM_MODE": "production",
    "LYCEUM_SECRET_KEY": KEY,
    "LYCEUM_DATABASE_URL": "postgresql://db/lyceum",
    "LYCEUM_KAFKA_BOOTSTRAP": "broker:9092",
}


def test_load__defaults(tmp_path: Path) -> None:
    loaded = load_settings({}, tmp_path)
    assert loaded.settings.mode == "development"
    assert loaded.settings.database.url is None
    assert loaded.origins == {}


def test_load__the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "lyceum.toml").write_text('[kafka]\nport = 1\nheap_mb = 512\n[log]\nlevel = "debug"\n')
    loaded = load_settings({"LYCEUM_KAFKA_PORT": "2", "HOME": "/ignored"}, tmp_path)
    assert (loaded.settings.kafka.port, loaded.settings.kafka.heap_mb) == (2, 512)
    assert loaded.origins["kafka.port"] == "environment variable LYCEUM_KAFKA_PORT"
    assert loaded.origins["kafka.heap_mb"] == f"kafka.heap_mb in {tmp_path}/lyceum.toml"


@pytest.mark.parametrize("variable", ["LYCEUM_KAFKA_BOOTSTARP", "LYCEUM_KAFKA", "LYCEUM_KAFKA_PORT_FILE"])
def test_load__unknown_variable(tmp_path: Path, variable: str) -> None:
    with pytest.raises(UserError) as refused:
        load_settings({variable: "x"}, tmp_path)
    assert variable in refused.value.message
    assert "LYCEUM_KAFKA_" in refused.value.remedy


@pytest.mark.parametrize("line", ["colour = 1", "[kafka]\nhost = 'x'", "[supperset]\nport = 1"])
def test_load__unknown_key_in_the_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "lyceum.toml").write_text(line)
    with pytest.raises(UserError, match=r"Unknown setting: .* in .*lyceum\.toml"):
        load_settings({}, tmp_path)


def test_load__a_file_that_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "lyceum.toml").write_text("[kafka\n")
    with pytest.raises(UserError, match="not valid TOML"):
        load_settings({}, tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LYCEUM_KAFKA_PORT", "abc", "a whole number, at least 1, at most 65535"),
        ("LYCEUM_KAFKA_PORT", "70000", "a whole number, at least 1, at most 65535"),
        ("LYCEUM_LOG_LEVEL", "loud", "'debug' or 'info' or 'warning' or 'error'"),
        ("LYCEUM_MODE", "prod", "'development' or 'production'"),
        ("LYCEUM_KAFKA_BOOTSTRAP", "broker", "of the form"),
        ("LYCEUM_PUBLIC_URL", "lyceum.example", "of the form"),
    ],
)
def test_load__a_bad_value_names_itself_its_origin_and_what_is_allowed(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    with pytest.raises(UserError) as refused:
        load_settings({variable: value}, tmp_path)
    assert variable in refused.value.message
    assert repr(value) in refused.value.message
    assert f"environment variable {variable}" in refused.value.message
    assert said in refused.value.message


def test_load__every_bad_value_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load_settings({"LYCEUM_KAFKA_PORT": "x", "LYCEUM_LOG_LEVEL": "y"}, tmp_path)
    assert len(refused.value.message.splitlines()) == 2


def test_load__a_bad_secret_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load_settings({"LYCEUM_SECRET_KEY": "hush-hush"}, tmp_path)
    assert "LYCEUM_SECRET_KEY" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_settings__do_not_show_their_secrets(tmp_path: Path) -> None:
    settings = load_settings(PRODUCTION, tmp_path).settings
    assert KEY not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize("missing", ["LYCEUM_SECRET_KEY", "LYCEUM_DATABASE_URL", "LYCEUM_KAFKA_BOOTSTRAP"])
def test_production__nothing_is_made_up(tmp_path: Path, missing: str) -> None:
    with pytest.raises(UserError, match=f"Missing in production mode: {missing}"):
        load_settings({name: value for name, value in PRODUCTION.items() if name != missing}, tmp_path)


def test_production__the_home_folder_is_not_read(tmp_path: Path) -> None:
    secrets, _ = home_files(tmp_path / ".lyceum")
    secrets.parent.mkdir()
    secrets.write_text('[database]\npassword_lrs = "from-home"\n')
    assert load_settings(PRODUCTION, tmp_path).settings.database.password_lrs is None
    in_development = load_settings({}, tmp_path).settings.database.password_lrs
    assert in_development is not None
    assert in_development.get_secret_value() == "from-home"


def test_secrets__from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    settings = load_settings({"LYCEUM_SECRET_KEY_FILE": str(tmp_path / "key")}, tmp_path).settings
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == KEY


def test_secrets__from_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"LYCEUM_SECRET_KEY_FILE names .*/key, which cannot be read"):
        load_settings({"LYCEUM_SECRET_KEY_FILE": str(tmp_path / "key")}, tmp_path)


def test_page__is_the_one_in_docs() -> None:
    page = Path(__file__).parents[3] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_page(), "run: lyceum settings --page > docs/settings.md"


def test_every_setting__is_on_the_page_and_described() -> None:
    page = settings_page()
    assert [setting.path for setting in all_settings() if f"`{setting.variable}`" not in page] == []
    assert [setting.path for setting in all_settings() if not setting.field.description] == []
