from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

import pytest
from sqlalchemy import select

from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment
from mailserver.store import entries
from mailserver.store.flags import Flag
from mailserver.store.schema import audit
from routing.types import MessageRef
from tests.routing.world import PENDING, World
from tests.support import oldencodings
from tests.webmail.sample import send
from tests.webmail.visitor import Visitor, text_of
from webmail.security import FRAME_CSP

NEIGHBOUR = Address("Sở Tài chính", "stc", "stc.hungbinh.example")


def receive(world: World, subject: str = "Lịch họp giao ban", to: str = "truongpk", **more: object) -> MessageRef:
    return send(world, NEIGHBOUR, to, subject, str(more.pop("text", "Kính gửi anh.\n> cũ")), **more)  # type: ignore[arg-type]


def path(ref: MessageRef, more: str = "") -> str:
    return f"/thu/{ref.folder_id}/{ref.uid}{more}"


def flags(world: World, ref: MessageRef) -> int:
    found = world.store.db.read(lambda conn: entries.snapshot(conn, ref.folder_id))
    return int(dict(zip(found.uids, found.flags, strict=True))[ref.uid])


def test_the_list_shows_who_what_and_that_it_is_new(director: Visitor, world: World) -> None:
    ref = receive(world)
    page = director.get(f"/thu/{ref.folder_id}")
    assert "Sở Tài chính" in text_of(page) and "Lịch họp giao ban" in text_of(page)
    assert "Chưa đọc:" in text_of(page)
    assert director.follow(director.get("/thu/")).status_code == 200


@pytest.mark.requirement("R-028")
def test_a_stranger_finds_no_folder_and_no_message_and_it_is_noted(outsider: Visitor, world: World) -> None:
    ref = receive(world)
    for more in ("", "/noi-dung", "/thu.eml", "/tep/1", "/xem/1", "/hinh/1", "/trang/1/1/600.jpg"):
        assert outsider.get(path(ref, more)).status_code == 404, more
    assert outsider.get(f"/thu/{ref.folder_id}").status_code == 404
    assert outsider.get(f"/thu/soan?tra_loi={ref.folder_id}.{ref.uid}").status_code == 404
    query = select(audit.c.action).where(audit.c.actor_id == world.id("anl"))
    noted = world.store.db.read(lambda conn: conn.execute(query).scalars().all())
    assert noted.count("access.refused") == 9


def test_what_is_missing_is_404(director: Visitor, world: World) -> None:
    ref = receive(world)
    for missing in (
        f"/thu/{ref.folder_id}/999",
        "/thu/99999",
        "/thu/99999/1",
        path(ref, "/tep/9"),
        path(ref, "/tep/x"),
    ):
        assert director.get(missing).status_code == 404, missing


def test_reading_marks_as_read(director: Visitor, world: World) -> None:
    ref = receive(world)
    page = director.get(path(ref))
    assert "Kính gửi anh." in text_of(page)
    assert flags(world, ref) & Flag.SEEN
    assert 'class="prewrap quoted"' in page.text


def test_names_from_outside_are_text(director: Visitor, world: World) -> None:
    evil = "<script>alert(1)</script>"
    file = Attachment(evil + ".pdf", "application/pdf", b"%PDF-1.4")
    ref = receive(world, evil, text=evil, attachments=(file,))
    for page in (director.get(path(ref)), director.get(f"/thu/{ref.folder_id}"), director.get("/tim?q=alert")):
        assert evil not in page.text
        assert "&lt;script&gt;" in page.text


def test_an_html_mail_is_in_a_frame_of_its_own(director: Visitor, world: World) -> None:
    ref = receive(world, html='<p onclick="x">Chào <b>anh</b></p><img src="http://x.example/1"><script>x</script>')
    page = director.get(path(ref))
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "Chào" not in page.text
    frame = director.get(path(ref, "/noi-dung"))
    assert frame.headers["Content-Security-Policy"] == FRAME_CSP
    assert "<p>Chào <b>anh</b></p><img>" in frame.text
    assert "Đã chặn 1 ảnh" in frame.text
    assert "<script" not in frame.text


