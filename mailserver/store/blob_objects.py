"""Objects in an S3-compatible store (or whatever else obstore speaks to), named as in `blob_folder`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from mailserver.store.breaker import Breaker
from mailserver.store.errors import StoreUnavailable

# One request, its body included. Together with the time in which it may be tried again less than the 30 s after
# which whoever waits for it is told 451.
_TIMEOUT = timedelta(seconds=20)
_RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=8)}


class RemoteObjects:
    """Named objects in a bucket. A PUT that was answered is durable; that is the service's promise."""

    def __init__(self, url: str, **config: Any) -> None:
        options: dict[str, Any] = {"timeout": _TIMEOUT, "connect_timeout": timedelta(seconds=5)}
        # The options given here hide those of the environment.
        allowed = os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true"
        if url.startswith("s3://") and (allowed or config.get("endpoint", "").startswith("http://")):
            options["allow_http"] = True
        open_store: Any = from_url
        self._breaker = Breaker()
        self._store: Any = open_store(url, client_options=options, retry_config=_RETRY, **config)

    def put(self, name: str, chunks: list[bytes]) -> None:
        with self._request("blob store"):
            obstore.put(self._store, self._key(name), b"".join(chunks))

    def keep(self, name: str) -> int | None:
        with self._request("blob store"):
            try:
                return int(obstore.head(self._store, self._key(name))["size"])
            except FileNotFoundError:
                return None

    def get(self, name: str) -> bytes:
        with self._request(f"blob {name}"):
            try:
                return bytes(obstore.get(self._store, self._key(name)).bytes())
            except FileNotFoundError:
                pass  # the service is well
        raise StoreUnavailable(f"blob {name} is missing")

    def delete(self, name: str) -> None:
        with self._request("blob store"), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, self._key(name))

    @contextlib.contextmanager
    def _request(self, what: str) -> Iterator[None]:
        with self._breaker.request():
            try:
                yield
            except (BaseError, OSError) as error:
                raise StoreUnavailable(f"{what}: {type(error).__name__}") from error

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
