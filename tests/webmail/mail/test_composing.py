from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask import Flask

from mailbox_policies import chain
from mailbox_policies.rules import forbidden_classes
from mailbox_policies.rules.dangerous_files import Settings as DangerousFiles
from mailbox_policies.rules.message_size import Settings
from mailserver.actor import SYSTEM
from mailserver.mime.compose import Attachment
from mailserver.mime.header import Header
from mailserver.mime.scan import scan
from mailserver.store import quota
from mailserver.store.flags import Flag
from tests.mailbox_policies.files.samples import PROGRAM
from tests.routing.world import World
from tests.webmail.mail.test_views import flags, receive
from tests.webmail.visitor import Visitor, hidden, text_of
from webmail.services import WebServices

ME = "truongpk@sxd.hungbinh.example"
LETTER = {"identity": ME, "to": "anl", "subject": "Giấy mời họp", "text": "Kính mời.\r\nTrường", "do": "send"}


def fresh(visitor: Visitor, path: str = "/thu/soan") -> dict[str, str]:
    """The hidden fields of an opened form."""
    page = visitor.get(path)
    assert page.status_code == 200
    return {name: hidden(page, name) for name in ("message_id", "draft", "answers")}


@pytest.mark.requirement("R-093")
def test_a_letter_arrives_and_a_copy_is_kept(director: Visitor, world: World) -> None:
    answer = director.post("/thu/soan", **fresh(director), **LETTER)
    assert answer.status_code == 303
    got, kept = scan(world.octets("anl", "INBOX")), scan(world.octets("truongpk", "Sent"))
    assert got.subject == kept.subject == "Giấy mời họp"
    assert [one.addr for one in got.from_] == [ME] and got.message_id == kept.message_id
    assert "Đã gửi thư." in director.get("/viec").text


def test_sending_the_same_form_twice_is_409(director: Visitor, world: World) -> None:
    form = fresh(director)
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    assert director.post("/thu/soan", **form, **LETTER).status_code == 409
    assert len(world.uids("anl", "INBOX")) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"to": ""}, "Hãy nhập người nhận."),
        ({"to": "khongco"}, "Không có địa chỉ này trong cơ quan"),
        ({"to": "sai@"}, "Không phải địa chỉ thư"),
        ({"to": "ai@ngoai.example"}, "Chưa gửi được ra ngoài cơ quan"),
        ({"cc": "ai@ngoai.example"}, "Chưa gửi được ra ngoài cơ quan"),
        ({"identity": "giamdoc@khac.example"}, ""),
        ({"identity": "anl@sxd.hungbinh.example"}, ""),
        ({"subject": "x" * 501}, "Tối đa 500 ký tự."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    director: Visitor, world: World, change: dict[str, str], said: str
) -> None:
    refused = director.post("/thu/soan", **fresh(director), **{**LETTER, **change})
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert "Kính mời." in refused.text and "Cần xem lại" in refused.text
    assert world.uids("anl", "INBOX") == [] and world.uids("truongpk", "Sent") == []


def test_a_full_mailbox_is_told_beside_the_field_and_drafts_are_kept(director: Visitor, world: World) -> None:
    def limit(name: str, octets: int) -> None:
        world.store.db.write(lambda tx: quota.limit_tx(tx, world.id(name), octets=octets), SYSTEM)

    limit("anl", 1)
    refused = director.post("/thu/soan", **fresh(director), **LETTER)
    assert refused.status_code == 422
    assert "Hộp thư này đã đầy: anl@" in text_of(refused)
    limit("anl", 0)
    limit("truongpk", 1)
    refused = director.post("/thu/soan", **fresh(director), **LETTER, files=(io.BytesIO(b"abc"), "a.txt"))
    assert refused.status_code == 422
    assert "Hộp thư của bạn đã đầy" in text_of(refused) and "Kính mời." in refused.text
    assert 'name="carry"' in refused.text and "a.txt" in refused.text
    assert world.uids("anl", "INBOX") == []


@pytest.mark.parametrize("end", ["\r\nBcc: x@evil.example", "\nX: y", "\x00", "\u2028Bcc: x", "\x85x"])
@pytest.mark.parametrize("name", ["subject", "to", "cc"])
def test_no_field_can_end_its_header(director: Visitor, world: World, name: str, end: str) -> None:
    answer = director.post("/thu/soan", **fresh(director), **{**LETTER, name: LETTER.get(name, "anl") + end})
    assert answer.status_code == (400 if "\0" in end else 422)
    assert world.uids("anl", "INBOX") == []


def test_blind_copies_are_told_to_nobody(director: Visitor, world: World) -> None:
    director.post("/thu/soan", **fresh(director), **LETTER, bcc="khoivd")
    assert b"khoivd" not in world.octets("anl", "INBOX")
    assert len(world.uids("khoivd", "INBOX")) == 1