@pytest.mark.requirement("R-088")
def test_the_original_comes_octet_for_octet(director: Visitor, world: World) -> None:
    ref = receive(world)
    answer = director.get(path(ref, "/thu.eml"))
    assert answer.data == world.octets("truongpk", "INBOX", ref.uid)
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_hostile_files_are_only_ever_saved(director: Visitor, world: World) -> None:
    names = ("a.html", "a.svg", "a.xml", "a.js", "a.pdf", "a.png")
    types = ("text/html", "image/svg+xml", "application/xml", "text/javascript", "application/pdf", "image/png")
    files = tuple(Attachment(name, kind, b"<script>alert(1)</script>") for name, kind in zip(names, types, strict=True))
    ref = receive(world, attachments=files)
    for number in range(2, 8):
        answer = director.get(path(ref, f"/tep/{number}"))
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"].split(";")[0] in (
            "application/octet-stream",
            "application/pdf",
            "image/png",
        )
        assert director.get(path(ref, f"/hinh/{number}")).status_code == 404
        assert director.get(path(ref, f"/trang/{number}/1/600.jpg")).status_code == 404
        assert director.get(path(ref, f"/xem/{number}")).status_code == 200


def test_a_file_name_cannot_write_headers(director: Visitor, world: World) -> None:
    file = Attachment('a"; x="b’Tờ trình.pdf', "application/pdf", b"%PDF-1.4")
    ref = receive(world, attachments=(file,))
    said = director.get(path(ref, "/tep/2")).headers["Content-Disposition"]
    assert said.count('"') == 2
    assert "filename*=UTF-8''" in said and "T%E1%BB%9D%20tr%C3%ACnh" in said


def test_searching_a_folder_finds_without_diacritics(director: Visitor, world: World) -> None:
    ref = receive(world)
    receive(world, "Việc khác")
    page = director.get(f"/thu/{ref.folder_id}?q=lich+hop")
    assert "Lịch họp giao ban" in text_of(page) and "Việc khác" not in text_of(page)
    assert "Không tìm thấy" in text_of(director.get(f"/thu/{ref.folder_id}?q=zzz"))


@pytest.mark.parametrize("query", ['x" OR ALL', 'x"\r\nA1 SEARCH ALL', "x') OR 1=1 --", "x* OR họp", '"họp'])
def test_what_is_searched_for_is_text_and_no_command(director: Visitor, world: World, query: str) -> None:
    ref = receive(world)
    page = text_of(director.get(f"/thu/{ref.folder_id}?q={quote(query)}"))
    assert ("Lịch họp giao ban" in page) is (query == '"họp')


def test_what_has_the_very_diacritics_is_shown_first(director: Visitor, world: World) -> None:
    ref = receive(world, "Hoà bình")
    receive(world, "Hoa Binh")
    for path in (f"/thu/{ref.folder_id}?q=", "/tim?q="):
        found = text_of(director.get(path + "hòa+bình"))
        assert 0 < found.index("Hoà bình") < found.index("Hoa Binh")
        found = text_of(director.get(path + "hoa+binh"))
        assert 0 < found.index("Hoa Binh") < found.index("Hoà bình")


def test_pages_of_a_long_folder(director: Visitor, world: World) -> None:
    refs = [receive(world, f"Thư {number:03}") for number in range(53)]
    first, second = (director.get(f"/thu/{refs[0].folder_id}?trang={page}") for page in (1, 2))
    assert first.text.count('class="mail-row ') == 50 and second.text.count('class="mail-row ') == 3
    assert "Thư 052" in text_of(first) and "Thư 000" in text_of(second)
    for odd in ("0", "-1", "x", "9" * 30):
        assert director.get(f"/thu/{refs[0].folder_id}?trang={odd}").status_code == 200


