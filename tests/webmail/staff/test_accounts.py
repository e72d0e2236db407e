"""Single accounts: made with a name by the rule, changed and locked with who approved it."""

from __future__ import annotations

import re
from email import message_from_bytes
from typing import Any

import pytest
from flask import Flask

from mailserver.directory import principals
from mailserver.directory.changing import facts_of
from mailserver.directory.schema import agency
from mailserver.store import raw
from mailserver.store.database import Tx
from tests.routing.world import DOMAIN, World
from tests.webmail.visitor import Visitor, text_of

APPROVAL = "Phiếu trình 12, Giám đốc duyệt"
ADD = "/nhan-su/them"


def add(keeper: Visitor, **fields: Any) -> Any:
    return keeper.post(ADD, **{"kind": "person", "unit_id": 0, "role": "", "approval": APPROVAL, **fields})


def first_password(text: str) -> str:
    found = re.search(r'id="one-time">([^<]+)<', text)
    assert found is not None
    return found.group(1)


def follow_rule(world: World, profile: str) -> None:
    """The agency follows another regulation from now on."""

    def work(tx: Tx) -> None:
        tx.conn.execute(agency.update().where(agency.c.id == world.agency_id).values(profile=profile))

    world.store.db.write(work, world.actor("anl"))


def approvals(world: World, owner: str) -> list[str]:
    found = world.store.db.read(lambda conn: principals.by_address(conn, f"{owner}@{DOMAIN}"))
    assert found is not None
    query = "SELECT detail FROM audit WHERE action = 'account.approved' AND owner_id = ?"
    rows = world.store.db.read(lambda conn: raw.rows(conn, query, (found.id,)))
    return [raw.from_json(detail)["approval"] for (detail,) in rows]


@pytest.mark.requirement("R-040", "R-042", "R-043", "R-056")
def test_a_person_gets_a_name_by_the_rule_a_first_password_and_no_second_account(
    keeper: Visitor, app: Flask, world: World
) -> None:
    person = {"family": "Nguyễn", "middle": "Văn", "given": "Minh", "staff_code": "CB77", "unit_id": world.id("qlxd")}
    seen = add(keeper, **person, do="preview", approval="")
    assert seen.status_code == 200 and f"minhnv@{DOMAIN}" in text_of(seen)
    assert add(keeper, **person, approval="").status_code == 422
    made = add(keeper, **person, role="specialist")
    assert made.status_code == 201
    plain = first_password(made.text)
    newcomer = Visitor(app).signed_in("minhnv", plain)
    assert newcomer.get("/thu/").location == "/doi-mat-khau"
    changed = newcomer.post("/doi-mat-khau", current=plain, new="Sông Lệ chảy về đông", again="Sông Lệ chảy về đông")
    assert changed.status_code == 303
    assert Visitor(app).signed_in("minhnv", "Sông Lệ chảy về đông").get("/viec").status_code == 200
    assert approvals(world, "minhnv") == [APPROVAL]
    again = add(keeper, **person)
    assert again.status_code == 422 and "mỗi người một tài khoản" in text_of(again)


@pytest.mark.requirement("R-057", "R-058")
def test_namesakes_both_get_the_longer_name_and_those_of_one_name_their_birth_dates(
    keeper: Visitor, app: Flask, world: World
) -> None:
    def made(family: str, middle: str, given: str, born: str = "") -> str:
        answer = add(keeper, family=family, middle=middle, given=given, birth_date=born)
        assert answer.status_code == 201, text_of(answer)
        found = re.search(r"<dd>([^<]+)@", answer.text)
        assert found is not None
        passwords[found.group(1)] = first_password(answer.text)
        return found.group(1)

    passwords: dict[str, str] = {}
    assert made("Trương", "Hoàng Tiến", "Minh") == "minhtht"
    seen = add(keeper, family="Trần", middle="Huỳnh Tấn", given="Minh", do="preview")
    assert "Trùng tên với Trương Hoàng Tiến Minh" in text_of(seen)
    assert made("Trần", "Huỳnh Tấn", "Minh") == "tanminhth"
    renamed = world.store.db.read(lambda conn: principals.by_address(conn, f"minhtht@{DOMAIN}"))
    assert renamed is not None and renamed.local_part == "tienminhth"
    for name in ("minhtht", "tienminhth"):
        assert Visitor(app).post("/dang-nhap", login=name, password=passwords["minhtht"]).status_code == 303
    assert made("Trương", "Thị Thu", "Hà", "1988-03-12") == "hattt"
    assert made("Trần", "Thị Thu", "Hà", "1991-07-05") == "hattt05071991"


