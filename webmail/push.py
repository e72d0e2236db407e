"""`/events`: news of the reader's mailboxes as server-sent events, without a thread per open tab.

One subscription to the event feed for all tabs of a process; each tab has a short queue of its own.
A tab that does not keep up is closed: the browser opens the stream again and refreshes what it shows.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import websessions
from mailserver.directory.principals import get
from mailserver.store.access import mailboxes_for
from mailserver.store.errors import StoreError
from mailserver.store.events import Event
from webmail.security import ALWAYS
from webmail.services import WebServices
from webmail.settings import WebSettings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

QUEUE = 100
# Browsers open six connections to a host at most; beyond this somebody plays.
MOST_TABS = 20
# A comment line keeps proxies from closing a silent stream; and the session is looked at again.
BEAT_S = 20.0
RIGHTS_KINDS = frozenset(("grant.changed", "acl.changed"))
MAIL_KINDS = ("message.", "folder.")
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    *((name.lower().encode(), value.encode()) for name, value in ALWAYS.items()),
]


@dataclass(eq=False, slots=True)
class Tab:
    """One open stream. owners: mailboxes whose news it gets; folders: single ones of others."""

    principal_id: int
    owners: frozenset[int]
    folders: frozenset[int] = frozenset()
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def gets(self, event: Event) -> bool:
        return event.owner_id in self.owners or event.folder_id in self.folders

    def offer(self, line: bytes) -> None:
        """Queue a line; if the tab is far behind, end it instead."""
        try:
            self.queue.put_nowait(line)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Close the stream; what waits in it is left unsaid."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Push:
    """The ASGI application of `/events`. Lives on one loop; `start` and `stop` belong to its lifespan."""

    def __init__(self, services: WebServices, settings: WebSettings) -> None:
        self._services = services
        self._cookie = settings.session_cookie
        self._tabs: set[Tab] = set()
        self._unsubscribe: Callable[[], None] | None = None
        self._draining = False

    async def start(self) -> None:
        await self._services.store.feed.start()
        self._unsubscribe = self._services.store.feed.subscribe(self._tell)

    def drain(self) -> None:
        """End all streams and open no more: a server waits for its connections before it stops."""
        self._draining = True
        for tab in self._tabs:
            tab.end()

    async def stop(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        self.drain()
        await self._services.store.feed.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _cookie(scope, self._cookie)
        wanted = scope["method"] == "GET" and bool(token)
        tab = await self._open(token) if wanted and not self._draining else None
        if tab is None:
            # 204 tells the browser not to try again (HTML Living Standard, server-sent events).
            await _answer(send, 204 if scope["method"] == "GET" else 405)
            return
        if self._count(tab.principal_id) >= MOST_TABS:
            await _answer(send, 429)
            return
        self._tabs.add(tab)
        try:
            await self._stream(tab, token, receive, send)
        finally:
            self._tabs.discard(tab)

    def _count(self, principal_id: int) -> int:
        return Counter(tab.principal_id for tab in self._tabs)[principal_id]

    async def _open(self, token: str) -> Tab | None:
        try:
            return await self._services.store.db.aread(lambda conn: self._read(conn, token))
        except StoreError:
            return None

    def _read(self, conn: Connection, token: str) -> Tab | None:
        """The mailboxes of the session's person; None without a session."""
        found = websessions.find(conn, token, self._services.clock())
        if found is None:
            return None
        person = get(conn, found[0])
        actor = Actor(person.id, person.agency_id, "web", "", person.locale)
        boxes = mailboxes_for(conn, actor)
        single = (box.shared for box in boxes if not box.whole)
        listed = (folder_id for shared in single for folder_id, letters in shared.items() if "l" in letters)
        return Tab(person.id, frozenset(box.owner_id for box in boxes if box.whole), frozenset(listed))

    async def _stream(self, tab: Tab, token: str, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _write(send, b"retry: 3000\n\n")
        gone = asyncio.create_task(disconnected(receive))
        try:
            while not gone.done():
                line = await self._next(tab, gone)
                if line is None or (line == b":\n\n" and not await self._still_open(tab, token)):
                    break
                await _write(send, line)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()

    async def _next(self, tab: Tab, gone: asyncio.Task[None]) -> bytes | None:
        """The next line, a beat if none comes in time, None at the end."""
        waiting = asyncio.ensure_future(tab.queue.get())
        done, _pending = await asyncio.wait({waiting, gone}, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done:
            return waiting.result()
        waiting.cancel()
        return None if gone in done else b":\n\n"

    async def _still_open(self, tab: Tab, token: str) -> bool:
        """Whether the session lives; what it may read is brought up to date."""
        now = await self._open(token)
        if now is not None:
            tab.owners, tab.folders = now.owners, now.folders
        return now is not None

    def _tell(self, events: list[Event]) -> None:
        """Give each tab its share of a batch; runs on the loop and only queues."""
        changes = [event for event in events if event.kind in RIGHTS_KINDS]
        for tab in self._tabs:
            if any(_concerns(tab, event) for event in changes):
                tab.end()  # the browser comes back, and is given what the person may see by then
                continue
            for line in _lines(event for event in events if tab.gets(event)):
                tab.offer(line)


def _concerns(tab: Tab, event: Event) -> bool:
    """Whether a change of rights may give the tab's person another mailbox, or take one."""
    if event.owner_id == tab.principal_id:
        return False
    return tab.gets(event) or event.data.get("grantee_id") == tab.principal_id or bool(event.data.get("many"))


def _lines(events: Iterable[Event]) -> list[bytes]:
    """The messages of one batch: one for each folder, one for all documents, one for shared mail."""
    folders: dict[int, bool] = {}
    documents = teams = False
    for event in events:
        if event.kind.startswith(MAIL_KINDS) and event.folder_id is not None:
            arrived = event.kind in ("message.delivered", "message.appended")
            folders[event.folder_id] = folders.get(event.folder_id, False) or arrived
        documents = documents or event.kind.startswith("document.")
        teams = teams or event.kind.startswith("team.")
    found = [_message("mail", {"folder": one, "delivered": arrived}) for one, arrived in folders.items()]
    found += [_message("team", {})] if teams else []
    return [*found, _message("document", {})] if documents else found


def _message(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _cookie(scope: Scope, name: str) -> str:
    raw = b"; ".join(value for key, value in scope["headers"] if key == b"cookie").decode("latin-1")
    try:
        found = SimpleCookie(raw).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


async def disconnected(receive: Receive) -> None:
    """Ends when the reader has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Send, status: int) -> None:
    headers = [(b"cache-control", b"no-store"), *HEADERS[3:]]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