def test_only_unread_on_demand(director: Visitor, world: World) -> None:
    first, second = receive(world, "Đã đọc rồi"), receive(world, "Còn mới")
    director.get(path(first))
    page = text_of(director.get(f"/thu/{second.folder_id}?loc=chua-doc"))
    assert "Còn mới" in page and "Đã đọc rồi" not in page


def test_reading_in_a_shared_mailbox_leaves_one_trace_a_session(clerk: Visitor, world: World) -> None:
    ref = receive(world, to="sxd")
    for _time in range(3):
        clerk.get(f"/thu/{ref.folder_id}")
        clerk.get(path(ref))
    query = select(audit.c.id).where(audit.c.action == "mailbox.opened")
    assert len(world.store.db.read(lambda conn: conn.execute(query).all())) == 1


def test_mail_for_the_agency_points_to_the_registry_desk(clerk: Visitor, world: World) -> None:
    ref = receive(world, to="sxd")
    assert f"/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}" in clerk.get(path(ref)).text


def test_a_pretended_sender_is_pointed_out(director: Visitor, world: World) -> None:
    author = Address("giamdoc@sxd.hungbinh.example", "x", "evil.example")
    ref = send(world, author, "truongpk", "Chuyển tiền", "Gấp")
    assert "địa chỉ thật là x@evil.example" in text_of(director.get(path(ref)))


def test_an_address_that_looks_like_ours_is_pointed_out(director: Visitor, world: World) -> None:
    ref = send(world, Address("Văn thư", "van.thu", "sxd.hungblnh.example"), "truongpk", "Chuyển tiền", "Gấp")
    assert "trông giống địa chỉ của cơ quan ta" in text_of(director.get(path(ref)))


def test_a_task_shows_its_papers_and_not_the_part_for_machines(specialist: Visitor, world: World) -> None:
    world.with_handler()
    (uid,) = world.uids("vankhain", PENDING)
    page = specialist.get(f"/thu/{world.folder('vankhain', PENDING)}/{uid}")
    assert ".pdf" in page.text and "vanthu.json" not in page.text
    assert "Thư này là một văn bản đã vào sổ." in text_of(page)


@pytest.mark.requirement("R-004")
def test_a_letter_in_tcvn3_is_read_in_unicode_and_as_it_came_by_one_click(director: Visitor, world: World) -> None:
    subject, text = "V/v đấu nối cấp nước", "Kính gửi Sở Xây dựng.\nĐề nghị hướng dẫn thủ tục đấu nối."
    old = {name: oldencodings.tcvn3(words).decode("cp1252") for name, words in (("subject", subject), ("text", text))}
    ref = receive(world, old["subject"], text=old["text"])
    page = text_of(director.get(path(ref)))
    assert subject in page and "Đề nghị hướng dẫn thủ tục đấu nối." in page
    assert "Đã chuyển mã từ TCVN3 sang Unicode." in page
    assert subject in text_of(director.get(f"/thu/{ref.folder_id}")), "the list, too"
    assert subject in text_of(director.get(f"/thu/{ref.folder_id}?q=huong+dan+thu+tuc")), "and the search"
    original = text_of(director.get(path(ref, "?goc=1")))
    assert old["subject"] in original and "®Êu nèi." in original and "Đang xem nguyên bản" in original
    wire = director.get(path(ref, "/thu.eml")).data
    assert "®Êu nèi.".encode() in wire or b64encode(old["text"][:9].encode())[:8] in wire


def test_html_in_old_fonts_is_read_by_them(director: Visitor, world: World) -> None:
    ref = receive(world, "Họp", text="", html='<p><font face=".VnTime">C«ng v¨n ®Õn</font></p>')
    assert "Đã chuyển mã từ TCVN3" in text_of(director.get(path(ref)))
    assert "Công văn đến" in text_of(director.get(path(ref, "/noi-dung")))
    assert "C«ng v¨n ®Õn" in text_of(director.get(path(ref, "/noi-dung?goc=1")))


def test_a_letter_in_unicode_has_no_such_line(director: Visitor, world: World) -> None:
    assert "chuyển mã" not in text_of(director.get(path(receive(world))))