def test_files_travel_whole(director: Visitor, world: World) -> None:
    data = bytes(range(256)) * 500
    answer = director.post("/thu/soan", **fresh(director), **LETTER, files=(io.BytesIO(data), "Tờ trình số 1.docx"))
    assert answer.status_code == 303
    (part,) = (one for one in scan(world.octets("anl", "INBOX")).structure.walk() if one.filename)
    assert part.filename == "Tờ trình số 1.docx"


def test_a_letter_over_the_limit_is_refused_beside_the_files(director: Visitor, world: World) -> None:
    big = (io.BytesIO(b"x" * 10_485_761), "to.bin")
    refused = director.post("/thu/soan", **fresh(director), **LETTER, files=big)
    assert refused.status_code == 422
    assert 'id="files-error"' in refused.text
    assert world.uids("anl", "INBOX") == []


def test_files_of_a_refused_letter_are_kept_in_a_draft(director: Visitor, world: World) -> None:
    refused = director.post("/thu/soan", **fresh(director), **{**LETTER, "to": ""}, files=(io.BytesIO(b"abc"), "a.txt"))
    assert refused.status_code == 422
    assert 'name="carry"' in refused.text and "a.txt" in refused.text
    assert len(world.uids("truongpk", "Drafts")) == 1


def test_writing_for_a_post_names_the_person(director: Visitor, world: World) -> None:
    post = "giamdoc@sxd.hungbinh.example"
    assert director.post("/thu/soan", **fresh(director), **{**LETTER, "identity": post}).status_code == 303
    got = scan(world.octets("anl", "INBOX"))
    assert [one.addr for one in got.from_] == [post]
    assert [one.addr for one in got.sender] == [ME]


@pytest.mark.requirement("R-093")
def test_an_answer_is_threaded_and_marks_what_it_answers(director: Visitor, world: World) -> None:
    ref = receive(world, "Lịch họp")
    source = scan(world.octets("truongpk", "INBOX", ref.uid))
    page = director.get(f"/thu/soan?tra_loi={ref.folder_id}.{ref.uid}")
    assert 'value="Re: Lịch họp"' in page.text and "&gt; Kính gửi anh." in page.text
    form = {name: hidden(page, name) for name in ("message_id", "draft", "answers")}
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    got = scan(world.octets("anl", "INBOX"))
    assert got.in_reply_to == (source.message_id,) == got.references
    assert flags(world, ref) & Flag.ANSWERED


@pytest.mark.requirement("R-093")
def test_a_forward_carries_the_files(director: Visitor, world: World) -> None:
    ref = receive(world, attachments=(Attachment("scan.pdf", "application/pdf", b"%PDF-1.4 x"),))
    page = director.get(f"/thu/soan?chuyen_tiep={ref.folder_id}.{ref.uid}")
    assert "scan.pdf" in page.text
    carry = f"{ref.folder_id}.{ref.uid}.2"
    assert f'value="{carry}"' in page.text
    assert director.post("/thu/soan", **fresh(director), **LETTER, carry=carry).status_code == 303
    assert b"scan.pdf" in world.octets("anl", "INBOX")


def test_nobodys_files_can_be_carried_off(outsider: Visitor, world: World) -> None:
    ref = receive(world, attachments=(Attachment("scan.pdf", "application/pdf", b"%PDF-1.4 x"),))
    stolen = {**LETTER, "identity": "anl@sxd.hungbinh.example", "carry": f"{ref.folder_id}.{ref.uid}.2"}
    assert outsider.post("/thu/soan", **fresh(outsider), **stolen).status_code == 404
    assert world.uids("anl", "Sent") == []


def test_a_draft_is_kept_replaced_and_gone_once_sent(director: Visitor, world: World) -> None:
    saved = director.post("/thu/soan", **fresh(director), **{**LETTER, "to": "nửa chừ", "do": "save"})
    assert saved.status_code == 303
    page = director.follow(saved)
    assert 'value="nửa chừ"' in page.text and "Kính mời." in page.text
    form = {name: hidden(page, name) for name in ("message_id", "draft", "answers")}
    again = director.post("/thu/soan", **form, **{**LETTER, "do": "save"})
    assert len(world.uids("truongpk", "Drafts")) == 1
    form["draft"] = hidden(director.follow(again), "draft")
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    assert world.uids("truongpk", "Drafts") == []
    assert Header(world.octets("anl", "INBOX")).get(b"X-Vanthu-Draft") is None


