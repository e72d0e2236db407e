"""Files handed over on the web: sent, told of, fetched by those they are for, stopped; refused as attachments are."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailbox_policies.chain import Settings
from mailbox_policies.rules import sent_files
from mailserver.actor import SYSTEM
from mailserver.scanning.clamd import Clamd
from mailserver.scanning.scanners import Scanners
from mailserver.store import raw
from mailserver.store.collect import collect_garbage
from tests.mailbox_policies.files import samples
from tests.routing.world import DOMAIN, World
from tests.support.daemons import VIRUS, Daemon
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import desk_of, web_services, web_settings
from webmail.app import create_app

OCTETS = bytes(range(256)) * 20_000  # two pieces
NEW, SENT, RECEIVED = "/tep/moi", "/tep/?xem=gui", "/tep/"


def send(visitor: Visitor, to: str, octets: bytes = OCTETS, name: str = "bản đồ.bin", **more: str) -> tuple[int, str]:
    answer = visitor.post(NEW, to=to, file=(io.BytesIO(octets), name), **({"days": "5", "note": ""} | more))
    return answer.status_code, text_of(answer)


@pytest.mark.requirement("R-033", "R-030")
def test_a_large_file_reaches_its_recipients_and_nobody_else_and_its_sender_sees_who_fetched_it(
    world: World, specialist: Visitor, director: Visitor, head: Visitor, outsider: Visitor, stranger: Visitor
) -> None:
    assert "Bạn chưa gửi tệp nào" in text_of(specialist.get(SENT))
    status, page = send(specialist, f"truongpk, qhkt@{DOMAIN}", note="Bản đồ\nmới")
    assert status == 303, page
    assert "chưa ai tải" in text_of(specialist.get(SENT))
    letter = text_of(director.get(f"/thu/{world.folder('truongpk', 'INBOX')}/1"))
    assert "https://mail.example/tep/1" in letter and "chưa được quét vi-rút" in letter
    assert "bản đồ.bin" in text_of(director.get(RECEIVED))
    fetched = director.get("/tep/1/tai")
    assert fetched.data == OCTETS
    assert fetched.headers["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert head.get("/tep/1/tai").data == OCTETS, "who reads the unit's mail has its files"
    for other in (outsider, stranger):
        assert "bản đồ.bin" not in text_of(other.get(RECEIVED))
        assert other.get("/tep/1/tai").status_code == (404 if other is outsider else 303)
        assert other.get("/tep/1").status_code == (404 if other is outsider else 303)
    assert outsider.post("/tep/1/dung").status_code == director.post("/tep/1/dung").status_code == 404
    shown = text_of(specialist.get("/tep/1"))
    assert "Phùng Khắc Trường" in shown and "Vương Đình Khôi" in shown and "Bản đồ mới" in shown
    assert "Ai đã tải" not in text_of(director.get("/tep/1"))


def test_a_download_goes_on_where_it_broke_and_is_one_fetch(
    world: World, specialist: Visitor, director: Visitor
) -> None:
    assert send(specialist, "truongpk")[0] == 303
    whole = director.get("/tep/1/tai")
    tag = whole.headers["ETag"]
    cut = 4_200_000
    rest = director.get("/tep/1/tai", headers={"Range": f"bytes={cut}-", "If-Range": tag})
    assert (rest.status_code, rest.data) == (206, OCTETS[cut:])
    assert rest.headers["Content-Range"] == f"bytes {cut}-{len(OCTETS) - 1}/{len(OCTETS)}"
    middle = director.get("/tep/1/tai", headers={"Range": "bytes=4194300-4194310"})
    assert middle.data == OCTETS[4194300:4194311]
    assert director.get("/tep/1/tai", headers={"Range": "bytes=10-", "If-Range": '"x"'}).status_code == 200
    beyond = director.get("/tep/1/tai", headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.data[:0]) == (416, b"")
    assert director.client.head("/tep/1/tai").headers["Content-Length"] == str(len(OCTETS))
    assert text_of(specialist.get("/tep/1")).count("Phùng Khắc Trường") == 3, "recipient, and two from the beginning"


def test_a_script_sends_pieces_and_the_form_only_names_the_file(specialist: Visitor, director: Visitor) -> None:
    token = specialist.token()
    begun = specialist.post("/tep/bat-dau", name="a.bin", type="", size=str(len(OCTETS)), mark="a 1 2").json
    assert begun is not None and begun["received"] == 0
    at, headers = 0, {"X-CSRFToken": token}
    while at < len(OCTETS):
        address = f"/tep/{begun['id']}/doan?tu={at}"
        piece = OCTETS[at : at + begun["piece"]]
        assert specialist.client.post(address, data=piece).status_code == 400, "no token"
        told = specialist.client.post(address, data=piece, headers=headers)
        assert told.status_code == 200
        again = specialist.client.post(address, data=piece, headers=headers)
        assert (again.status_code, again.json) == (409, {"received": told.json["received"]})
        at = told.json["received"]
    assert "a.bin" in text_of(specialist.get(NEW))
    refused = specialist.post(NEW, to="khong.co", upload=str(begun["id"]), days="5")
    assert refused.status_code == 422 and "a.bin" in text_of(refused), "the file is still there"
    assert director.post(NEW, to="anl", upload=str(begun["id"]), days="5").status_code == 422
    assert specialist.post(NEW, to="truongpk", upload=str(begun["id"]), days="5").status_code == 303
    assert director.get(f"/tep/{begun['id']}/tai").data == OCTETS
    too_large = specialist.post("/tep/bat-dau", name="b", size=str(10**10))
    assert too_large.status_code == 422 and "Tệp lớn hơn mức" in too_large.json["error"]
    left = specialist.post("/tep/bat-dau", name="c", size="10").json
    assert specialist.follow(specialist.post(f"/tep/{left['id']}/bo")).status_code == 200
    assert specialist.post(f"/tep/{left['id']}/bo").status_code == 404


def test_a_sender_takes_a_file_back_and_keeps_it_longer(specialist: Visitor, director: Visitor) -> None:
    assert send(specialist, "truongpk")[0] == 303
    page = specialist.follow(specialist.post("/tep/1/dung"))
    assert "Hoàn tác" in page.text and "đã dừng" in text_of(page)
    assert director.get("/tep/1/tai").status_code == 404
    assert "Tệp không còn tải được" in text_of(director.get("/tep/1"))
    assert specialist.post("/tep/1/gia-han", days="9").status_code == 409
    assert specialist.post("/tep/1/mo-lai").status_code == 303
    assert director.get("/tep/1/tai").status_code == 200
    assert "Tệp được giữ đến" in specialist.follow(specialist.post("/tep/1/gia-han", days="9")).text


@pytest.mark.requirement("R-033", "R-026", "R-020")
def test_what_attachments_may_not_be_files_may_not_be_either(world: World, tmp_path: Path, clamd: Daemon) -> None:
    desk = desk_of(world, Settings(sent_files.Settings(limit=300_000)), Scanners(Clamd(clamd.at, seconds=60)))
    services = replace(web_services(world), sent_files=desk)
    visitor = Visitor(create_app(services, web_settings(tmp_path / "cache"))).signed_in("vankhain")
    before = len(list(world.store.blobs.digests()))
    for octets, name, words in (
        (b"x" + VIRUS, "a.bin", "Có vi-rút trong tệp"),
        (samples.PROGRAM, "báo cáo.pdf", "có thể gây hại"),
        (samples.zipped(a_exe=samples.PROGRAM), "b.zip", "b.zip/a.exe có thể gây hại"),
        (b"so lieu", "Công văn TUYỆT MẬT.pdf", "TUYỆT MẬT"),
        (b"", "c.txt", "Tệp trống"),
        (b"x" * 300_001, "d.bin", "Tệp lớn hơn mức"),
    ):
        status, page = send(visitor, "truongpk", octets, name)
        assert status == 422 and words in page, (name, page)
    # A second later the same file is refused for the same reason.
    earlier = "UPDATE blob SET orphaned_at = orphaned_at - 1001 WHERE refs < 0"
    world.store.db.write(lambda tx: raw.run(tx.conn, earlier), SYSTEM)
    status, page = send(visitor, "truongpk", b"so lieu", "Công văn TUYỆT MẬT.pdf")
    assert status == 422 and "TUYỆT MẬT" in page
    collect_garbage(world.store.db, world.store.blobs, timedelta(0))
    assert len(list(world.store.blobs.digests())) == before
    assert world.uids("truongpk", "INBOX") == []
    assert send(visitor, "truongpk", b"so lieu khac", "e.txt")[0] == 303
    query = "SELECT scanned FROM sent_file WHERE name = 'e.txt'"
    assert world.store.db.read(lambda conn: raw.rows(conn, query))[0][0]
