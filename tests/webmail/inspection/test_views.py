"""Inspections at the doors: order, confirmation, reading, minutes; and that nobody else comes in."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.directory import grants
from mailserver.store import raw, vault
from mailserver.store.collect import collect_garbage
from routing.inspection import verifying
from tests.routing.inspection.test_deciding import deliver, mailbox
from tests.routing.world import World
from tests.support.pdfs import without_spaces, words_of
from tests.webmail import sample
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, links, text_of

PAGE, OPENERS = "/kiem-tra/", "/tai-khoan/ai-da-mo/"
SECRET = "Báo giá của nhà thầu"


@pytest.fixture
def second(app: Flask) -> Visitor:
    """Who may confirm."""
    return Visitor(app).signed_in("diemttn")


@pytest.fixture
def owner(app: Flask) -> Visitor:
    return Visitor(app).signed_in("anl")


@pytest.fixture(autouse=True)
def letters(world: World) -> None:
    deliver(world, "anl", SECRET, 1)
    deliver(world, "anl", "Lịch họp tuần", 2)


def form(world: World, **changed: Any) -> dict[str, Any]:
    today = date.today()
    fields = {
        "owner": str(world.id("anl")),
        "inspector": str(world.id("khoivd")),
        "reason": "Có dấu hiệu lộ báo giá",
        "decision": "12/QĐ-SXD",
        "first": (today - timedelta(days=3)).isoformat(),
        "last": (today + timedelta(days=3)).isoformat(),
        "ends": (today + timedelta(days=5)).isoformat(),
        "words": "",
        "folders": "",
    }
    return fields | changed


def ordered(world: World, director: Visitor) -> str:
    answer = director.post(PAGE, **form(world))
    assert answer.status_code == 303, text_of(answer)
    return str(answer.location)


@pytest.fixture
def confirmed(world: World, director: Visitor, second: Visitor) -> str:
    """The path of an order in force."""
    here = ordered(world, director)
    assert second.post(here, do="confirm").status_code == 303
    return here


@pytest.mark.requirement("R-091")
def test_a_leader_orders_a_second_confirms_and_an_inspector_reads_leaving_no_trace_in_the_mailbox(
    world: World, director: Visitor, second: Visitor, head: Visitor, owner: Visitor, outsider: Visitor
) -> None:
    before = mailbox(world)
    here = ordered(world, director)
    assert head.get(f"{here}/thu").status_code == 404, "not confirmed"
    assert director.post(here, do="confirm").status_code == 409, "not by the same person"
    assert second.post(here, do="confirm").status_code == 303
    listed = head.get(f"{here}/thu")
    assert SECRET in text_of(listed)
    opened = head.get(f"{here}/thu/1")
    assert SECRET in text_of(opened)
    assert "Kính gửi các đồng chí" in text_of(opened)
    assert "Lịch họp tuần" not in text_of(head.get(f"{here}/thu?q=thầu"))
    original = head.get(f"{here}/thu/1/tai")
    assert original.headers["Content-Type"] == "message/rfc822"
    assert original.data == world.octets("anl", "INBOX", 1)
    for visitor in (director, second, owner, outsider):
        assert visitor.get(f"{here}/thu").status_code == 404
        assert visitor.get(f"{here}/thu/1").status_code == 404
    assert owner.get(here).status_code == owner.get(f"{here}/bien-ban").status_code == 404
    assert mailbox(world) == before
    inbox = text_of(owner.get(f"/thu/{world.folder('anl', 'INBOX')}"))
    assert SECRET in inbox
    assert "kiểm tra" not in inbox


@pytest.mark.requirement("R-091")
def test_each_look_is_recorded_and_the_owner_sees_afterwards_who_it_was(
    world: World, confirmed: str, director: Visitor, head: Visitor, owner: Visitor
) -> None:
    head.get(f"{confirmed}/thu")
    head.get(f"{confirmed}/thu?q=thầu")
    head.get(f"{confirmed}/thu/1")
    head.get(f"{confirmed}/thu/1/tai")
    assert "Kiểm tra theo lệnh" not in text_of(owner.get(OPENERS)), "not while it is in force"
    assert "Kết thúc sớm" in director.get(confirmed).text
    assert director.post(confirmed, do="end").status_code == 303
    assert head.get(f"{confirmed}/thu/1").status_code == 404
    shown = text_of(owner.get(OPENERS))
    assert "đã mở 1 thư" in shown
    assert "Phùng Khắc Trường ra lệnh, Tạ Thị Ngọc Diễm xác nhận; Vương Đình Khôi kiểm tra" in shown
    query = "SELECT action, detail FROM audit WHERE owner_id = ? AND action LIKE 'inspection.%' ORDER BY id"
    records = world.store.db.read(lambda conn: raw.rows(conn, query, (world.id("anl"),)))
    assert [action.partition(".")[2] for action, _detail in records][2:] == [
        "listed", "searched", "opened", "downloaded", "ended", "told",
    ]  # fmt: skip
    assert len(raw.from_json(records[5][1])["sha256"]) == 64


@pytest.mark.requirement("R-091")
def test_minutes_are_printed_and_exported_and_every_change_of_them_is_found(
    world: World, confirmed: str, head: Visitor, director: Visitor, owner: Visitor, tmp_path: Path
) -> None:
    head.get(f"{confirmed}/thu")
    head.get(f"{confirmed}/thu/1")
    page = text_of(head.get(f"{confirmed}/bien-ban"))
    assert SECRET in page
    assert "mở thư" in page
    paper = head.get(f"{confirmed}/bien-ban.pdf")
    assert paper.data.startswith(b"%PDF") and paper.headers["Content-Disposition"].startswith("attachment")
    on_paper = words_of(paper.data)
    for said in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BIÊN BẢN Kiểm tra hộp thư", SECRET, "12/QĐ-SXD", "mở thư"):
        assert said in on_paper
    original = hashlib.sha256(world.octets("anl", "INBOX", 1)).hexdigest()
    assert original in without_spaces(on_paper)
    taken = world.store.db.read(lambda conn: raw.rows(conn, "SELECT detail FROM audit ORDER BY id DESC LIMIT 1", ()))
    assert raw.from_json(taken[0][0])["sha256"] == hashlib.sha256(paper.data).hexdigest()
    assert owner.get(f"{confirmed}/bien-ban.pdf").status_code == 404
    answer = director.get(f"{confirmed}/bien-ban.zip")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    kept = tmp_path / "minutes.zip"
    kept.write_bytes(answer.data)
    answer.close()
    found = verifying.read(kept)
    assert found.faults == ()
    assert found.messages == 1
    assert world.store.db.read(lambda conn: verifying.against_audit(conn, found)) == []
    with zipfile.ZipFile(kept) as archive:
        assert archive.read("thu/000001.eml") == world.octets("anl", "INBOX", 1)
        text = archive.read("bien-ban.txt").decode()
    assert "BIÊN BẢN KIỂM TRA HỘP THƯ" in text
    assert "12/QĐ-SXD" in text
    for changed, fault in (
        (repacked(answer.data, "thu/000001.eml", b"x"), "file-changed"),
        (repacked(answer.data, "bien-ban.txt", b"x"), "file-changed"),
        (repacked(answer.data, "thu/000001.eml", None), "file-missing"),
        (repacked(answer.data, "thu/000009.eml", b"x"), "file-added"),
        (manifest(answer.data, lambda m: m["records"][0].update(actor_id=1)), "record-changed"),
        (manifest(answer.data, lambda m: m["records"].reverse()), "record-moved"),
        (manifest(answer.data, lambda m: m["messages"][0].update(number=2)), "message-unknown"),
    ):
        kept.write_bytes(changed)
        assert fault in {kind.value for kind, _what in verifying.read(kept).faults}, fault
    kept.write_bytes(manifest(answer.data, lambda m: m["records"].pop()))
    cut = verifying.read(kept)
    assert "minutes-unknown" in {
        kind.value for kind, _ in world.store.db.read(lambda c: verifying.against_audit(c, cut))
    }
    kept.write_bytes(b"no zip")
    with pytest.raises(verifying.NotMinutes):
        verifying.read(kept)


def test_files_are_handed_out_and_recorded(world: World, director: Visitor, second: Visitor, head: Visitor) -> None:
    world.arrive()
    from mailserver.mime.address import Address
    from mailserver.mime.compose import Attachment

    file = Attachment("bao-gia.pdf", "application/pdf", b"%PDF-1.4 gia")
    sample.send(world, Address("A", "a", "far.test"), "anl", "Có tệp", "Xem tệp.", attachments=(file,))
    here = ordered(world, director)
    second.post(here, do="confirm")
    opened = head.get(f"{here}/thu/3")
    [path] = [one for one in links(opened) if one.startswith(f"{here}/thu/3/tep/")]
    answer = head.get(path)
    assert answer.data == b"%PDF-1.4 gia"
    assert "bao-gia.pdf" in answer.headers["Content-Disposition"]
    assert head.get(f"{here}/thu/3/tep/9").status_code == 404
    assert head.get(f"{here}/thu/3/tep/x").status_code == 404
    assert "tệp bao-gia.pdf" in text_of(head.get(f"{here}/bien-ban"))


def test_an_order_is_undone_before_it_is_confirmed(world: World, director: Visitor, second: Visitor) -> None:
    here = ordered(world, director)
    assert "Lệnh kiểm tra số" in text_of(director.get(here))
    assert "chờ xác nhận" in text_of(second.get(PAGE))
    assert "Đã rút lệnh" in director.follow(director.post(here, do="withdraw")).text
    assert second.post(here, do="confirm").status_code == 409
    assert director.post(here, do="minutes").status_code == 422


def test_what_is_missing_is_said_beside_what_was_typed(world: World, director: Visitor) -> None:
    answer = director.post(PAGE, **form(world, reason=" ", decision="77/QĐ"))
    assert answer.status_code == 422
    assert "Chưa ghi căn cứ kiểm tra." in text_of(answer)
    assert "77/QĐ" in answer.text
    for nonsense in ({"owner": "x"}, {"first": "31/02/2026"}, {"ends": ""}):
        assert director.post(PAGE, **form(world, **nonsense)).status_code == 422


def test_who_has_nothing_to_do_with_orders_finds_an_empty_page(world: World, head: Visitor, outsider: Visitor) -> None:
    assert "Không có lệnh kiểm tra nào" in text_of(outsider.get(PAGE))
    assert "Ra lệnh kiểm tra" not in text_of(outsider.get(PAGE))
    assert outsider.post(PAGE, **form(world)).status_code == 403
    assert PAGE not in outsider.get("/viec").text
    assert outsider.get(f"{PAGE}1").status_code == 404
    assert "ghi tên bạn" not in text_of(head.get("/tai-khoan/"))


def test_an_inspector_finds_the_order_from_the_account_page(confirmed: str, head: Visitor, director: Visitor) -> None:
    assert "ghi tên bạn" in text_of(head.get("/tai-khoan/"))
    assert confirmed in links(head.get(PAGE))
    assert PAGE in director.get("/viec").text


@pytest.mark.requirement("R-091")
def test_an_administrator_reads_nobody_s_mail_and_a_right_taken_is_seen_by_the_owner(
    world: World, app: Flask, confirmed: str, owner: Visitor
) -> None:
    make_admin(world, world.agency_id, "tuanht")
    admin = Visitor(app).signed_in("tuanht")
    inbox = world.folder("anl", "INBOX")
    for path in (f"/thu/{inbox}", f"/thu/{inbox}/1", confirmed, f"{confirmed}/thu", f"{confirmed}/bien-ban.zip"):
        answer = admin.get(path)
        assert answer.status_code == 404, path
        assert SECRET not in answer.text
    assert admin.post(PAGE, **form(world)).status_code == 403
    assert admin.post(confirmed, do="confirm").status_code == 404
    # With the command line at the machine a right can be given; the owner sees it and every opening.
    world.store.db.write(lambda tx: grants.grant_tx(tx, world.id("anl"), world.id("tuanht"), ["read"], tx.now), SYSTEM)
    assert admin.get(f"/thu/{inbox}").status_code == 200
    assert "Hà Thanh Tuấn Hộp thư đến được ủy quyền" in text_of(owner.get(OPENERS))


def test_what_only_an_inspection_still_has_can_be_kept_under_an_order_and_inspectors_see_so(
    world: World, app: Flask, confirmed: str, head: Visitor, director: Visitor
) -> None:
    make_admin(world, world.agency_id, "tuanht")
    admin = Visitor(app).signed_in("tuanht")
    (number,) = _rows(world, "SELECT message_id FROM message WHERE subject = ?", SECRET)[0]
    world.expunge("anl", "INBOX", 1, "anl")
    removed = [one for (one,) in _rows(world, "SELECT id FROM removed_entry")]
    world.store.db.write(lambda tx: vault.forget_tx(tx, removed), SYSTEM)
    assert "giữ theo lệnh" not in text_of(head.get(f"{confirmed}/thu"))
    hold = {"loai": "message", "gi": f"<{number}>", "ly_do": "Lệnh 12/QĐ", "den": ""}
    assert admin.post("/don-thu/giu", **hold).status_code == 303
    assert admin.post("/don-thu/giu", **{**hold, "gi": "<khong.co@x>"}).status_code == 422
    assert text_of(head.get(f"{confirmed}/thu")).count("giữ theo lệnh") == 1
    assert "giữ theo lệnh" in text_of(head.get(f"{confirmed}/thu/1"))
    director.post(confirmed, do="end")
    director.post(confirmed, do="close")
    collect_garbage(world.store.db, world.store.blobs, timedelta(seconds=-60))
    assert len(_rows(world, "SELECT id FROM message WHERE subject = ?", SECRET)) == 1


def _rows(world: World, query: str, *params: Any) -> list[Any]:
    return world.store.db.read(lambda conn: raw.rows(conn, query, params))


def repacked(octets: bytes, name: str, content: bytes | None) -> bytes:
    """The zip with one file changed, added, or (None) taken out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        if content is not None:
            new.writestr(name, content)
    return out.getvalue()


def manifest(octets: bytes, change: Any) -> bytes:
    """The zip with its manifest changed."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        read = json.loads(archive.read("manifest.json"))
    change(read)
    return repacked(octets, "manifest.json", json.dumps(read).encode())


def test_an_order_without_its_days_comes_back_as_it_was_typed(director: Visitor) -> None:
    answer = director.post("/kiem-tra/", owner="", reason="Có đơn tố cáo", first="", last="", ends="")
    assert answer.status_code == 422
    assert "Hãy chọn hộp thư, các ngày" in text_of(answer) and "Có đơn tố cáo" in text_of(answer)
