import pytest

from core.xapi.errors import StatementError
from core.xapi.languages import check_language_tag


@pytest.mark.parametrize(
    "tag",
    [
        *("en", "EN-us", "pt-BR", "zh-Hant-TW", "sr-Latn", "de-CH-1901", "sl-rozaj-biske", "zh-cmn-Hans-CN", "es-419"),
        *("und", "abcde", "tlh", "i-klingon", "en-GB-oed", "x-whatever", "de-x-priv", "en-a-myext-b-another"),
        "hy-Latn-IT-arevela",
    ],
)
def test_check_language_tag(tag: str) -> None:
    assert check_language_tag(tag) == tag


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "e",
        "a12345678",
        "something",
        "en_US",
        "en-",
        "-en",
        "en--US",
        "en-x",
        "e-n",
        "én",
        "en us",
        "123",
        "a-DE",
        "x" + "-abc" * 30,
    ],
)
def test_check_language_tag__refused(tag: str) -> None:
    with pytest.raises(StatementError):
        check_language_tag(tag)