@pytest.mark.requirement("R-059")
def test_a_unit_is_named_by_the_rule(keeper: Visitor, world: World) -> None:
    seen = add(keeper, kind="unit", name="phòng VHTT huyện Đăk Đoa", do="preview")
    assert f"vhttdakdoa@{DOMAIN}" in text_of(seen)
    assert add(keeper, kind="unit", name="phòng VHTT huyện Đăk Đoa", code="VHTT").status_code == 201
    taken = add(keeper, kind="unit", name="VHTT Đăk Đoa")
    assert taken.status_code == 422 and "đã có, hoặc từng có" in text_of(taken)


@pytest.mark.requirement("R-060", "R-061")
def test_by_the_other_rule_initials_come_first_and_a_taken_name_gets_the_office(
    keeper: Visitor, app: Flask, world: World
) -> None:
    follow_rule(world, "kt")
    assert (
        add(keeper, kind="unit", name="Phòng Tài nguyên Môi trường", code="TNMT", local_part="tnmt").status_code == 201
    )
    tnmt = world.store.db.read(lambda conn: principals.by_address(conn, f"tnmt@{DOMAIN}"))
    assert tnmt is not None
    one = add(keeper, family="Nguyễn", middle="Văn", given="Minh")
    assert f"nvminh.tp@{DOMAIN}" in text_of(one)
    assert Visitor(app).signed_in("nvminh.tp", first_password(one.text))
    two = add(keeper, family="Nguyễn", middle="Vũ", given="Minh", unit_id=tnmt.id)
    assert f"nvminhtnmt.tp@{DOMAIN}" in text_of(two)
    assert f"dtbdao.tp@{DOMAIN}" in text_of(add(keeper, family="Đỗ", middle="Thị Bích", given="Đào"))


@pytest.mark.requirement("R-041", "R-062", "R-063")
def test_posts_and_an_office_with_one_account_have_mailboxes_and_no_password(
    keeper: Visitor, app: Flask, world: World
) -> None:
    follow_rule(world, "kt")
    post = add(keeper, kind="post", name="trưởng phòng Tư pháp", unit_id=world.id("qlxd"), role="unit_head")
    assert post.status_code == 201 and f"tptuphap.tp@{DOMAIN}" in text_of(post) and "one-time" not in post.text
    office = add(keeper, kind="office", name="UBND phường Quang Trung")
    assert office.status_code == 201 and f"ubndpquangtrung.tp@{DOMAIN}" in text_of(office)
    for name in ("tptuphap.tp", "ubndpquangtrung.tp"):
        found = world.store.db.read(lambda conn, name=name: principals.by_address(conn, f"{name}@{DOMAIN}"))
        assert found is not None
        assert Visitor(app).post("/dang-nhap", login=name, password="bất kỳ 123").status_code == 422
    for wrong in ({"unit_id": 0, "role": "unit_head"}, {"unit_id": world.id("qlxd"), "role": ""}):
        assert add(keeper, kind="post", name="phó", **wrong).status_code == 422


@pytest.mark.requirement("R-054")
def test_an_account_is_locked_and_opened_for_a_reason_that_is_kept(
    keeper: Visitor, specialist: Visitor, world: World
) -> None:
    path = f"/nhan-su/{world.id('vankhain')}"
    assert keeper.post(f"{path}/khoa", reason=" ").status_code == 422
    assert specialist.get("/viec").status_code == 200
    locked = keeper.post(f"{path}/khoa", reason="Giám đốc quyết định, 12/11")
    assert locked.status_code == 303 and "đang khóa" in text_of(keeper.get("/nhan-su/"))
    assert specialist.get("/viec").status_code == 303
    assert keeper.post(f"{path}/mo-khoa", reason="Hết thời gian tạm dừng").status_code == 303
    assert specialist.signed_in("vankhain").get("/viec").status_code == 200
    told = message_from_bytes(world.octets("vankhain", "INBOX")).get_payload(decode=True)
    assert isinstance(told, bytes) and "Hết thời gian tạm dừng" in told.decode()
    log = text_of(keeper.get("/nhan-su/vai-tro"))
    assert "khóa tài khoản: Giám đốc quyết định, 12/11" in log
    own = f"/nhan-su/{world.id('anl')}/khoa"
    assert keeper.post(own, reason="chính mình").status_code == 404
    assert specialist.post(f"{path}/khoa", reason="không được").status_code == 404


