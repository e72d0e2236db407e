"""A list of staff brought in by the browser."""

from __future__ import annotations

import io
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mailserver.actor import SYSTEM
from mailserver.directory import lists, principals
from mailserver.directory.lists_schema import staff_list, staff_list_row
from mailserver.directory.schema import person
from routing.staff_lists import MOST_ROWS, StaffLists
from tests.routing.world import DOMAIN, World
from tests.webmail.staff.lists import HEADINGS, as_csv, as_xlsx, bring_in, passwords, put
from tests.webmail.visitor import Visitor, text_of
from webmail.services import WebServices

MINH = ("CB01", "Nguyễn Văn Minh", "11/02/1973", "QLXD", "Chuyên viên", "")
DAO = ("CB02", "Đặng Thị Hồng Đào", "3-8-1980", "Phòng Quản lý xây dựng", "Chuyên viên", "")
NOWHERE = ("CB03", "Lê Bình", "", "KHÔNG CÓ", "", "")
UNBORN = ("CB04", "Lê Cảnh", "32/13/1990", "VP", "", "")


def count(world: World) -> int:
    return world.store.db.read(lambda conn: int(conn.execute(select(func.count()).select_from(person)).scalar_one()))


@pytest.mark.requirement("R-040", "R-042", "R-043")
def test_a_list_is_previewed_imported_and_its_passwords_handed_out_once(
    keeper: Visitor, app: Flask, world: World
) -> None:
    before = count(world)
    answer = put(keeper, as_csv(MINH, NOWHERE, DAO, UNBORN))
    assert answer.status_code == 303
    preview = text_of(keeper.follow(answer))
    assert f"minhnv@{DOMAIN}" in preview and "2 sẽ tạo mới" in preview and "2 lỗi" in preview
    assert "Cột “Đơn vị”: Không có đơn vị này." in preview
    assert "Cột “Ngày sinh”: Ngày sinh không đúng dạng ngày/tháng/năm." in preview
    assert count(world) == before

    path = answer.location
    result = text_of(keeper.follow(keeper.post(f"{path}/chay")))
    assert "2 đã tạo mới" in result and "2 lỗi" in result and "402/QĐ-SXD" in result
    assert count(world) == before + 2
    first = passwords(keeper, path)
    assert set(first) == {f"minhnv@{DOMAIN}", f"daodth@{DOMAIN}"}
    assert keeper.post(f"{path}/mat-khau", do="show").status_code == 409
    assert keeper.post(f"{path}/mat-khau", do="download").status_code == 409
    assert "đã trao lúc" in text_of(keeper.get(path))

    newcomer = Visitor(app).signed_in(f"minhnv@{DOMAIN}", first[f"minhnv@{DOMAIN}"])
    assert newcomer.get("/viec").location == "/doi-mat-khau"
    approved = "SELECT count(*) FROM audit WHERE action = 'account.approved'"
    assert world.store.db.read(lambda conn: conn.exec_driver_sql(approved).scalar()) == 2


@pytest.mark.requirement("R-040")
def test_the_same_list_again_makes_nobody_and_what_it_says_otherwise_is_changed(keeper: Visitor, world: World) -> None:
    bring_in(keeper, as_csv(MINH, DAO))
    after = count(world)
    moved = ("CB01", "Nguyễn Văn Minh", "11/02/1973", "VP", "Phó phòng", "")
    preview = text_of(keeper.follow(put(keeper, as_csv(moved, DAO))))
    assert "1 sẽ thay đổi" in preview and "1 không đổi" in preview
    assert "Đơn vị: QLXD → VP" in preview and "Vai trò: Chuyên viên → Phó phòng" in preview
    path = bring_in(keeper, as_csv(moved, DAO))
    assert "1 đã thay đổi" in text_of(keeper.get(path))
    assert keeper.post(f"{path}/mat-khau").status_code == 409
    again = text_of(keeper.follow(put(keeper, as_csv(moved, DAO))))
    assert "2 không đổi" in again and count(world) == after


@pytest.mark.requirement("R-040")
def test_one_person_in_two_rows_is_told_before_anything_is_done_and_the_first_row_holds(
    keeper: Visitor, world: World
) -> None:
    before, twice = count(world), ("CB01", "Nguyễn Văn Minh", "11/02/1973", "VP", "Phó phòng", "")
    answer = put(keeper, as_csv(MINH, DAO, twice))
    preview, said = text_of(keeper.follow(answer)), "Cột “Họ và tên”: Cùng một người với dòng 2"
    assert said in preview and "2 sẽ tạo mới" in preview and "1 lỗi" in preview and "thay đổi" not in preview
    result = text_of(keeper.follow(keeper.post(f"{answer.location}/chay")))
    assert said in result and "2 đã tạo mới" in result and count(world) == before + 2


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (as_csv(MINH, delimiter=";"), "a.csv"),
        (as_csv(MINH, encoding="utf-16", delimiter="\t"), "a.csv"),
        (as_xlsx(MINH), "a.XLSX"),
    ],
    ids=["semicolons", "utf-16", "workbook"],
)
def test_lists_come_as_offices_save_them(keeper: Visitor, octets: bytes, name: str) -> None:
    assert f"minhnv@{DOMAIN}" in text_of(keeper.follow(put(keeper, octets, name)))