def test_autosave_keeps_attachments_under_their_new_numbers(director: Visitor, world: World) -> None:
    saved = director.post(
        "/thu/soan", **fresh(director), **{**LETTER, "do": "save"}, files=(io.BytesIO(b"abc"), "a.txt")
    )
    page = director.follow(saved)
    form = {name: hidden(page, name) for name in ("message_id", "draft", "answers", "carry")}
    found = director.post("/thu/soan", **form, **{**LETTER, "do": "autosave"})
    assert found.status_code == 200 and found.json is not None
    form |= {"draft": found.json["draft"], "carry": found.json["carry"][0]}
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    assert b"a.txt" in world.octets("anl", "INBOX")


def test_a_draft_sent_elsewhere_is_409(director: Visitor, world: World) -> None:
    saved = director.post("/thu/soan", **fresh(director), **{**LETTER, "do": "save"})
    page = director.follow(saved)
    form = {name: hidden(page, name) for name in ("message_id", "draft", "answers")}
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    form["message_id"] = fresh(director)["message_id"]
    assert director.post("/thu/soan", **form, **LETTER).status_code == 409


def test_discarding_removes_only_ones_own_drafts(director: Visitor, world: World) -> None:
    ref = receive(world)
    director.post("/thu/soan", **{**fresh(director), "draft": f"{ref.folder_id}.{ref.uid}"}, do="discard")
    assert world.uids("truongpk", "INBOX") == [ref.uid]
    saved = director.post("/thu/soan", **fresh(director), **{**LETTER, "do": "save"})
    form = {"draft": hidden(director.follow(saved), "draft")}
    assert director.post("/thu/soan", **form, do="discard").status_code == 303
    assert world.uids("truongpk", "Drafts") == []


def test_a_letter_over_the_limit_of_the_writers_agency_is_not_sent(app: Flask, director: Visitor, world: World) -> None:
    own = replace(app.extensions["vanthu.services"], size_limit={world.agency_id: 2_000_000}.__getitem__)
    app.extensions["vanthu.services"] = own
    assert "không quá 1,9 MB" in text_of(director.get("/thu/soan"))
    for size, status in ((2_000_001, 422), (1_900_000, 303)):
        letter = {**fresh(director), **LETTER, "files": (io.BytesIO(b"x" * size), "quet.pdf")}
        answer = director.post("/thu/soan", **letter)
        assert answer.status_code == status
        assert ("Thư và tệp vượt quá giới hạn" in text_of(answer)) is (status == 422)


@pytest.mark.parametrize(("whose", "said"), [("Sở Y tế", "vượt quá mức 1 KB của Sở Y tế."), ("", "vượt quá 1 KB.")])
def test_the_limit_of_a_recipients_agency_is_told_with_its_name(
    services: WebServices, director: Visitor, world: World, whose: str, said: str
) -> None:
    services.delivery.policy = chain.standard(chain.for_all(chain.Settings(Settings(1_024, whose=whose))))
    refused = director.post("/thu/soan", **fresh(director), **{**LETTER, "text": "x" * 2_000})
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert world.uids("anl", "INBOX") == []


@pytest.mark.requirement("R-020")
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"subject": "[MẬT] Kế hoạch diễn tập"}, "subject"),
        ({"text": "TỐI MẬT\r\n\r\nKính gửi,"}, "text"),
        ({"files": "12-KH-UBND (MẬT).txt"}, "files"),
    ],
)
def test_a_secret_document_is_refused_at_the_form_beside_what_told(
    services: WebServices, director: Visitor, world: World, change: dict[str, str], where: str
) -> None:
    rule = forbidden_classes.Settings()
    services.delivery.policy = chain.standard(chain.for_all(chain.Settings(rule)))
    change = {**change, **({"files": (io.BytesIO(b"x"), change["files"])} if where == "files" else {})}  # type: ignore[dict-item]
    refused = director.post("/thu/soan", **fresh(director), **{**LETTER, **change})
    assert refused.status_code == 422
    page = text_of(refused)
    assert "xử lý theo quy trình riêng (1201/QĐ-SYT, Điều 3 khoản 5)" in page
    assert ("Tệp 12-KH-UBND (MẬT).txt có dấu hiệu văn bản MẬT" in page) is (where == "files")
    assert world.uids("anl", "INBOX") == []


@pytest.mark.requirement("R-026")
def test_a_file_that_runs_when_it_is_opened_is_not_sent_and_the_writer_is_told_which(
    services: WebServices, director: Visitor, world: World
) -> None:
    services.delivery.policy = chain.standard(chain.for_all(chain.Settings(DangerousFiles())))
    for octets, status in ((PROGRAM, 422), (b"%PDF-1.7", 303)):
        letter = {**fresh(director), **LETTER, "files": (io.BytesIO(octets), "hoa-don.pdf")}
        answer = director.post("/thu/soan", **letter)
        assert answer.status_code == status
        assert ("Tệp hoa-don.pdf có thể gây hại khi mở" in text_of(answer)) is (status == 422)
    assert len(world.uids("anl", "INBOX")) == 1
