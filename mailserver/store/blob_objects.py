"""Objects in an S3-compatible store (or whatever else obstore speaks to), named as in `blob_folder`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from mailserver.store.errors import StoreUnavailable

_TIMEOUT = timedelta(seconds=20)
_RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=25)}


class RemoteObjects:
    """Named objects in a bucket. A PUT that was answered is durable; that is the service's promise."""

    def __init__(self, url: str, **config: Any) -> None:
        options: dict[str, Any] = {"timeout": _TIMEOUT, "connect_timeout": timedelta(seconds=5)}
        if url.startswith("s3://") and config.get("endpoint", "").startswith("http://"):
            options["allow_http"] = True
        open_store: Any = from_url
        self._store: Any = open_store(url, client_options=options, retry_config=_RETRY, **config)

    def put(self, name: str, chunks: list[bytes]) -> None:
        try:
            obstore.put(self._store, self._key(name), b"".join(chunks))
        except (BaseError, OSError) as error:
            raise StoreUnavailable(f"blob store: {type(error).__name__}") from error

    def keep(self, name: str) -> int | None:
        try:
            return int(obstore.head(self._store, self._key(name))["size"])
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise StoreUnavailable(f"blob store: {type(error).__name__}") from error

    def get(self, name: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, self._key(name)).bytes())
        except (BaseError, OSError) as error:
            raise StoreUnavailable(f"blob {name}: {type(error).__name__}") from error

    def delete(self, name: str) -> None:
        try:
            obstore.delete(self._store, self._key(name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StoreUnavailable(f"blob store: {type(error).__name__}") from error

    def names(self) -> Iterator[tuple[str, float]]:
        for batch in obstore.list(self._store, chunk_size=1000):
            for found in batch:
                yield found["path"].rsplit("/", 1)[-1], found["last_modified"].timestamp()

    def remove_leftovers(self, older_than: float) -> int:
        """A PUT leaves nothing half done."""
        return 0

    @staticmethod
    def _key(name: str) -> str:
        return f"{name[:2]}/{name}"
