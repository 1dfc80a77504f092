import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.errors import UserError
from lrs.errors import UnavailableError
from lrs.storage import Storage, object_path, open_storage

TENANT = UUID("6690e6c9-3ef0-4ed3-8b37-7f3964730bee")
SHA2 = "0123456789abcdef" * 4
CONTENT = bytes(range(256)) * 10_000


def put(storage: Storage, content: bytes, tenant: UUID = TENANT) -> None:
    asyncio.run(storage.put(tenant, SHA2, memoryview(content)))


def read(storage: Storage, tenant: UUID = TENANT) -> bytes:
    async def pieces() -> bytes:
        return b"".join([piece async for piece in storage.read(tenant, SHA2)])

    return asyncio.run(pieces())


@pytest.mark.parametrize("address", [None, "file://{folder}/a%20b", "memory://"])
@pytest.mark.parametrize("content", [CONTENT, b""])
def test_read__what_was_put(tmp_path: Path, address: str | None, content: bytes) -> None:
    storage = open_storage(address and address.format(folder=tmp_path), tmp_path / "home")
    put(storage, content)
    put(storage, content)
    assert read(storage) == content
    with pytest.raises(FileNotFoundError):
        read(storage, uuid4())


@pytest.mark.parametrize(("address", "folder"), [(None, "home/attachments"), ("file://{folder}/a%20b", "a b")])
def test_put__lies_under_the_tenant(tmp_path: Path, address: str | None, folder: str) -> None:
    put(open_storage(address and address.format(folder=tmp_path), tmp_path / "home"), CONTENT)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / folder / "tenants" / str(TENANT) / "attachments" / SHA2]


def test_put__what_is_there_is_not_written_again(tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    put(storage, CONTENT)
    path = tmp_path / "attachments" / object_path(TENANT, SHA2)
    before = path.stat().st_ino
    put(storage, CONTENT)
    assert path.stat().st_ino == before


def test_put__what_was_cut_off_is_written_again(tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    put(storage, CONTENT)
    path = tmp_path / "attachments" / object_path(TENANT, SHA2)
    path.write_bytes(b"")
    put(storage, CONTENT)
    assert read(storage) == CONTENT


@pytest.mark.parametrize(
    "sha2", ["", "..", "../" * 20, "/" * 64, SHA2.upper(), SHA2[:-1] + "/", SHA2 + "\n", "a" * 129]
)
def test_object_path__no_sum(sha2: str) -> None:
    with pytest.raises(ValueError, match="no SHA-2 sum"):
        object_path(TENANT, sha2)


def test_put__storage_is_away(tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    (tmp_path / "attachments" / "tenants").write_text("in the way")
    with pytest.raises(UnavailableError, match="storage of attachments"):
        put(storage, CONTENT)


@pytest.mark.parametrize(
    "address", ["file://relative/folder", "file://", "s3://", "az://container", "file:///dev/null/folder", "gs://"]
)
def test_open__unusable_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(UserError, match=r"LYCEUM_LRS_ATTACHMENTS: .* cannot be used"):
        open_storage(address, tmp_path)


@pytest.mark.parametrize("address", ["s3://bucket/prefix", "gs://bucket/prefix"])
def test_open__clouds_are_not_asked_at_the_start(tmp_path: Path, address: str) -> None:
    assert isinstance(open_storage(address, tmp_path), Storage)