@pytest.mark.parametrize(
    ("octets", "name", "said"),
    [
        (b"", "a.csv", "Hãy chọn một tệp"),
        (b"PK\x03\x04 no workbook", "a.xlsx", "Không đọc được tệp"),
        (as_xlsx(MINH)[:-200], "a.xlsx", "Không đọc được tệp"),
        (b"a;b\n1;2\n", "a.csv", "Thiếu cột “Họ và tên”"),
        (as_csv(*[("", f"Lê Văn {n}", "", "", "", "") for n in range(MOST_ROWS + 1)]), "a.csv", "Tệp quá lớn"),
    ],
    ids=["nothing", "no archive", "cut off", "no names", "too many"],
)
def test_what_is_no_list_is_refused_with_a_sentence(keeper: Visitor, octets: bytes, name: str, said: str) -> None:
    answer = put(keeper, octets, name)
    assert answer.status_code == 422 and said in text_of(answer)


def test_without_an_approval_nothing_is_put_down(keeper: Visitor) -> None:
    answer = put(keeper, as_csv(MINH), approval=" ")
    assert answer.status_code == 422 and "ai đã duyệt" in text_of(answer)


def test_it_goes_on_where_it_was_cut_off_and_two_at_once_make_nobody_twice(
    keeper: Visitor, services: WebServices, world: World
) -> None:
    people = [(f"N{n}", f"Lê Văn {'ABCDEFGH'[n % 8]}{'abcdefgh'[n // 8]}", "", "", "", "") for n in range(20)]
    before = count(world)
    path = put(keeper, as_csv(*people)).location or ""
    half = keeper.follow(keeper.post(f"{path}/chay"))
    assert "Đã nhập 15 / 20 dòng." in text_of(half)
    assert keeper.post(f"{path}/mat-khau").status_code in (201, 409)
    own = StaffLists(world.store.db, services.vault, world.actor("anl"), services.clock())
    found, start = own.get(int(path.rpartition("/")[2])), Barrier(2)

    def work() -> None:
        start.wait()
        own.go_on(found)

    threads = [Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert count(world) == before + 20
    assert "20 đã tạo mới" in text_of(keeper.get(path))


def test_with_scripts_the_page_goes_on_by_itself(keeper: Visitor) -> None:
    people = [(f"N{n}", f"Lê Văn {'ABCDEFGH'[n % 8]}{'abcdefgh'[n // 8]}", "", "", "", "") for n in range(17)]
    path = put(keeper, as_csv(*people)).location or ""
    part = keeper.client.post(f"{path}/chay", data={"csrf_token": keeper.token()}, headers={"HX-Request": "true"})
    assert 'hx-trigger="load"' in part.text and "15 / 17" in part.text and "<html" not in part.text
    last = keeper.client.post(f"{path}/chay", data={"csrf_token": keeper.token()}, headers={"HX-Request": "true"})
    assert last.headers["HX-Redirect"] == path


def test_passwords_come_as_a_file_and_no_cell_is_a_formula(keeper: Visitor) -> None:
    path = bring_in(keeper, as_csv(("", "=cmd Minh", "", "", "", "minh.cong-thuc")))
    file = keeper.post(f"{path}/mat-khau", do="download")
    lines = file.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[1].startswith("'=cmd Minh,minh.cong-thuc@")
    assert "attachment" in file.headers["Content-Disposition"]
    assert keeper.post(f"{path}/mat-khau", do="download").status_code == 409
    assert keeper.get("/nhan-su/nhap/mau.csv").data.decode("utf-8-sig").strip() == ",".join(HEADINGS)


def test_lists_are_for_administrators_of_the_agency(keeper: Visitor, specialist: Visitor, world: World) -> None:
    path = put(keeper, as_csv(MINH)).location or ""
    assert specialist.get("/nhan-su/nhap").status_code == 404
    assert specialist.get(path).status_code == 404
    assert specialist.post(f"{path}/chay").status_code == 404
    assert specialist.post("/nhan-su/nhap", file=(io.BytesIO(as_csv(MINH)), "a.csv"), approval="tôi").status_code == 404
    assert keeper.get("/nhan-su/nhap/999").status_code == 404
    assert principals_named(world, "Nguyễn Văn Minh") == 0


def test_what_is_secret_in_a_list_is_encrypted_and_forgotten(keeper: Visitor, world: World) -> None:
    path = bring_in(keeper, as_csv(MINH))
    waiting = put(keeper, as_csv(DAO)).location or ""

    def raw_rows() -> list[bytes]:
        query = select(staff_list_row.c.sealed).where(staff_list_row.c.sealed.is_not(None))
        rest = select(staff_list.c.sealed).where(staff_list.c.sealed.is_not(None))
        return world.store.db.read(lambda conn: [*conn.execute(query).scalars(), *conn.execute(rest).scalars()])

    kept = raw_rows()
    assert len(kept) == 2 and not any(b"Minh" in one or "Đào".encode() in one for one in kept)
    assert world.store.db.write(lists.forget_tx, SYSTEM) == 0 and len(raw_rows()) == 2

    def age(tx: lists.Tx) -> None:
        tx.conn.execute(update(staff_list).values(created_at=tx.now - lists.KEPT - timedelta(seconds=1)))

    world.store.db.write(age, SYSTEM)
    world.store.db.write(lists.forget_tx, SYSTEM)
    assert raw_rows() == []
    assert keeper.post(f"{path}/mat-khau").status_code == 409
    assert "quá hạn" in text_of(keeper.get(waiting))
    assert keeper.post(f"{waiting}/chay").status_code == 409


def principals_named(world: World, name: str) -> int:
    found = world.store.db.read(lambda conn: principals.people(conn, world.agency_id))
    return sum(one.name == name for one in found)
