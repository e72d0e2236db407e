"""Replies to vb+TOKEN@: whose words become an opinion, and what happens to the others."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailserver.actor import SYSTEM
from mailserver.directory.grants import grant_tx
from mailserver.mime.compose import Attachment
from mailserver.senderauth import header
from mailserver.senderauth.results import Dmarc, Outcome, Results, Spf
from routing import cases, journeys, views
from routing.schema import step
from routing.types import OpinionView
from tests.routing.world import COPY, DOMAIN, World


def token_of(world: World, owner: str) -> str:
    query = select(step.c.token).where(step.c.assignee_id == world.id(owner)).order_by(step.c.id.desc())
    return str(world.store.db.read(lambda c: c.execute(query).scalars().first()))


def answer_to(world: World, owner: str) -> str:
    message = email.message_from_bytes(world.octets(owner, "INBOX"), policy=email.policy.default)
    return str(message.get_content())  # type: ignore[attr-defined]


def opinions(world: World, document_id: int) -> tuple[OpinionView, ...]:
    now = datetime.now(UTC)
    return world.store.db.read(lambda c: views.document(c, world.actor("anhhtk"), document_id, now)).opinions


def test_a_reply_of_the_handler_is_an_opinion_and_reaches_who_gave_the_task(world: World) -> None:
    document_id, _step = world.with_handler()
    token = token_of(world, "vankhain")
    files = (Attachment("dự thảo.docx", "application/msword", b"D" * 40_000),)
    world.reply("vankhain", "vankhain", token, "Đã rà soát.\n\n> hỏi\n", attachments=files)
    said = opinions(world, document_id)
    assert [(o.author.name, o.text, o.by_mail) for o in said] == [("Nguyễn Văn Khải", "Đã rà soát.", True)]
    assert [(f.filename, f.size) for f in said[0].files] == [("dự thảo.docx", 40_000)]
    assert len(world.uids("qhkt", COPY)) == 1
    assert world.octets("qhkt", COPY) == world.octets("vb", "INBOX")
    assert world.uids("vankhain", "INBOX") == []
    assert world.blobs() == 2


@pytest.mark.parametrize("sender", ["vankhain", "khoivd"])
def test_the_token_alone_is_not_enough(world: World, sender: str) -> None:
    document_id, _step = world.with_handler()
    world.reply("anl", sender, token_of(world, "vankhain"), "Tôi nói thay.")
    assert opinions(world, document_id) == ()
    assert len(world.uids("vb", "INBOX")) == 1
    assert b"Auto-Submitted: auto-replied" in world.octets("anl", "INBOX")
    assert "no opinion has been recorded" in answer_to(world, "anl")


@pytest.mark.parametrize("token", ["", "0" * 24, "%", "x'; --"])
def test_a_wrong_token_is_answered_and_the_mail_kept(world: World, token: str) -> None:
    document_id, _step = world.with_handler()
    world.reply("vankhain", "vankhain", token, "Ý kiến.")
    assert (opinions(world, document_id), len(world.uids("vb", "INBOX"))) == ((), 1)
    assert len(world.uids("vankhain", "INBOX")) == 1


def test_mail_from_outside_counts_by_its_author(world: World) -> None:
    document_id, _step = world.with_handler()
    token = token_of(world, "vankhain")
    world.reply(None, "nguoila@ngoai.example", token, "Tôi là người lạ.")
    world.reply(None, "anl", token, "Tôi là người khác.")
    assert opinions(world, document_id) == ()
    world.reply(None, "vankhain", token, "Trả lời từ máy chủ khác.")
    assert [o.text for o in opinions(world, document_id)] == ["Trả lời từ máy chủ khác."]
    assert len(world.uids("anl", "INBOX")) == 1  # told; the stranger outside is not


@pytest.mark.parametrize(
    ("spf", "domain", "taken"), [("pass", DOMAIN, 1), ("fail", DOMAIN, 0), ("pass", "evil.test", 0)]
)
def test_mail_from_outside_that_was_looked_at_counts_if_its_author_is_proved(
    world: World, spf: str, domain: str, taken: int
) -> None:
    document_id, _step = world.with_handler()
    found = Spf(Outcome(spf), domain)
    results = Results(found, (), Dmarc(Outcome.NONE, DOMAIN))
    octets = header.field(results, "mail.sxd.test") + f"From: vankhain@{DOMAIN}\r\n\r\nÝ kiến.\r\n".encode()
    world.put_reply(None, token_of(world, "vankhain"), octets)
    assert len(opinions(world, document_id)) == taken
    assert len(world.uids("vankhain", "INBOX")) == 1 - taken
    if not taken:
        assert "could not be verified" in answer_to(world, "vankhain")


def test_a_delegate_may_answer_for_the_handler(world: World) -> None:
    document_id, _step = world.with_handler()
    start = datetime.now(UTC) - timedelta(minutes=1)
    world.store.db.write(
        lambda tx: grant_tx(tx, world.id("vankhain"), world.id("vinhkhain"), ["handle"], start), SYSTEM
    )
    world.reply("vinhkhain", "vinhkhain", token_of(world, "vankhain"), "Trả lời thay.")
    said = opinions(world, document_id)
    assert said[0].on_behalf_of is not None
    assert (said[0].author.name, said[0].on_behalf_of.name) == ("Ngô Vĩnh Khải", "Nguyễn Văn Khải")


def test_a_reader_may_answer_and_two_readers_share_one_token(world: World) -> None:
    document_id, _step = world.with_unit()
    token = token_of(world, "diemttn")
    assert token == token_of(world, "hoavc")
    world.reply("hoavc", "hoavc", token, "Trung tâm đồng ý.")
    world.reply("diemttn", "diemttn", token, "Tôi đồng ý.")
    assert [o.author.name for o in opinions(world, document_id)] == ["Văn Công Hòa", "Tạ Thị Ngọc Diễm"]
    assert len(world.uids("qhkt", COPY)) == 2  # who has the document reads what the others say
    assert world.uids("giamdoc", COPY) == []


def test_the_head_answers_the_units_task(world: World) -> None:
    document_id, _step = world.with_unit()
    world.reply("khoivd", "qhkt", token_of(world, "qhkt"), "Phòng đang làm.")
    assert [o.level for o in opinions(world, document_id)] == ["unit"]
    assert len(world.uids("giamdoc", COPY)) == 1


@pytest.mark.parametrize("text", ["", "> chỉ trích dẫn\n", "-- \nchữ ký\n"])
def test_a_reply_without_new_words_is_told_so(world: World, text: str) -> None:
    document_id, _step = world.with_handler()
    world.reply("vankhain", "vankhain", token_of(world, "vankhain"), text)
    assert opinions(world, document_id) == ()
    assert "no new text" in answer_to(world, "vankhain")


def test_a_reply_to_a_finished_document_is_told_so(world: World) -> None:
    document_id, step_id = world.with_handler()
    case_id = cases.create(world.store, world.actor("vankhain"), "Hồ sơ")
    cases.file_in_case(world.store, world.actor("vankhain"), document_id, case_id)
    journeys.finish(world.store, world.actor("vankhain"), step_id)
    world.reply("vankhain", "vankhain", token_of(world, "vankhain"), "Nói thêm.")
    assert opinions(world, document_id) == ()
    assert "document is finished" in answer_to(world, "vankhain")


def test_an_absence_notice_is_nobodys_opinion_and_gets_no_answer(world: World) -> None:
    document_id, _step = world.with_handler()
    world.reply(
        "vankhain",
        "vankhain",
        token_of(world, "vankhain"),
        "Tôi đi vắng.",
        extra_headers=(("Auto-Submitted", "auto-replied"),),
    )
    assert (opinions(world, document_id), world.uids("vankhain", "INBOX")) == ((), [])


def test_a_reply_in_html_alone_is_read(world: World) -> None:
    document_id, _step = world.with_handler()
    octets = (
        b"From: vankhain@sxd.hungbinh.example\r\nTo: vb@sxd.hungbinh.example\r\nSubject: Re\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><body><p>\xc4\x90\xe1\xbb\x93ng \xc3\xbd.</p></body></html>\r\n"
    )
    world.put_reply("vankhain", token_of(world, "vankhain"), octets)
    assert [o.text for o in opinions(world, document_id)] == ["Đồng ý."]


@pytest.mark.parametrize("octets", [b"", b"\xff\xfe\x00garbage", b"From: <<>>\r\n\r\n\x00", b"Subject: x\r\n\r\n"])
def test_hostile_mail_is_kept_and_changes_nothing(world: World, octets: bytes) -> None:
    document_id, _step = world.with_handler()
    world.put_reply(None, token_of(world, "vankhain"), octets)
    assert (opinions(world, document_id), len(world.uids("vb", "INBOX"))) == ((), 1)
