"""News reach an open tab, with a real server and real sockets."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import websessions
from tests.routing.world import World
from tests.webmail.mail.test_views import receive
from tests.webmail.running import running
from tests.webmail.world import web_settings
from webmail.push import MOST_TABS
from webmail.services import WebServices

WAIT_S = 60.0


@pytest.fixture
def base(services: WebServices, tmp_path: Path) -> Iterator[str]:
    with running(services, web_settings(tmp_path / "cache")) as address:
        yield address


def token(world: World, name: str) -> str:
    return world.store.db.write(lambda tx: websessions.open_tx(tx, world.id(name), "127.0.0.1", "test"), SYSTEM)


class Tab:
    """An open stream, read line by line."""

    def __init__(self, base: str, session: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=WAIT_S)
        self.connection.request("GET", "/events", headers={"Cookie": f"vanthu-loopback={session}"})
        self.answer = self.connection.getresponse()

    def next(self) -> tuple[str, dict[str, object]]:
        """The next event with its data."""
        name = ""
        while line := self.answer.readline().decode():
            if line.startswith("event: "):
                name = line.removeprefix("event: ").strip()
            if line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise EOFError


@contextmanager
def tab(base: str, session: str) -> Iterator[Tab]:
    opened = Tab(base, session)
    try:
        if opened.answer.status == 200:
            assert opened.answer.readline() == b"retry: 3000\n"
        yield opened
    finally:
        opened.answer.close()
        opened.connection.close()


def test_a_delivery_is_told_to_those_who_may_see_it(base: str, world: World) -> None:
    with tab(base, token(world, "truongpk")) as own, tab(base, token(world, "anl")) as other:
        assert own.answer.headers["Content-Type"].startswith("text/event-stream")
        ref = receive(world)
        assert own.next() == ("mail", {"folder": ref.folder_id, "delivered": True})
        theirs = receive(world, to="anl")
        assert other.next() == ("mail", {"folder": theirs.folder_id, "delivered": True})


def test_a_document_step_is_told(base: str, world: World) -> None:
    with tab(base, token(world, "truongpk")) as director:
        world.submitted()
        names = {director.next()[0] for _event in range(2)}
        assert names == {"mail", "document"}


@pytest.mark.parametrize("session", ["", "x" * 43, '"; drop', "é"])
def test_without_a_session_there_is_no_stream_and_no_retry(base: str, session: str) -> None:
    with tab(base, session) as opened:
        assert opened.answer.status == 204


def test_an_open_tab_takes_no_thread(base: str, world: World) -> None:
    session = token(world, "truongpk")
    before = threading.active_count()
    tabs = [Tab(base, session) for _number in range(MOST_TABS)]
    threads = threading.active_count() - before
    assert {one.answer.status for one in tabs} == {200}
    assert threads < MOST_TABS / 2  # those of the pool that has looked at the session
    with tab(base, session) as one_too_many:
        assert one_too_many.answer.status == 429
    page = http.client.HTTPConnection(urlsplit(base).netloc, timeout=WAIT_S)
    page.request("GET", "/dang-nhap")
    assert page.getresponse().status == 200
    page.close()
    for one in tabs:
        one.answer.close()
        one.connection.close()


def test_only_get_opens_a_stream(base: str, world: World) -> None:
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=WAIT_S)
    connection.request("POST", "/events", headers={"Cookie": f"vanthu-loopback={token(world, 'truongpk')}"})
    assert connection.getresponse().status == 405
    connection.close()
