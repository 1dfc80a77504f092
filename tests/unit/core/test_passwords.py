from core.passwords import hash_password, is_password


def test_is_password__the_right_one() -> None:
    assert is_password("correct horse", hash_password("correct horse"))


def test_is_password__another() -> None:
    assert not is_password("correct horse ", hash_password("correct horse"))


def test_hash__each_has_a_salt() -> None:
    assert hash_password("same") != hash_password("same")
