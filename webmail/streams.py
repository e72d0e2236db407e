"""Long answers: their octets go out on the event loop, so that a slow reader keeps no thread from the pages.

A view gives a `Stream` as its body. It holds a place from the moment it is made until its octets have ended or its
reader has gone; who has too many open, or comes when all places are taken, is to come again later. `handing` keeps the
stream from being read in the thread of the page, `Streams` reads it on the loop, a piece at a time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog
from flask import Flask, current_app
from werkzeug.exceptions import ServiceUnavailable

from mailserver.store.errors import StoreError
from webmail.push import Receive, Scope, Send, disconnected

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger("webmail")

# Streams at once in one process, and of one person. Each holds a piece of a file, 4 MiB, while it is sent.
MOST, MOST_EACH = 24, 4
# Of people outside, who must not keep ours waiting: in all, and by one link.
MOST_OUTSIDE, MOST_BY_LINK = 8, 2
AGAIN_S = 30
# A reader has this long to take so many octets; the place is for others then.
PATIENCE_S = 60.0
SLICE = 64 * 1024
# Threads that fetch the next piece: they wait for a disk, never for a reader.
READERS = 2
_HANDED = "vanthu.stream"


class Places:
    """How many streams may be open at once, in all and for each reader; safe between threads."""

    def __init__(self, most: int = MOST, each: int = MOST_EACH) -> None:
        self._most, self._each = most, each
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    def take(self, who: str) -> None:
        """Raises ServiceUnavailable, with the seconds after which to ask again."""
        with self._lock:
            if self._open.total() >= self._most or self._open[who] >= self._each:
                raise ServiceUnavailable(retry_after=AGAIN_S)
            self._open[who] += 1

    def leave(self, who: str) -> None:
        with self._lock:
            self._open[who] -= 1
            self._open += Counter()  # forgets who has none


class Stream:
    """Octets under way to one reader. To be closed; one that nobody refers to any more is."""

    def __init__(self, octets: Iterator[bytes], places: Places, who: str) -> None:
        """who: the same for all streams that are counted together. Raises ServiceUnavailable."""
        self._octets, self._places, self._who = octets, places, who
        self._held = False
        places.take(who)
        self._held = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._octets)

    def close(self) -> None:
        if self._held:
            self._held = False
            self._places.leave(self._who)

    __del__ = close


class Streams:
    """Sends streams on one loop."""

    def __init__(self) -> None:
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="stream")

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, stream: Stream, receive: Receive, send: Send) -> None:
        """What follows the head of an answer. A reader who goes away or takes nothing ends it, a piece that cannot be
        read too: the answer is then shorter than it said it would be, and the connection is cut."""
        gone = asyncio.create_task(disconnected(receive))
        try:
            while not gone.done():
                octets = await asyncio.get_running_loop().run_in_executor(self._readers, next, stream, None)
                if octets is None:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    return
                await _give(octets, gone, send)
        except TimeoutError:
            log.info("reader of a stream took nothing", seconds=PATIENCE_S)
        except StoreError as failure:
            log.error("stream cut", error=type(failure).__name__)
        finally:
            gone.cancel()
            stream.close()


async def _give(octets: bytes, gone: asyncio.Task[None], send: Send) -> None:
    """Raises TimeoutError."""
    view = memoryview(octets)
    for start in range(0, len(octets), SLICE):
        if gone.done():
            return
        async with asyncio.timeout(PATIENCE_S):
            body = bytes(view[start : start + SLICE])
            await send({"type": "http.response.body", "body": body, "more_body": True})


def init(app: Flask) -> None:
    app.extensions["vanthu.streams"] = Places()
    app.extensions["vanthu.streams.outside"] = Places(MOST_OUTSIDE, MOST_BY_LINK)


def of_person(octets: Iterator[bytes], principal_id: int | None) -> Stream:
    """A stream of somebody who has signed in. Raises ServiceUnavailable."""
    places: Places = current_app.extensions["vanthu.streams"]
    return Stream(octets, places, f"person {principal_id}")


def of_link(octets: Iterator[bytes], link_id: int) -> Stream:
    """A stream of somebody outside. Raises ServiceUnavailable."""
    places: Places = current_app.extensions["vanthu.streams.outside"]
    return Stream(octets, places, f"link {link_id}")


def handing(pages: WSGIApplication) -> WSGIApplication:
    """The same application, which leaves a stream for `handed` instead of returning it."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = pages(environ, start_response)
        if isinstance(answer, Stream):
            environ["asgi.scope"][_HANDED] = answer
            return ()
        return answer

    return application


def handed(scope: Scope) -> Stream | None:
    """What the page of this request has left to be sent."""
    found = scope.get(_HANDED)
    return found if isinstance(found, Stream) else None