@pytest.mark.requirement("R-055")
def test_rights_follow_the_role_and_who_gave_it_stands_in_the_log(
    keeper: Visitor, specialist: Visitor, outsider: Visitor, world: World
) -> None:
    assert "Vào sổ" not in specialist.get("/viec").text
    matrix = text_of(keeper.get("/nhan-su/vai-tro"))
    assert "Vào sổ văn bản đến" in matrix and "Văn thư" in matrix and "Nguyễn Văn Khải (Phòng Quy hoạch" in matrix
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b", matrix)  # every right is told in words
    path = f"/nhan-su/{world.id('vankhain')}/sua"
    fields = {"family": "Nguyễn", "middle": "Văn", "given": "Khải", "unit_id": world.id("qhkt"), "roles": "it_admin"}
    assert specialist.get("/nhan-su/").status_code == 404
    assert keeper.post(path, **fields, approval=APPROVAL).status_code == 303
    assert specialist.get("/nhan-su/").status_code == 200
    log = text_of(keeper.get("/nhan-su/vai-tro"))
    assert "Vai trò: Chuyên viên → Quản trị hệ thống · Lê Ân" in log and "Giám đốc duyệt" in log


@pytest.mark.requirement("R-050")
def test_people_ask_for_changes_which_administrators_make_or_refuse(
    keeper: Visitor, specialist: Visitor, world: World
) -> None:
    person_id = world.id("vankhain")
    assert specialist.get(f"/nhan-su/{person_id}/sua").status_code == 404
    own = text_of(specialist.get("/tai-khoan/thong-tin/"))
    assert "Nguyễn Văn Khải" in own and "Phòng Quy hoạch" in own
    assert specialist.post("/tai-khoan/thong-tin/", wish=" ").status_code == 422
    for wish in ("Chuyển sang phòng QLXD", "Gọi tôi là Giám đốc"):
        assert specialist.post("/tai-khoan/thong-tin/", wish=wish).status_code == 303
    assert facts(world, person_id).unit_id == world.id("qhkt")
    page = keeper.get("/nhan-su/de-nghi")
    first, second = [int(one) for one in re.findall(r"de_nghi=(\d+)", page.text)]
    form = keeper.get(f"/nhan-su/{person_id}/sua?de_nghi={first}")
    assert "Chuyển sang phòng QLXD" in text_of(form) and f'name="request_id" value="{first}"' in form.text
    fields = {"family": "Nguyễn", "middle": "Văn", "given": "Khải", "unit_id": world.id("qlxd"), "roles": "specialist"}
    path = f"/nhan-su/{person_id}/sua"
    assert keeper.post(path, **fields, approval=APPROVAL, request_id=first).status_code == 303
    assert keeper.post(path, **fields, approval=APPROVAL, request_id=first).status_code == 404
    assert facts(world, person_id).unit_id == world.id("qlxd")
    assert specialist.post(f"/nhan-su/de-nghi/{second}/tu-choi", reason="x").status_code == 404
    assert keeper.post(f"/nhan-su/de-nghi/{second}/tu-choi", reason="Chưa có quyết định").status_code == 303
    assert keeper.post(f"/nhan-su/de-nghi/{second}/tu-choi", reason="Chưa có quyết định").status_code == 404
    answers = text_of(specialist.get("/tai-khoan/thong-tin/"))
    assert "đã sửa" in answers and "bị từ chối" in answers and "Chưa có quyết định" in answers
    told = message_from_bytes(world.octets("vankhain", "INBOX")).get_payload(decode=True)
    assert isinstance(told, bytes) and "Chưa có quyết định" in told.decode()


def test_nobody_fills_the_list_of_wishes(specialist: Visitor) -> None:
    answers = [specialist.post("/tai-khoan/thong-tin/", wish=f"Sửa {n}").status_code for n in range(6)]
    assert answers == [303] * 5 + [422]


def test_a_staff_code_of_somebody_else_is_refused(keeper: Visitor, world: World) -> None:
    assert add(keeper, given="Bình", staff_code="CB1").status_code == 201
    path = f"/nhan-su/{world.id('vankhain')}/sua"
    fields = {"family": "Nguyễn", "middle": "Văn", "given": "Khải", "unit_id": 0, "approval": APPROVAL}
    answer = keeper.post(path, **fields, staff_code="CB1")
    assert answer.status_code == 422 and "mỗi người một tài khoản" in text_of(answer)
    assert facts(world, world.id("vankhain")).staff_code is None
    assert keeper.get("/nhan-su/999999/sua").status_code == 404


def facts(world: World, person_id: int) -> Any:
    return world.store.db.read(lambda conn: facts_of(conn, person_id))
