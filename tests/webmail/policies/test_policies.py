"""The administrators' pages of rules: mode, settings, history, restore, dry run, one message."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from mailbox_policies import choices, dryrun
from mailbox_policies.modes import Mode
from mailbox_policies.rules.message_size import RULE
from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import principals
from mailserver.store.ingest import prepare, store_message_tx
from tests.routing.world import World
from tests.support.filtering import teach
from tests.support.mail import letter
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, text_of

PAGE = "/chinh-sach/message-size"


@pytest.fixture
def admin(world: World, app: Flask) -> Visitor:
    make_admin(world, world.agency_id, "tuanht")
    return Visitor(app).signed_in("tuanht")


def choose(visitor: Visitor, mode: str, limit: str, version: int) -> int:
    return visitor.post(PAGE, mode=mode, limit=limit, counts="decoded", version=str(version)).status_code


def newest(world: World) -> tuple[Mode | None, dict[str, object]]:
    one = world.store.db.read(lambda conn: choices.history(conn, world.agency_id, RULE.name))[0]
    return one.mode, dict(one.settings)


def test_only_administrators_find_the_pages(world: World, admin: Visitor, director: Visitor) -> None:
    for path in ("/chinh-sach/", PAGE, f"{PAGE}/chay-thu"):
        assert (admin.get(path).status_code, director.get(path).status_code) == (200, 404), path
    assert "/chinh-sach/" in admin.get("/viec").text
    assert "/chinh-sach/" not in director.get("/viec").text
    assert choose(director, "off", "1 B", 0) == 404
    assert admin.get("/chinh-sach/nonsense").status_code == 404
    assert world.store.db.read(lambda conn: choices.history(conn, world.agency_id, RULE.name)) == []


def test_what_is_chosen_is_kept_shown_and_taken_back(world: World, admin: Visitor) -> None:
    assert "Như quy chế" in text_of(admin.get(PAGE))
    assert choose(admin, "trial", "5000 B", 0) == 303
    assert newest(world) == (Mode.TRIAL, {"limit": 5000})
    assert (
        "Người khác vừa đổi"
        in admin.follow(admin.post(PAGE, mode="off", limit="1 B", counts="decoded", version="0")).text
    )
    assert choose(admin, "enforce", "6000 B", 1) == 303
    page = admin.get(PAGE)
    assert "Bản 2" in text_of(page)
    assert "Hà Thanh Tuấn" in text_of(page)
    assert 'value="6000 B"' in page.text
    assert "Đã khôi phục" in admin.follow(admin.post(f"{PAGE}/khoi-phuc", version="1")).text
    assert newest(world) == (Mode.TRIAL, {"limit": 5000})
    assert "Chạy thử" in text_of(admin.get("/chinh-sach/"))
    assert admin.post(f"{PAGE}/khoi-phuc", version="0").status_code == 303
    assert newest(world) == (None, {})
    assert admin.post(f"{PAGE}/khoi-phuc", version="77").status_code == 404


def test_what_makes_no_sense_comes_back_with_what_was_typed(world: World, admin: Visitor) -> None:
    wrong = admin.post(PAGE, mode="trial", limit="mười", counts="decoded", version="0")
    assert wrong.status_code == 422
    assert "Ghi một số kèm đơn vị" in text_of(wrong)
    assert choose(admin, "enforce", "10", 0) == 422, "ten octets are hardly meant: no letter would pass"
    assert 'value="mười"' in wrong.text
    assert admin.post(PAGE, mode="nonsense", limit="1 B", counts="decoded", version="0").status_code == 422


def test_a_mistake_in_one_field_loses_nothing_else_and_what_another_saved_meanwhile_is_not_written_over(
    world: World, admin: Visitor
) -> None:
    page = "/chinh-sach/spam"
    asked = {"mode": "off", "junk": "50", "suspect": "không", "version": "0"}  # both boxes cleared
    assert admin.post(page, mode="trial", junk="60", suspect="35", unit="1", agency="1", version="0").status_code == 303
    wrong = admin.post(page, **asked)
    assert wrong.status_code == 422 and 'value="off" checked' in wrong.text and 'name="version" value="0"' in wrong.text
    assert 'value="1" checked' not in wrong.text
    said = admin.follow(admin.post(page, **(asked | {"suspect": "35"})))
    assert "Người khác vừa đổi" in said.text
    assert len(world.store.db.read(lambda conn: choices.history(conn, world.agency_id, "spam"))) == 1


def test_a_dry_run_goes_on_where_it_ended_and_writes_nothing(
    world: World, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dryrun, "BATCH", 2)
    for number in range(3):
        prepared = prepare(letter(number=number), world.store.blobs)
        world.store.db.write(
            lambda tx, prepared=prepared: deliver_tx(tx, store_message_tx(tx, prepared), [world.ids["vankhain"]]),
            SYSTEM,
        )
    assert choose(admin, "off", "10 B", 0) == 303  # a rule that is off can be tried too
    first = admin.get(f"{PAGE}/chay-thu?ngay=30")
    assert "Đã xét 2 / 3 thư của 30 ngày qua; trúng 2" in text_of(first)
    assert "Nguyễn Văn Khải" in text_of(first)
    assert "từ chối" in text_of(first)
    onward = first.text.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    last = admin.get(onward, headers={"HX-Request": "true"})
    assert "<main" not in last.text
    assert "Đã xét 3 / 3 thư của 30 ngày qua; trúng 3" in text_of(last)
    assert "hx-get" not in last.text


def test_one_message_is_tried_without_being_kept(world: World, admin: Visitor) -> None:
    assert choose(admin, "trial", "10 B", 0) == 303
    count = "SELECT count(*) FROM message"
    before = world.store.db.read(lambda conn: conn.exec_driver_sql(count).scalar())
    said = admin.post(f"{PAGE}/thu", eml=(io.BytesIO(letter()), "a.eml"))
    assert "Quy tắc nói: từ chối (quá cỡ, mức: 10 B, cỡ: " in text_of(said)
    assert world.store.db.read(lambda conn: conn.exec_driver_sql(count).scalar()) == before
    assert admin.post(f"{PAGE}/thu").status_code == 422


def test_the_page_of_the_filter_says_how_much_it_has_learned(world: World, admin: Visitor) -> None:
    page = text_of(admin.get("/chinh-sach/spam"))
    assert "0 thư rác và 0 thư tốt" in page
    assert "Chưa đủ để xét thư nào: cần ít nhất 20 thư mỗi loại." in page
    agency = world.store.db.read(lambda conn: principals.agency_by_id(conn, world.agency_id))
    teach(world.store, [agency.principal_id, world.id("truongpk")], each=21)
    page = text_of(admin.get("/chinh-sach/spam"))
    assert "21 thư rác và 21 thư tốt" in page
    assert "Đủ để xét thư đến." in page
    assert "1 hộp thư và đơn vị đã học đủ" in page


def test_the_page_of_prose_is_in_the_reader_s_language_with_its_table(admin: Visitor) -> None:
    vietnamese = admin.get("/chinh-sach/spam").text
    assert "Bản của mỗi người nhận được xét riêng" in vietnamese and "Each recipient" not in vietnamese
    assert '<th scope="col">người đọc làm</th>' in vietnamese and "|---|" not in vietnamese
    assert "<strong>Các mức.</strong>" in admin.get("/chinh-sach/retention").text
    admin.post("/tai-khoan/ngon-ngu", locale="en")
    english = admin.get("/chinh-sach/spam")
    assert "Each recipient" in text_of(english) and "Bản của mỗi người nhận" not in english.text


def test_settings_are_tried_before_they_are_saved(world: World, admin: Visitor) -> None:
    prepared = prepare(letter(), world.store.blobs)
    world.store.db.write(lambda tx: deliver_tx(tx, store_message_tx(tx, prepared), [world.ids["vankhain"]]), SYSTEM)
    answer = admin.post(f"{PAGE}/chay-thu", mode="trial", limit="10 B", counts="decoded", version="0")
    assert answer.status_code == 303
    tried = admin.get(answer.location)
    assert "Thử với cài đặt chưa lưu" in text_of(tried)
    assert "trúng 1" in text_of(tried)
    assert "trúng 0" in text_of(admin.get(f"{PAGE}/chay-thu"))
    assert world.store.db.read(lambda conn: choices.history(conn, world.agency_id, RULE.name)) == []
    wrong = admin.post(f"{PAGE}/chay-thu", mode="trial", limit="mười", counts="decoded", version="0")
    assert (wrong.status_code, 'value="mười"' in wrong.text) == (422, True)
    for nonsense in ("[1]", "{", '{"khong-co": 1}', '{"limit": -1}'):
        assert admin.get(f"{PAGE}/chay-thu", query_string={"cai_dat": nonsense}).status_code == 422, nonsense


def test_the_page_tells_how_the_rule_looks_and_what_each_version_changed(world: World, admin: Visitor) -> None:
    assert choose(admin, "trial", "5000 B", 0) == 303
    assert choose(admin, "trial", "6000 B", 1) == 303
    page = admin.get(PAGE)
    assert "<del>5000 B</del> → <ins>6000 B</ins>" in page.text
    assert "Chặn → Chạy thử" in text_of(page)
    assert ">>> " in text_of(page)  # an example of its page of prose
    assert "<code>123/QĐ-SCT, Điều 9</code>" in admin.get("/chinh-sach/forward-consent").text
