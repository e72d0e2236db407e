"""Long answers, with a real server and real sockets: who reads slowly keeps nobody from the pages."""

from __future__ import annotations

import asyncio
import http.client
import io
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import ServiceUnavailable

from mailserver.store.errors import StoreUnavailable
from tests.routing.world import World
from tests.webmail.running import running
from tests.webmail.test_push import token
from tests.webmail.visitor import Visitor
from tests.webmail.world import web_settings
from webmail import streams
from webmail.services import WebServices
from webmail.streams import MOST_EACH, Places, Stream, Streams

# More than what two sockets hold between them.
OCTETS = bytes(range(256)) * 60_000
WAIT_S = 60.0


class Download:
    """A file that is asked for on a socket that takes little before somebody reads from it."""

    def __init__(self, base: str, session: str, method: str = "GET") -> None:
        where = urlsplit(base)
        self.connection = http.client.HTTPConnection(where.netloc, timeout=WAIT_S)
        self.connection.sock = socket.socket()
        self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.connection.sock.settimeout(WAIT_S)
        self.connection.sock.connect((where.hostname, where.port))
        self.connection.request(method, "/tep/1/tai", headers={"Cookie": f"vanthu-loopback={session}"})
        self.answer = self.connection.getresponse()

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_slow_readers_keep_no_thread_and_one_person_only_so_many_places(
    world: World, services: WebServices, specialist: Visitor, tmp_path: Path
) -> None:
    sent = specialist.post("/tep/moi", to="truongpk", days="5", note="", file=(io.BytesIO(OCTETS), "a.bin"))
    assert sent.status_code == 303
    session = token(world, "truongpk")
    with running(services, replace(web_settings(tmp_path / "cache"), workers=1)) as base:
        slow = [Download(base, session) for _number in range(MOST_EACH)]
        assert [one.answer.status for one in slow] == [200] * MOST_EACH
        again = Download(base, session)
        assert (again.answer.status, again.answer.headers["Retry-After"]) == (503, "30")
        again.close()
        other = Download(base, token(world, "vankhain"))
        assert other.answer.read() == OCTETS, "the only thread serves others meanwhile"
        other.close()
        head = Download(base, token(world, "vankhain"), "HEAD")
        assert (head.answer.headers["Content-Length"], head.answer.read()) == (str(len(OCTETS)), b"")
        head.close()
        slow[0].close()
        deadline, status = time.monotonic() + WAIT_S, 503
        while status == 503 and time.monotonic() < deadline:
            again = Download(base, session)
            status = again.answer.status
            again.close()
        assert status == 200, "who goes away leaves the place"
        assert slow[1].answer.read() == OCTETS, "nothing is lost for who waits"
        for one in slow[1:]:
            one.close()


def test_places_are_counted_for_each_reader_and_in_all() -> None:
    places = Places(most=3, each=2)
    held = [Stream(iter(()), places, "a") for _number in range(2)]
    with pytest.raises(ServiceUnavailable):
        Stream(iter(()), places, "a")
    held.append(Stream(iter(()), places, "b"))
    with pytest.raises(ServiceUnavailable):
        Stream(iter(()), places, "c")
    held[0].close()
    held[0].close()
    held.append(Stream(iter(()), places, "c"))
    with pytest.raises(ServiceUnavailable):
        Stream(iter(()), places, "d")


def _damaged() -> Iterator[bytes]:
    yield b"x"
    raise StoreUnavailable("gone")


@pytest.mark.parametrize(("octets", "stuck"), [(iter([b"x", b"y"]), True), (_damaged(), False)])
def test_a_reader_who_takes_nothing_and_a_damaged_piece_cut_the_answer(
    octets: Iterator[bytes], stuck: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PATIENCE_S", 0.01 if stuck else 60)
    places, told = Places(most=1, each=1), []

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        told.append(message)
        if stuck:
            await asyncio.Event().wait()

    async def story() -> None:
        sender = Streams()
        await sender(Stream(octets, places, "a"), never, send)
        sender.close()

    asyncio.run(story())
    assert [(one["body"], one["more_body"]) for one in told] == [(b"x", True)], "never told to be whole"
    places.take("b")
