"""Blobs: once each, durable on return, never half there."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailserver.store.blobs import BlobStore
from mailserver.store.errors import StoreFull, StoreUnavailable


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(f"file://{tmp_path}/blobs")


def files(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "blobs").rglob("*") if path.is_file())


@pytest.mark.parametrize("content", [b"", b"a", b"text " * 50_000, os.urandom(200_000)])
def test_what_was_put_comes_back(blobs: BlobStore, content: bytes) -> None:
    digest, stored = blobs.put_sized(content)
    assert blobs.get_uncached(digest) == content
    assert stored <= len(content) + 1
    assert blobs.exists(digest)


def test_compressible_content_takes_less_room(blobs: BlobStore) -> None:
    assert blobs.put_sized(b"text " * 50_000)[1] < 5_000


def test_putting_twice_stores_once(blobs: BlobStore, tmp_path: Path) -> None:
    content = os.urandom(20_000)
    assert blobs.put_sized(content) == blobs.put_sized(content)
    assert len(files(tmp_path)) == 1


def test_a_damaged_blob_is_never_given_out(blobs: BlobStore, tmp_path: Path) -> None:
    for content in (os.urandom(20_000), b"text " * 10_000):
        digest = blobs.put(content)
        path = tmp_path / "blobs" / digest.hex()[:2] / digest.hex()
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for damage in (b"", whole[:-1], bytes(flipped), b"?" + whole):
            path.write_bytes(damage)
            with pytest.raises(StoreUnavailable):
                blobs.get(digest)


def test_a_missing_blob_is_unavailable_and_deleting_it_again_is_fine(blobs: BlobStore) -> None:
    digest = blobs.put(b"x" * 20_000)
    blobs.get(digest)
    blobs.delete(digest)
    blobs.delete(digest)
    assert not blobs.exists(digest)
    with pytest.raises(StoreUnavailable):
        blobs.get(digest)


class Faults:
    """Lets the n-th call of one of the watched functions fail, and notes the order of all calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int, error: int) -> None:
        self.calls: list[str] = []
        self._fail_at, self._error = fail_at, error
        for name in ("open", "write", "fsync", "rename", "mkdir"):
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            is_folder = name == "open" and args[1] & os.O_DIRECTORY
            self.calls.append("open-folder" if is_folder else name)
            if len(self.calls) == self._fail_at:
                raise OSError(self._error, os.strerror(self._error))
            return real(*args, **kwargs)

        return call


@pytest.mark.parametrize(("error", "expected"), [(28, StoreFull), (5, StoreUnavailable)])
def test_whichever_step_fails_put_does_not_succeed_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, expected: type[Exception]
) -> None:
    """ENOSPC and EIO at each system call in turn, until none is left to fail."""
    content = os.urandom(20_000)
    failed = 0
    for fail_at in range(1, 100):
        folder = tmp_path / str(fail_at)
        blobs = BlobStore(f"file://{folder}/blobs")
        with monkeypatch.context() as patch:
            faults = Faults(patch, fail_at, error)
            try:
                digest = blobs.put(content)
            except expected:
                failed += 1
                continue
            finally:
                count = len(faults.calls)
        assert count < fail_at
        assert blobs.get(digest) == content
        break
    assert failed >= 8
    leftovers = [path for path in tmp_path.rglob("tmp/*") if path.is_file()]
    assert leftovers == []


def test_the_order_of_steps_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File synced before it is renamed, the new folder and its parent synced after."""
    blobs = BlobStore(f"file://{tmp_path}/blobs")
    with monkeypatch.context() as patch:
        calls = Faults(patch, 0, 0).calls
        blobs.put(os.urandom(20_000))
    steps = [call for call in calls if call not in ("open", "open-folder")]
    assert steps == ["write", "write", "fsync", "mkdir", "fsync", "rename", "fsync"]


def test_a_blob_found_there_is_synced_again_before_it_is_relied_on(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer may have been killed, or be just now, between rename and fsync of the folder."""
    content = os.urandom(20_000)
    blobs.put(content)
    with monkeypatch.context() as patch:
        calls = Faults(patch, 0, 0).calls
        blobs.put(content)
    assert "fsync" in calls
    assert "write" not in calls


def test_temporary_files_of_dead_writers_are_removed_when_old(blobs: BlobStore, tmp_path: Path) -> None:
    old, new = tmp_path / "blobs/tmp/old", tmp_path / "blobs/tmp/new"
    for path, age in ((old, 1000), (new, 5000)):
        path.write_bytes(b"half")
        os.utime(path, (age, age))
    assert blobs.remove_leftovers(2000) == 1
    assert not old.exists()
    assert new.exists()


def test_all_blobs_are_listed_with_their_time(blobs: BlobStore, tmp_path: Path) -> None:
    digests = {blobs.put(os.urandom(100)) for _ in range(5)}
    (tmp_path / "blobs/zz").mkdir()
    (tmp_path / "blobs/zz/something-else").write_bytes(b"")
    assert {digest for digest, _ in blobs.digests()} == digests
    assert all(changed > 1e9 for _, changed in blobs.digests())


def test_a_store_behind_a_url_keeps_the_same_promises() -> None:
    blobs = BlobStore("memory:///")
    content = os.urandom(20_000)
    digest = blobs.put(content)
    assert digest == blobs.put(content)
    assert blobs.get_uncached(digest) == content
    assert [found for found, _ in blobs.digests()] == [digest]
    blobs.delete(digest)
    blobs.delete(digest)
    with pytest.raises(StoreUnavailable):
        blobs.get(digest)


def test_a_bucket_that_does_not_answer_is_unavailable() -> None:
    blobs = BlobStore(
        "s3://mail/blobs",
        endpoint="http://127.0.0.1:9",
        access_key_id="x",
        secret_access_key="y",
        region="none",
    )
    with pytest.raises(StoreUnavailable):
        blobs.put(b"content")


def test_room_is_kept_in_reserve(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SimpleNamespace(f_frsize=4096, f_blocks=1_000_000, f_bavail=50_000 + 10)
    monkeypatch.setattr(os, "statvfs", lambda _path: disk)
    with pytest.raises(StoreFull):
        blobs.require_room(4096 * 10 + 1)
    with pytest.raises(StoreFull):
        blobs.put(b"x" * (4096 * 10 + 1))
    digest = blobs.put(b"x" * 4096 * 10)
    disk.f_bavail = 49_999
    with pytest.raises(StoreFull):
        blobs.require_room(4096)
    assert blobs.put(b"x" * 4096 * 10) == digest  # it is there already
