from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailserver.store.database import Database
from mailserver.store.errors import StoreUnavailable
from mailserver.store.room import Room
from tests.webmail.visitor import Visitor
from tests.webmail.world import web_settings
from webmail.app import create_app
from webmail.services import WebServices


def test_a_healthy_process_says_so(stranger: Visitor) -> None:
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_without_the_database_it_says_503_and_no_more(stranger: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Database, work: object) -> None:
        raise StoreUnavailable("postgresql://secret@host is away")

    monkeypatch.setattr(Database, "read", away)
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    page = stranger.post("/dang-nhap", token="", login="x", password="y")
    assert page.status_code == 400
    stranger.client.set_cookie("vanthu-loopback", "x" * 43)
    busy = stranger.get("/viec")
    assert busy.status_code == 503 and "secret" not in busy.text and "Hệ thống tạm thời bận" in busy.text


def test_a_database_that_goes_away_during_a_request_is_told_as_well(
    services: WebServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that tells of it has the rail with its numbers, which are in the same database."""
    visitor = Visitor(create_app(services, web_settings(tmp_path / "c"))).signed_in("anl")
    reads, read = [], Database.read

    def once(self: Database, work: Any, *options: Any) -> Any:
        reads.append(work)
        if len(reads) > 1:  # who is signed in
            raise StoreUnavailable("database: disk I/O error")
        return read(self, work, *options)

    monkeypatch.setattr(Database, "read", once)
    busy = visitor.get("/thu-giu/")
    assert busy.status_code == 503 and "Hệ thống tạm thời bận" in busy.text
    assert len(reads) > 2


def test_a_full_disk_is_told(stranger: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room, "left", lambda _room: -4096)
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "storage": "full"})
    assert b"vanthu_store_room_bytes -4096.0" in stranger.get("/metrics").data


def test_figures_are_for_this_machine_only(stranger: Visitor) -> None:
    assert b"vanthu_web_requests_total" in stranger.get("/metrics").data
    outside = stranger.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert outside.status_code == 404


def test_one_person_cannot_ask_without_end(services: WebServices, tmp_path: Path) -> None:
    app = create_app(services, replace(web_settings(tmp_path / "c"), requests_per_minute=30))
    first, second = Visitor(app).signed_in("anl"), Visitor(app).signed_in("lamhs")
    assert [first.get("/dem").status_code for _time in range(40)][-1] == 429
    assert second.get("/dem").status_code == 200
    assert first.get("/healthz").status_code == 200
