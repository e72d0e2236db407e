"""Files that come by a form, and letters written on the web, are looked at by the scanner and the rules."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from mailbox_policies import chain
from mailbox_policies.rules import dangerous_files, virus
from mailserver.delivery.delivery import Delivery
from mailserver.scanning.clamd import Clamd
from mailserver.scanning.scanners import Scanners
from mailserver.scanning.wire import Place
from mailserver.store import raw
from tests.mailbox_policies.files import samples
from tests.routing.world import World
from tests.support.daemons import VIRUS, Daemon
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import now, web_services, web_settings
from webmail.app import create_app


def app_with(world: World, folder: Path, scanners: Scanners) -> Flask:
    own = chain.for_all(chain.Settings())
    delivery = Delivery(world.store, "mail.sxd.hungbinh.example", now, chain.standard(own), scanners=scanners)
    uploads = chain.standard(own, (dangerous_files.RULE, virus.RULE))
    services = replace(web_services(world), delivery=delivery, uploads=uploads)
    return create_app(services, web_settings(folder / "cache"))


@pytest.fixture
def scanned(world: World, tmp_path: Path, clamd: Daemon) -> Visitor:
    return Visitor(app_with(world, tmp_path, Scanners(Clamd(clamd.at, seconds=60)))).signed_in("vankhain")


def opine(visitor: Visitor, document_id: int, octets: bytes, name: str = "số liệu.txt") -> tuple[int, str]:
    answer = visitor.post(f"/van-ban/{document_id}/y-kien", text="Xem tệp.", files=(io.BytesIO(octets), name))
    return answer.status_code, text_of(answer)


@pytest.mark.requirement("R-026")
def test_a_file_with_a_virus_gets_into_no_document(scanned: Visitor, world: World) -> None:
    document_id, _step = world.with_handler()
    status, page = opine(scanned, document_id, b"x" + VIRUS)
    assert status == 422 and "Có vi-rút trong tệp (Vanthu.Test.Body" in page and "Xem tệp." in page
    status, page = opine(scanned, document_id, samples.PROGRAM, "bao cao.pdf")
    assert status == 422 and "bao cao.pdf có thể gây hại" in page
    assert opine(scanned, document_id, b"so lieu")[0] == 303
    query = "SELECT count(*) FROM event WHERE kind = 'policy.verdict'"
    assert world.store.db.read(lambda conn: raw.rows(conn, query))[0][0] == 2


@pytest.mark.requirement("R-026")
def test_a_file_that_could_not_be_scanned_waits(world: World, tmp_path: Path) -> None:
    nobody = Scanners(Clamd(Place(path=str(tmp_path / "nobody.sock"))))
    visitor = Visitor(app_with(world, tmp_path, nobody)).signed_in("vankhain")
    document_id, _step = world.with_handler()
    status, page = opine(visitor, document_id, b"so lieu")
    assert status == 422 and "Hãy thử lại sau ít phút." in page


@pytest.mark.requirement("R-026")
def test_a_letter_with_a_virus_is_not_sent_and_the_writer_reads_why(scanned: Visitor, world: World) -> None:
    letter = {
        "to": "truongpk@sxd.hungbinh.example",
        "subject": "x",
        "text": "x",
        "identity": "vankhain@sxd.hungbinh.example",
    }
    answer = scanned.post("/thu/soan", do="send", files=(io.BytesIO(VIRUS), "a.bin"), **letter)
    assert answer.status_code == 422 and "Có vi-rút trong tệp (Vanthu.Test.Body" in text_of(answer)
    assert scanned.post("/thu/soan", do="send", files=(io.BytesIO(b"x"), "a.bin"), **letter).status_code == 303


def test_the_page_of_the_rule_says_whether_the_scanner_answers(world: World, tmp_path: Path, clamd: Daemon) -> None:
    make_admin(world, world.agency_id, "tuanht")
    shown = {}
    for name, scanners in {
        "none": Scanners(),
        "up": Scanners(Clamd(clamd.at)),
        "down": Scanners(Clamd(Place(path=str(tmp_path / "nobody.sock")))),
    }.items():
        admin = Visitor(app_with(world, tmp_path / name, scanners)).signed_in("tuanht")
        shown[name] = text_of(admin.get("/chinh-sach/virus"))
        octets = b"From: a@b.example\r\nSubject: x\r\n\r\n" + VIRUS
        said = text_of(admin.post("/chinh-sach/virus/thu", eml=(io.BytesIO(octets), "a.eml")))
        says = {"none": "cho qua", "up": "cách ly", "down": "hẹn gửi lại sau"}[name]
        assert f"Quy tắc nói: {says}" in said
    assert "[clamd] của vanthu.toml" in shown["none"]
    assert "ClamAV " in shown["up"] and "đang trả lời" in shown["up"]
    assert "clamd ở" in shown["down"] and "không trả lời" in shown["down"]
