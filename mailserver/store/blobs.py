"""Content-addressed blobs: large parts of messages, each once, named by the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import zstandard

from mailserver.store.blob_folder import FolderObjects
from mailserver.store.blob_objects import RemoteObjects
from mailserver.store.errors import StoreUnavailable
from mailserver.store.room import Room

# First octet of a stored object: how the rest is kept.
_PLAIN, _ZSTD = b"\x00", b"\x01"
_SAMPLE = 64 * 1024
_LEVEL = 3
_CACHE_LIMIT = 32 * 1024 * 1024


class _Objects(Protocol):
    def put(self, name: str, chunks: list[bytes]) -> None: ...
    def keep(self, name: str) -> int | None: ...
    def get(self, name: str) -> bytes: ...
    def delete(self, name: str) -> None: ...
    def names(self) -> Iterator[tuple[str, float]]: ...
    def remove_leftovers(self, older_than: float) -> int: ...


class BlobStore:
    """Blobs under a URL: "file:///folder" or "s3://bucket/prefix" (config: obstore's options)."""

    def __init__(self, url: str, room: Room | None = None, **config: Any) -> None:
        """room: of the database, where its disk counts too; a bucket has no end of its own."""
        parts = urlsplit(url)
        self._objects: _Objects
        self._room = room or Room()
        if parts.scheme == "file":
            self._objects = FolderObjects(Path(unquote(parts.path)))
            self._room.watch(Path(unquote(parts.path)))
        else:
            self._objects = RemoteObjects(url, **config)
        self._cache = _Cache()

    def require_room(self, octets: int) -> None:
        """Raise StoreFull if storing `octets`, here or in the database, would eat into a disk's reserve."""
        self._room.require(octets)

    def put(self, content: bytes) -> bytes:
        """Store `content` and return its digest; durable on return, any number of times.

        Raises StoreFull or StoreUnavailable, both temporary.
        """
        return self.put_sized(content)[0]

    def put_sized(self, content: bytes) -> tuple[bytes, int]:
        """As `put`; also the octets it takes in the store."""
        digest = hashlib.sha256(content).digest()
        stored = self._objects.keep(digest.hex())
        if stored is not None:
            return digest, stored
        self._room.require(len(content))
        chunks = _packed(content)
        self._objects.put(digest.hex(), chunks)
        return digest, sum(map(len, chunks))

    def get(self, digest: bytes) -> bytes:
        """The content. Raises StoreUnavailable if it is missing or not what its name says."""
        cached = self._cache.get(digest)
        if cached is not None:
            return cached
        content = self.get_uncached(digest)
        self._cache.put(digest, content)
        return content

    def get_uncached(self, digest: bytes) -> bytes:
        """As `get`, from the store itself."""
        content = _unpacked(self._objects.get(digest.hex()))
        if content is None or hashlib.sha256(content).digest() != digest:
            raise StoreUnavailable(f"blob {digest.hex()} is damaged")
        return content

    def exists(self, digest: bytes) -> bool:
        return self._objects.keep(digest.hex()) is not None

    def delete(self, digest: bytes) -> None:
        """Only for the collector, which knows that nobody refers to it."""
        self._cache.drop(digest)
        self._objects.delete(digest.hex())

    def digests(self) -> Iterator[tuple[bytes, float]]:
        """Every blob in the store with the time it was written, seconds since 1970."""
        for name, changed in self._objects.names():
            try:
                digest = bytes.fromhex(name)
            except ValueError:
                continue
            if len(digest) == 32:
                yield digest, changed

    def remove_leftovers(self, older_than: float) -> int:
        """Delete what writers that died left behind before that time; how many."""
        return self._objects.remove_leftovers(older_than)


def _packed(content: bytes) -> list[bytes]:
    """Compressed where a sample says that it saves at least a tenth."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    middle = len(content) // 2
    sample = content[:_SAMPLE] if len(content) <= 2 * _SAMPLE else content[middle : middle + _SAMPLE]
    if len(compressor.compress(sample)) > len(sample) * 0.9:
        return [_PLAIN, content]
    return [_ZSTD, compressor.compress(content)]


def _unpacked(stored: bytes) -> bytes | None:
    """None if the object is not one of ours, whole."""
    if stored[:1] == _PLAIN:
        return stored[1:]
    try:
        return zstandard.ZstdDecompressor().decompress(memoryview(stored)[1:])
    except zstandard.ZstdError:
        return None


class _Cache:
    """The blobs read last, for clients that fetch an attachment in small pieces."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> bytes | None:
        with self._lock:
            content = self._held.get(digest)
            if content is not None:
                self._held.move_to_end(digest)
            return content

    def put(self, digest: bytes, content: bytes) -> None:
        if len(content) > _CACHE_LIMIT // 2:
            return
        with self._lock:
            if digest in self._held:
                return
            self._held[digest] = content
            self._size += len(content)
            while self._size > _CACHE_LIMIT:
                self._size -= len(self._held.popitem(last=False)[1])

    def drop(self, digest: bytes) -> None:
        with self._lock:
            self._size -= len(self._held.pop(digest, b""))
