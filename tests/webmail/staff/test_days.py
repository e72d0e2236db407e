"""The working day: who was there, who is signed out at its end, the directory, and whom to ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from mailserver.actor import SYSTEM
from mailserver.directory import activity, principals, websessions
from mailserver.directory.activity_schema import activity as table
from mailserver.directory.agencies import add_domain_tx
from mailserver.directory.records import OFFICE_ZONE, office_day
from mailserver.directory.schema import agency, credential, web_session
from mailserver.mime.scan import scan
from mailserver.store.database import Tx
from routing import closing
from tests.routing.world import DOMAIN, World
from tests.webmail.visitor import Visitor, hidden, text_of

SECOND_DOMAIN = "tayninh.example"
DAYS = "/nhan-su/hoat-dong"


@pytest.mark.requirement("R-067")
def test_the_first_and_last_activity_of_each_person_is_reported(
    keeper: Visitor, specialist: Visitor, director: Visitor, world: World
) -> None:
    morning = datetime.combine(office_day(datetime.now(UTC)), datetime.min.time(), OFFICE_ZONE)

    def came(tx: Tx) -> None:
        tx.conn.execute(table.delete())
        activity.note_tx(tx, world.id("vankhain"), morning + timedelta(hours=7, minutes=2))
        activity.note_tx(tx, world.id("vankhain"), morning + timedelta(hours=16, minutes=41))
        activity.note_tx(tx, world.id("vankhain"), morning + timedelta(hours=11))

    world.store.db.write(came, SYSTEM)
    page = text_of(keeper.get(DAYS))
    assert "07:02 – 16:41" in page and page.count("chưa đăng nhập") == 10
    before = office_day(datetime.now(UTC)) - timedelta(days=1)
    assert "07:02" not in text_of(keeper.get(f"{DAYS}?ngay={before}"))
    assert director.get(DAYS).status_code == 200
    assert specialist.get(DAYS).status_code == 404
    assert keeper.get(f"{DAYS}?ngay=hôm-qua").status_code == 200


@pytest.mark.requirement("R-067")
def test_a_sign_in_and_each_use_of_the_web_is_activity(specialist: Visitor, world: World) -> None:
    def seen() -> activity.Day:
        return world.store.db.read(lambda conn: activity.on(conn, office_day(datetime.now(UTC))))[world.id("vankhain")]

    assert seen().first_at == seen().last_at

    def age(tx: Tx) -> None:
        long_ago = tx.now - 2 * websessions.TOUCH_EVERY
        tx.conn.execute(update(web_session).values(seen_at=long_ago))

    world.store.db.write(age, SYSTEM)
    first = seen()
    assert specialist.get("/viec").status_code == 200
    assert seen().last_at > first.last_at and seen().first_at == first.first_at


@pytest.mark.requirement("R-068")
def test_sessions_end_when_idle_and_those_left_over_at_the_end_of_the_day(
    app: Flask, specialist: Visitor, head: Visitor, clerk: Visitor, world: World
) -> None:
    hour = (datetime.now(OFFICE_ZONE) - timedelta(minutes=1)).strftime("%H:%M")
    moment = closing._moment(hour, datetime.now(UTC))

    def rested(name: str, opened: datetime, seen: timedelta) -> None:
        def work(tx: Tx) -> None:
            own = web_session.c.principal_id == world.id(name)
            tx.conn.execute(update(web_session).where(own).values(created_at=opened, seen_at=tx.now - seen))

        world.store.db.write(work, SYSTEM)

    rested("vankhain", moment - timedelta(hours=5), websessions.REST + timedelta(minutes=1))
    rested("khoivd", moment - timedelta(hours=5), timedelta(minutes=1))
    rested("anhhtk", moment - timedelta(hours=5), websessions.IDLE + timedelta(minutes=1))
    assert clerk.get("/viec").location.startswith("/dang-nhap")
    assert specialist.get("/tim").status_code == 200
    rested("vankhain", moment - timedelta(hours=5), websessions.REST + timedelta(minutes=1))
    assert world.store.db.write(closing.end_of_day_tx, SYSTEM) in (0, 1)

    def choose(tx: Tx) -> None:
        principals.set_setting_tx(tx, world.agency_id, "session.ends_at", hour)

    rested_before = (moment - timedelta(hours=5), websessions.REST + timedelta(minutes=1))
    again = Visitor(app).signed_in("vankhain")
    rested("vankhain", *rested_before)
    world.store.db.write(choose, SYSTEM)
    assert world.store.db.write(closing.end_of_day_tx, SYSTEM) >= 1
    assert again.get("/viec").location.startswith("/dang-nhap")
    assert head.get("/viec").status_code == 200
    head.post("/dang-xuat")
    assert head.get("/viec").location.startswith("/dang-nhap")


@pytest.mark.requirement("R-044")
def test_an_old_password_is_reminded_of_and_still_opens_the_door(app: Flask, specialist: Visitor, world: World) -> None:
    assert "nên đổi" not in specialist.get("/viec").text

    def age(tx: Tx) -> None:
        tx.conn.execute(update(credential).values(created_at=tx.now - timedelta(days=181)))

    world.store.db.write(age, SYSTEM)
    page = Visitor(app).signed_in("vankhain").get("/viec")
    assert page.status_code == 200 and "đã dùng hơn 180 ngày; nên đổi" in page.text and "/doi-mat-khau" in page.text

    def never(tx: Tx) -> None:
        principals.set_setting_tx(tx, world.agency_id, "account.remind_days", 0)

    world.store.db.write(never, SYSTEM)
    assert "nên đổi" not in Visitor(app).signed_in("vankhain").get("/viec").text


@pytest.mark.requirement("R-064")
def test_one_mailbox_has_an_address_in_each_domain_and_writes_under_either(
    app: Flask, director: Visitor, world: World
) -> None:
    def work(tx: Tx) -> None:
        tx.conn.execute(update(agency).where(agency.c.id == world.agency_id).values(profile="tn"))
        add_domain_tx(tx, world.agency_id, SECOND_DOMAIN, is_primary=True)

    world.store.db.write(work, SYSTEM)
    both = [f"vankhain@{SECOND_DOMAIN}", f"vankhain@{DOMAIN}"]
    for number, address in enumerate(both):
        person = Visitor(app).signed_in(address)
        page = person.get("/thu/soan")
        assert all(f'value="{one}"' in page.text for one in both)
        form = {name: hidden(page, name) for name in ("message_id", "draft", "answers")}
        to = f"truongpk@{both[1 - number].partition('@')[2]}"
        letter = {"identity": address, "to": to, "subject": f"Thư {number}", "text": "Kính gửi.", "do": "send"}
        assert person.post("/thu/soan", **form, **letter).status_code == 303
        assert [one.addr for one in scan(world.octets("truongpk", "INBOX")).from_] == [address]
    assert len(world.uids("truongpk", "INBOX")) == 2 and len(world.uids("vankhain", "Sent")) == 2


@pytest.mark.requirement("R-066")
def test_the_directory_is_one_for_all_and_follows_every_change(
    keeper: Visitor, outsider: Visitor, world: World
) -> None:
    page = text_of(outsider.get("/danh-ba/"))
    for said in ("Phòng Quy hoạch – Kiến trúc", "Giám đốc : Phùng Khắc Trường", f"vankhain@{DOMAIN}"):
        assert said in page
    assert page.index("Ban Giám đốc") < page.index("Phòng Quy hoạch") < page.index("Nguyễn Văn Khải")
    found = text_of(outsider.get("/danh-ba/?q=van+khai"))
    assert "Nguyễn Văn Khải" in found and "Phùng Khắc Trường" not in found
    assert "Không có ai khớp" in text_of(outsider.get("/danh-ba/?q=khongco"))
    moved = {"family": "Nguyễn", "middle": "Văn", "given": "Khải", "unit_id": world.id("qlxd"), "approval": "GĐ"}
    assert keeper.post(f"/nhan-su/{world.id('vankhain')}/sua", **moved).status_code == 303
    page = text_of(outsider.get("/danh-ba/"))
    assert page.index("Phòng Quản lý xây dựng") < page.index("Nguyễn Văn Khải") < page.index("Trung tâm Kiểm định")


@pytest.mark.requirement("R-069")
def test_help_is_built_in_and_questions_reach_the_administrators(
    keeper: Visitor, specialist: Visitor, world: World
) -> None:
    page = specialist.get("/tro-giup")
    assert "Trợ giúp" in text_of(page) and f"postmaster@{DOMAIN}" in text_of(page)
    form = specialist.get(f"/thu/soan?den=postmaster@{DOMAIN}")
    assert f'value="postmaster@{DOMAIN}"' in form.text
    fields = {name: hidden(form, name) for name in ("message_id", "draft", "answers")}
    letter = {"identity": f"vankhain@{DOMAIN}", "to": f"postmaster@{DOMAIN}", "subject": "Không mở được tệp"}
    assert specialist.post("/thu/soan", **fields, **letter, text="Xin giúp.", do="send").status_code == 303
    assert scan(world.octets("anl", "INBOX")).subject == "Không mở được tệp"
