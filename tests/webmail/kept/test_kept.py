"""The pages of mail that waits: who sees what, and what they may decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from mailbox_policies.forbidden.telling import Clerks
from mailbox_policies.holding import rows
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.records import KeptMessage, State
from mailbox_policies.modes import Mode, weigh
from mailbox_policies.rules import forbidden_classes
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, hold, quarantine
from mailserver.actor import SYSTEM
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.trace import Received
from mailserver.directory.resolve import Mailbox
from tests.routing.world import DOMAIN, World
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, hidden, text_of
from webmail.services import WebServices

ARTICLE = Article("123/QĐ-SCT", dieu=9)
SECRET = "Báo giá của nhà thầu"


def policy(case: Case) -> Verdict:
    """Holds what people send, for khoivd to agree; quarantines what comes in."""
    if case.contents is None:
        return ACCEPT
    if case.stage is Stage.SUBMISSION:
        return replace(hold("test-hold", ARTICLE, Cause.NONE), waits_for="khoivd@" + case.sender.partition("@")[2])
    return quarantine("test-quarantine", ARTICLE, Cause.NONE)


@pytest.fixture
def admin(world: World, app: Flask) -> Visitor:
    make_admin(world, world.agency_id, "tuanht")
    return Visitor(app).signed_in("tuanht")


@pytest.fixture(autouse=True)
def keeping(services: WebServices) -> None:
    services.delivery.policy, services.delivery.keeper = policy, Keeper()


def write(visitor: Visitor, to: str, seen: str = "") -> Any:
    page = visitor.get("/thu/soan").text
    sender = page.partition('name="identity"')[2].partition('value="')[2].partition('"')[0]
    letter = {"identity": sender, "to": to, "subject": SECRET, "text": "Nội dung riêng"}
    return visitor.post("/thu/soan", **letter, seen=seen, do="anyway" if seen else "send")


def come_in(world: World, services: WebServices, local: str) -> None:
    """Mail from outside for one mailbox."""
    to = f"{local}@{DOMAIN}"
    services.delivery.deliver_sync(
        Incoming(
            b"From: x@far.test\r\nSubject: MAT\r\n\r\nx\r\n",
            "x@far.test",
            (to,),
            [Mailbox(world.ids[local])],
            SYSTEM,
            Received("", "", "SMTP", "m.1"),
        )
    )


def kept(world: World, number: int = 1) -> KeptMessage:
    return world.store.db.read(lambda conn: rows.get(conn, number))


def audited(world: World, action: str) -> int:
    query = f"SELECT count(*) FROM audit WHERE action = '{action}'"
    return int(world.store.db.read(lambda conn: conn.exec_driver_sql(query).scalar()) or 0)


def test_the_writer_is_told_that_it_waits_and_takes_it_back(
    world: World, specialist: Visitor, outsider: Visitor, stranger: Visitor
) -> None:
    said = specialist.follow(specialist.follow(write(specialist, "truongpk")))
    assert "đang chờ khoivd@" in said.text
    assert 'href="/thu-giu/1"' in said.text
    page = specialist.get("/thu-giu/1")
    assert SECRET in text_of(page)
    assert "Nội dung riêng" in text_of(page)
    assert "Rút lại" in page.text
    assert "Cho gửi" not in page.text
    assert stranger.get("/thu-giu/1").status_code in (302, 303)
    assert outsider.get("/thu-giu/1").status_code == 404
    assert "Không có thư nào bị giữ" in text_of(outsider.get("/thu-giu/"))
    assert specialist.post("/thu-giu/1", do="release").status_code == 404
    assert outsider.post("/thu-giu/1", do="withdraw").status_code == 404
    assert kept(world).waits
    assert "Đã rút lại" in specialist.follow(specialist.post("/thu-giu/1", do="withdraw")).text
    assert kept(world).state is State.WITHDRAWN
    assert audited(world, "kept.opened") == 0  # nobody looked at what is another's


def test_who_has_to_agree_reads_it_and_releases_it(world: World, specialist: Visitor, head: Visitor) -> None:
    write(specialist, "truongpk")
    page = head.get("/thu-giu/1")
    assert SECRET in text_of(page)
    assert audited(world, "kept.opened") == 1
    assert head.get("/thu-giu/1/huy").status_code == 404
    assert "Đã cho gửi" in head.follow(head.post("/thu-giu/1", do="release")).text
    assert kept(world).decided_by == world.ids["khoivd"]
    assert "Đã có người quyết định" in head.follow(head.post("/thu-giu/1", do="refuse", reason="x")).text
    assert kept(world).state is State.RELEASED


def test_an_administrator_decides_without_reading(world: World, specialist: Visitor, admin: Visitor) -> None:
    write(specialist, "truongpk")
    assert "/thu-giu/" in admin.get("/viec").text
    assert "vankhain@" in text_of(admin.get("/thu-giu/"))
    page = text_of(admin.get("/thu-giu/1"))
    assert "123/QĐ-SCT, Điều 9" in page
    assert SECRET not in page
    assert "Hãy ghi lý do" in admin.follow(admin.post("/thu-giu/1", do="refuse", reason=" ")).text
    assert admin.post("/thu-giu/1", do="nonsense").status_code == 422
    until = kept(world).expires_at
    admin.post("/thu-giu/1", do="extend")
    assert (kept(world).expires_at - until).days == 7
    assert "Đã từ chối" in admin.follow(admin.post("/thu-giu/1", do="refuse", reason="không đúng quy chế")).text
    assert "không đúng quy chế" in text_of(specialist.get("/thu-giu/1"))
    assert "Không có thư nào bị giữ" in text_of(admin.get("/thu-giu/"))
    assert "vankhain@" in text_of(admin.get("/thu-giu/?xem=xong&loai=held"))


@pytest.mark.requirement("R-020")
def test_the_registry_has_quarantined_mail_of_the_agency_destroyed_and_nobody_opens_it(
    world: World, services: WebServices, clerk: Visitor, outsider: Visitor, specialist: Visitor
) -> None:
    come_in(world, services, "sxd")
    come_in(world, services, "vankhain")
    assert clerk.get("/thu-giu/2").status_code == 404  # what is a person's is not the registry's
    assert specialist.get("/thu-giu/2").status_code == 200
    assert outsider.get("/thu-giu/1").status_code == 404
    page = clerk.get("/thu-giu/1")
    assert "x@far.test" in text_of(page)
    assert "MAT" not in text_of(page)
    assert "Không bản nào của thư còn lại" in text_of(clerk.get("/thu-giu/1/huy"))
    assert "Đã hủy" in clerk.follow(clerk.post("/thu-giu/1", do="destroy", reason="biên bản 12")).text
    assert (kept(world).state, kept(world).reason) == (State.DESTROYED, "biên bản 12")
    assert "Đã có người quyết định" in clerk.follow(clerk.get("/thu-giu/1/huy")).text
    assert specialist.post("/thu-giu/2", do="release").status_code == 404


def test_what_a_rule_said_nothing_more_of_is_still_found(
    world: World, services: WebServices, clerk: Visitor, admin: Visitor
) -> None:
    services.delivery.policy = lambda case: quarantine(forbidden_classes.NAME, ARTICLE, Cause.FORBIDDEN_CLASS)
    come_in(world, services, "sxd")
    for visitor in (clerk, admin):
        assert "x@far.test" in text_of(visitor.get("/thu-giu/"))
        assert visitor.get("/thu-giu/1").status_code == 200


def settlement(case: Case) -> Verdict:
    """What the rule says of a document that settles a complaint, at either door."""
    if case.contents is None:
        return ACCEPT
    return hold(forbidden_classes.NAME, ARTICLE, Cause.FORBIDDEN_CLASS, kind="settlement", place="subject", file="")


@pytest.mark.requirement("R-024")
@pytest.mark.parametrize("door", ["in", "out"])
def test_what_settles_a_complaint_waits_for_the_named_authoriser_and_no_administrator(
    world: World, services: WebServices, app: Flask, clerk: Visitor, director: Visitor, admin: Visitor, door: str
) -> None:
    services.delivery.policy = settlement
    services.delivery.keeper = Keeper(Clerks(world.store.blobs, lambda _conn, _agency: [world.id("truongpk")]))
    owner = Visitor(app).signed_in("vankhain")
    if door == "in":
        come_in(world, services, "vankhain")
    else:
        write(owner, "khoivd")
    assert "chờ quyết định" in text_of(director.get(f"/thu/{world.folder('truongpk', 'INBOX')}"))
    page = text_of(clerk.get("/thu-giu/1"))
    assert "chưa được mở" in page or "không được mở" in page
    for visitor in (admin, Visitor(app).signed_in("anl"), Visitor(app).signed_in("khoivd")):
        assert visitor.get("/thu-giu/1").status_code == 404
        assert visitor.post("/thu-giu/1", do="release").status_code == 404
    assert owner.get("/thu-giu/1").status_code == (404 if door == "in" else 200), "the writer knows of it"
    for visitor in (clerk, owner):
        assert visitor.post("/thu-giu/1", do="release").status_code == 404
        assert visitor.post("/thu-giu/1", do="destroy", reason="x").status_code == 404
    assert kept(world).waits
    assert ("MAT" if door == "in" else SECRET) in text_of(director.get("/thu-giu/1"))
    assert "Đã cho gửi" in director.follow(director.post("/thu-giu/1", do="release")).text
    assert kept(world).decided_by == world.id("truongpk")
    to = "vankhain" if door == "in" else "khoivd"
    assert len(world.uids(to, "INBOX")) == 1


def test_an_administrator_does_not_release_their_own(world: World, admin: Visitor) -> None:
    write(admin, "truongpk")
    assert admin.post("/thu-giu/1", do="release").status_code == 404
    assert kept(world).waits


def test_a_rule_that_only_warns_asks_the_writer_once(world: World, services: WebServices, specialist: Visitor) -> None:
    def warning(case: Case) -> Verdict:
        return weigh(Mode.WARN, policy(case))

    services.delivery.policy = warning
    asked = write(specialist, "truongpk")
    assert asked.status_code == 422
    assert "Đây là lời nhắc" in text_of(asked)
    assert "test-hold:" in hidden(asked, "seen")
    again = write(specialist, "truongpk", hidden(asked, "seen"))
    assert "Đã gửi thư" in specialist.follow(specialist.follow(again)).text
    query = "SELECT count(*) FROM kept_message"
    assert world.store.db.read(lambda conn: conn.exec_driver_sql(query).scalar()) == 0
