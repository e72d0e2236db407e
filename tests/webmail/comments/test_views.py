"""Comment requests at the doors: asked on the page, answered by mail and on the page, the silent listed."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from mailserver.store.ingest import prepare, store_message_tx
from routing import cases
from routing.comments import reminding
from tests.routing.comments.asked import get, mails, reply
from tests.routing.world import World
from tests.webmail.visitor import Visitor, links, text_of

HOME = "/lay-y-kien/"
DUE = timedelta(days=4)


@pytest.fixture
def asked(app: Flask) -> Visitor:
    """Somebody who is asked, of another unit."""
    return Visitor(app).signed_in("anl")


def form(world: World, **changed: Any) -> dict[str, Any]:
    fields = {
        "subject": "Dự thảo quy chế làm việc",
        "question": "Đề nghị góp ý Điều 3.",
        "due": f"{(datetime.now(UTC) + DUE).astimezone(OFFICE_ZONE):%Y-%m-%dT%H:%M}",
        "people": [str(world.id("anl")), str(world.id("hoavc")), str(world.id("qlxd"))],
        "files": (io.BytesIO(b"noi dung du thao"), "dự thảo.txt"),
    }
    return fields | changed


def ask(world: World, asker: Visitor, **changed: Any) -> str:
    """The path of a new request."""
    answer = asker.post(f"{HOME}moi", **form(world, **changed))
    assert answer.status_code == 303, text_of(answer)
    return str(answer.location)


def number(path: str) -> int:
    return int(path.rpartition("/")[2])


def invitee(world: World, path: str, local: str) -> str:
    return str(next(one.id for one in get(world, number(path)).invitees if one.principal_id == world.id(local)))


@pytest.mark.requirement("R-110")
def test_some_people_are_asked_by_mail_about_the_files_of_a_mail_and_answer_by_mail_or_on_the_page(
    world: World, specialist: Visitor, asked: Visitor, head: Visitor
) -> None:
    letter(world)
    case_id = cases.create(world.store, world.actor("vankhain"), "Hồ sơ quy chế")
    source = f"{world.folder('vankhain', 'INBOX')}.{world.uids('vankhain', 'INBOX')[0]}"
    page = specialist.get(f"{HOME}moi?thu={source}")
    assert 'value="Quy chế gửi kèm"' in page.text and "quy chế.docx" in text_of(page)
    path = ask(world, specialist, thu=source, carry=[f"{source}.2"], case=str(case_id))

    # The mail is the transport: one to each, nothing where all would read it.
    for local in ("anl", "hoavc", "qlxd"):
        (mail,) = mails(world, local)
        assert [part.get_filename() for part in mail.iter_attachments()] == ["quy chế.docx", "dự thảo.txt"]
        assert "Đề nghị góp ý Điều 3." in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mails(world, "sxd") == [] and mails(world, "lamhs") == []

    assert asked.get("/dem").get_json()["comments"] == 1 and "chưa trả lời" in text_of(asked.get(HOME))
    assert "Cần cho ý kiến" in text_of(asked.get("/viec")) and "Cần cho ý kiến" not in text_of(head.get("/viec"))
    here = asked.get(path)
    files = [one for one in links(here) if one.startswith(f"{path}/tep/")]
    assert [asked.get(one).data for one in files] == [b"D" * 40_000, b"noi dung du thao"]
    said = asked.post(f"{path}/tra-loi", invitee=invitee(world, path, "anl"), text="Đồng ý, trừ Điều 3.")
    assert "Đồng ý, trừ Điều 3." in text_of(asked.follow(said)) and asked.get("/dem").get_json()["comments"] == 0
    reply(world, "hoavc", mails(world, "hoavc")[0], "Không có ý kiến: không thuộc Trung tâm.")

    table = text_of(specialist.get(path))
    assert "2/3" in table and "Đồng ý, trừ Điều 3." in table and "không thuộc Trung tâm." in table
    answers = [mail["Subject"] for mail in mails(world, "vankhain")[1:]]
    assert len(answers) == 2 and all(one.startswith("Re: [Lấy ý kiến]") for one in answers)
    assert "Trung tâm" not in text_of(asked.get(path))  # what others say is the asker's to read
    assert asked.get(f"{path}/bang-tong-hop").status_code == 404
    assert "Chưa trả lời: Phòng Quản lý xây dựng." in text_of(head.get(f"{path}/bang-tong-hop"))
    assert path in links(head.get(f"/van-ban/ho-so/{case_id}"))


@pytest.mark.requirement("R-111")
def test_who_is_asked_must_answer_in_time_and_the_silent_are_reminded_then_named_to_the_leader(
    world: World, specialist: Visitor, asked: Visitor, head: Visitor
) -> None:
    path = ask(world, specialist)
    one = invitee(world, path, "anl")
    for none, words in (("", "Chưa nhập nội dung."), ("1", "phải nêu lý do")):
        refused = asked.post(f"{path}/tra-loi", invitee=one, text=" ", none=none)
        assert refused.status_code == 422 and words in text_of(refused)
    assert asked.post(f"{path}/tra-loi", invitee=one, text="Ngoài chuyên môn.", none="1").status_code == 303

    due = get(world, number(path)).due_at
    for moment in (due - timedelta(days=1), due - timedelta(hours=1), due, due + timedelta(hours=1)):
        reminding.look(world.store, moment)
    reminded = [mail["Subject"].partition(":")[0] for mail in mails(world, "hoavc")]
    assert reminded[1:] == ["Sắp đến hạn góp ý", "Đã hết hạn góp ý"] and len(mails(world, "anl")) == 1
    for owner in ("vankhain", "khoivd"):
        listed = mails(world, owner)[-1]
        assert "(2/3)" in listed["Subject"] and "  - Văn Công Hòa" in listed.get_content().splitlines()
    assert "chưa trả lời" in text_of(head.get(path)) and "Ngoài chuyên môn." in text_of(head.get(path))


def test_the_asker_changes_the_due_moment_sums_up_asks_more_and_withdraws_each_with_a_way_back(
    world: World, specialist: Visitor, asked: Visitor
) -> None:
    path = ask(world, specialist)
    due = get(world, number(path)).due_at
    later = f"{(due + DUE).astimezone(OFFICE_ZONE):%Y-%m-%dT%H:%M}"
    page = specialist.follow(specialist.post(f"{path}/viec", do="extend", due=later))
    assert "Đã đổi hạn" in page.text and due.isoformat() in page.text  # the form that takes it back
    assert specialist.post(f"{path}/viec", do="extend", due=due.isoformat()).status_code == 303
    assert get(world, number(path)).due_at == due
    assert specialist.post(f"{path}/viec", do="extend", due="2020-01-01T08:00").status_code == 422
    assert specialist.post(f"{path}/them", people=[str(world.id("lamhs"))]).status_code == 303
    assert len(mails(world, "lamhs")) == 1 and specialist.post(f"{path}/them").status_code == 422

    for do, words in (("close", "đã tổng hợp"), ("withdraw", "đã rút")):
        page = specialist.follow(specialist.post(f"{path}/viec", do=do))
        assert words in text_of(page) and 'value="reopen"' in page.text
        late = asked.post(f"{path}/tra-loi", invitee=invitee(world, path, "anl"), text="Muộn.")
        assert late.status_code == 409 and specialist.post(f"{path}/viec", do=do).status_code == 409
        assert "đang lấy ý kiến" in text_of(specialist.follow(specialist.post(f"{path}/viec", do="reopen")))
    assert specialist.post(f"{path}/viec", do="answer").status_code == 422


def test_the_form_keeps_what_was_typed_and_says_what_is_missing(world: World, specialist: Visitor) -> None:
    for changed in ({"people": []}, {"subject": ""}, {"due": "hôm nay"}, {"question": "", "files": ""}):
        refused = specialist.post(f"{HOME}moi", **form(world, **changed))
        assert refused.status_code == 422 and "Cần xem lại" in refused.text
        assert "question" in changed or "Đề nghị góp ý Điều 3." in refused.text
    assert specialist.post(f"{HOME}moi", **form(world, people="x")).status_code == 422
    assert mails(world, "anl") == []


def test_nobody_else_comes_in(world: World, app: Flask, specialist: Visitor, stranger: Visitor, asked: Visitor) -> None:
    path = ask(world, specialist)
    file = next(one for one in links(asked.get(path)) if one.startswith(f"{path}/tep/"))
    other = Visitor(app).signed_in("lamhs")  # head of the unit that is asked: acts for it
    assert other.get(path).status_code == 200
    clerk = Visitor(app).signed_in("camltm")
    for where in (path, file, f"{path}/bang-tong-hop", f"{HOME}99999"):
        assert stranger.get(where).status_code == 303
        assert clerk.get(where).status_code == 404
    assert asked.get(f"{path}/tep/9").status_code == 404
    assert asked.post(f"{path}/viec", do="close").status_code == 403
    assert clerk.post(f"{path}/viec", do="close").status_code == 404
    assert asked.post(f"{path}/tra-loi", invitee=invitee(world, path, "hoavc"), text="Thay.").status_code == 404
    assert get(world, number(path)).answered == ()


def letter(world: World) -> None:
    """A mail with a draft in the asker's INBOX."""
    draft = Draft(
        from_=Address("", "khoivd", "sxd.hungbinh.example"),
        to=(Address("", "vankhain", "sxd.hungbinh.example"),),
        cc=(),
        bcc=(),
        subject="Quy chế gửi kèm",
        text="Đ/c Khải lấy ý kiến.",
        date=datetime.now(UTC),
        message_id="quy-che@sxd.hungbinh.example",
        attachments=(Attachment("quy chế.docx", "application/msword", b"D" * 40_000),),
    )
    prepared = prepare(compose(draft), world.store.blobs)
    world.store.db.write(lambda tx: deliver_tx(tx, store_message_tx(tx, prepared), [world.id("vankhain")]), SYSTEM)
