from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from routing.stepmail import STEP_MEDIA_TYPE, MailFile, StepMail, body_of, compose_step, subject_of
from routing.types import Action, Fields, FileRole, Party, StepRole, Treatment, Urgency

DIRECTOR = Party(1, "post", "Giám đốc", "giamdoc@sxd.example", "Phùng Khắc Trường")
PERSON = Party(2, "person", "Phùng Khắc Trường", "truongpk@sxd.example")
UNIT = Party(3, "unit", "Phòng Quy hoạch – Kiến trúc", "qhkt@sxd.example")
READER = Party(4, "person", "Tạ Thị Ngọc Diễm", "diemttn@sxd.example")
MAIL = StepMail(
    agency_code="SXD",
    document_id=7,
    number=12,
    year=2026,
    fields=Fields(
        issuer="UBND tỉnh",
        summary="V/v rà soát quy hoạch ven sông Lệ",
        number="1482",
        notation="UBND-KTN",
        issued_on=date(2026, 11, 2),
    ),
    action=Action.ASSIGN,
    role=StepRole.MAIN,
    key="k" * 24,
    token="t" * 24,
    domain="sxd.example",
    sender=PERSON,
    sender_for=DIRECTOR,
    to=(UNIT,),
    main=UNIT,
    cc=(READER,),
    text="Phòng QHKT rà soát,\nbáo cáo trước 18/11.",
    due_on=date(2026, 11, 18),
    at=datetime(2026, 11, 3, 2, tzinfo=UTC),
    thread=("goc@ubnd.example",),
    needs_case_file=True,
    files=(MailFile(FileRole.MAIN, "Công văn 1482.pdf", "application/pdf", b"%PDF-1.4 \x00\xff"),),
)


def parsed(mail: StepMail) -> email.message.EmailMessage:
    return email.message_from_bytes(compose_step(mail), policy=email.policy.default)  # type: ignore[return-value]


def test_a_task_reads_well_in_any_client() -> None:
    message = parsed(MAIL)
    assert message["Subject"] == "[Đến số 12] V/v rà soát quy hoạch ven sông Lệ — giao xử lý, hạn 18/11/2026"
    assert message["From"].addresses[0].display_name == "Phùng Khắc Trường (Giám đốc)"
    assert message["From"].addresses[0].addr_spec == "giamdoc@sxd.example"
    assert message["Sender"].address.addr_spec == "truongpk@sxd.example"
    assert message["To"].addresses[0].addr_spec == "qhkt@sxd.example"
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    for words in (
        "GIAO XỬ LÝ — Văn bản đến số 12/2026",
        "Số, ký hiệu:      1482/UBND-KTN ngày 02/11/2026",
        "Trích yếu:        V/v rà soát quy hoạch ven sông Lệ",
        "Người chuyển:     Phùng Khắc Trường (Giám đốc)",
        "Đồng gửi:         Tạ Thị Ngọc Diễm",
        "Hạn xử lý:        18/11/2026",
        "  Phòng QHKT rà soát,\n  báo cáo trước 18/11.",
        "1. Công văn 1482.pdf",
        "Trả lời thư này",
        "Văn bản đến/Kết thúc",
        "hồ sơ công việc",
    ):
        assert words in text


def test_a_task_carries_its_files_and_says_what_it_is_to_programs() -> None:
    message = parsed(MAIL)
    scan, facts = message.iter_attachments()
    assert (scan.get_filename(), scan.get_content()) == ("Công văn 1482.pdf", b"%PDF-1.4 \x00\xff")
    assert facts.get_content_type() == STEP_MEDIA_TYPE
    told = json.loads(facts.get_content())
    assert told["document"]["code"] == "1482/UBND-KTN"
    assert told["step"]["due_on"] == "2026-11-18"
    assert message["Vanthu-Document"] == "SXD/2026/12; id=7"
    assert (message["Vanthu-Step"], message["Vanthu-Action"]) == ("k" * 24, "assign")
    assert message["Reply-To"].addresses[0].addr_spec == f"vb+{'t' * 24}@sxd.example"
    assert message["References"] == "<goc@ubnd.example>"


def test_a_copy_for_information_asks_for_nothing() -> None:
    message = parsed(replace(MAIL, role=StepRole.CC, text="Để theo dõi.", due_on=None, sender_for=None))
    assert message["Subject"].endswith("— đồng gửi để biết")
    assert message["Vanthu-Action"] == "notify"
    assert message["Sender"] is None
    body = message.get_body(("plain",))
    assert body is not None and "Kết thúc" not in body.get_content()


@pytest.mark.parametrize(
    ("urgency", "head"),
    [(Urgency.NORMAL, "[Đến số"), (Urgency.URGENT, "[KHẨN] [Đến số"), (Urgency.FLASH, "[HỎA TỐC] [Đến số")],
)
def test_urgency_stands_first(urgency: Urgency, head: str) -> None:
    assert subject_of(replace(MAIL, fields=replace(MAIL.fields, urgency=urgency))).startswith(head)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.SUBMIT, "Nội dung trình"),
        (Action.DIRECT, "Ý kiến chỉ đạo"),
        (Action.RETURN, "Lý do trả lại"),
    ],
)
def test_every_act_has_its_words(action: Action, words: str) -> None:
    assert f"{words}:" in body_of(replace(MAIL, action=action))
    assert "None" not in body_of(replace(MAIL, action=action, text="", files=(), main=None, due_on=None))


def test_what_the_clerk_typed_cannot_add_a_field_or_a_line() -> None:
    evil = replace(MAIL.fields, summary="V/v họp\r\nBcc: x@y.example", issuer="UBND\nHạn xử lý: 01/01/2000")
    message = parsed(replace(MAIL, fields=evil, sender=replace(PERSON, name="A\r\nX-Evil: 1")))
    assert message["Bcc"] is None and message["X-Evil"] is None
    assert "\nHạn xử lý: 01/01/2000" not in body_of(replace(MAIL, fields=evil))


def test_a_long_summary_is_cut_in_the_subject_alone() -> None:
    long = replace(MAIL, fields=replace(MAIL.fields, summary="Rất dài " * 60))
    assert "…" in subject_of(long) and len(subject_of(long)) < 260
    assert ("Rất dài " * 60).strip() in body_of(long)


def test_a_request_for_comments_says_so() -> None:
    assert "Yêu cầu:          Góp ý" in body_of(replace(MAIL, fields=replace(MAIL.fields, treatment=Treatment.COMMENT)))
