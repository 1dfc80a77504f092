import pytest
from pydantic import SecretStr

from core.errors import UserError
from core.secrets import SecretKey, new_api_key_id, new_api_secret, new_role_name

KEY = SecretKey(SecretStr("a" * 32))
OTHER = SecretKey(SecretStr("b" * 32))


def test_hash__is_keyed_and_steady() -> None:
    assert KEY.hash_api_secret("s") == KEY.hash_api_secret("s")
    assert KEY.hash_api_secret("s") != OTHER.hash_api_secret("s")
    assert KEY.hash_api_secret("s") != KEY.hash_api_secret("t")
    assert len(KEY.hash_api_secret("s")) == 32


def test_reader_password__differs_by_role_and_purpose() -> None:
    assert KEY.reader_password("reader_a") != KEY.reader_password("reader_b")
    assert KEY.reader_password("reader_a") != OTHER.reader_password("reader_a")
    assert len(KEY.reader_password("reader_a")) == 43


def test_new__long_and_never_the_same() -> None:
    for make in (new_api_key_id, new_api_secret, new_role_name):
        made = {make() for _ in range(100)}
        assert len(made) == 100
        assert min(len(text) for text in made) >= 23


def test_key__missing() -> None:
    with pytest.raises(UserError, match="secret key"):
        SecretKey(None)
