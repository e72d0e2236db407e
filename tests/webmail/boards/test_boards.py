"""Shared folders in the browser: made by the office, posted in by whom the regulation names, read by all."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from mailbox_policies import chain
from mailbox_policies.rules.forbidden_classes import Settings
from mailserver.actor import SYSTEM
from mailserver.boards.kinds import BoardKind
from mailserver.store import quota, raw
from mailserver.store.store import Store
from routing import boards
from tests.routing.world import World
from tests.webmail.visitor import Visitor, hidden, text_of
from tests.webmail.world import web_services, web_settings, with_passwords
from webmail.app import create_app
from webmail.services import WebServices

INDEX = "/thu-muc-chung/"


def made(world: World, kind: BoardKind, name: str = "Bảng tin", poster: str = "") -> str:
    """The address of a new folder of this kind."""
    work = world.store.db.write(lambda tx: boards.create_tx(tx, world.agency_id, name, kind, poster), SYSTEM)
    return f"{INDEX}{work.id}"


def put_up(visitor: Visitor, board: str, subject: str, **more: Any) -> str:
    """What the page says after it."""
    answer = visitor.post(f"{board}/dang", subject=subject, text="Nội dung", **more)
    return (visitor.follow(answer) if answer.status_code == 303 else answer).text


def uid_of(visitor: Visitor, board: str, subject: str) -> int:
    found = re.search(rf'/(\d+)"[^>]*>{re.escape(subject)}</a>', visitor.get(board).text)
    assert found is not None
    return int(found.group(1))


@pytest.mark.requirement("R-101")
def test_the_office_makes_renames_and_closes_a_folder_and_others_cannot(
    world: World, clerk: Visitor, specialist: Visitor
) -> None:
    answer = clerk.post(INDEX, name="Biểu mẫu", kind="other")
    board = answer.location
    assert "Đã tạo thư mục “Biểu mẫu”." in clerk.follow(answer).text
    clerk.post(f"{board}/thiet-ke", do="rename", name="Biểu mẫu chung")
    assert "Biểu mẫu chung" in text_of(specialist.get(INDEX))
    assert specialist.post(INDEX, name="Của tôi", kind="open").status_code == 404
    assert specialist.post(f"{board}/thiet-ke", do="retire").status_code == 404
    clerk.post(f"{board}/thiet-ke", do="add", poster="vankhain")
    assert "Đã đăng bài." in put_up(specialist, board, "Mẫu đơn")
    clerk.post(f"{board}/thiet-ke", do="retire")
    page = specialist.get(board).text
    assert "đã ngừng dùng" in page and "Mẫu đơn" in page and 'name="subject"' not in page
    assert "đã ngừng dùng; không đăng thêm" in put_up(specialist, board, "Mẫu khác")
    clerk.post(f"{board}/thiet-ke", do="reopen")
    assert 'name="subject"' in specialist.get(board).text


@pytest.mark.requirement("R-106")
def test_a_leader_posts_a_notice_and_only_the_leader_changes_it(world: World, director: Visitor, head: Visitor) -> None:
    board = made(world, BoardKind.NOTICE)
    assert "Đã đăng bài." in put_up(director, board, "Nghỉ Tết", files=(io.BytesIO(b"lich"), "lich.txt"))
    uid = uid_of(director, board, "Nghỉ Tết")
    assert 'name="subject"' not in head.get(board).text
    assert "Bạn không có quyền đăng" in put_up(head, board, "Nghỉ bù")
    refused = head.follow(head.post(f"{board}/go", uid=uid)).text
    assert "Bài này do Phùng Khắc Trường đăng" in refused
    assert "Bài này do" in put_up(head, board, "Sửa", replaces=uid) and "Nghỉ Tết" in head.get(board).text
    assert "Đã sửa bài; bản trước được lưu." in put_up(director, board, "Nghỉ Tết (đính chính)", replaces=uid)
    page = text_of(head.get(board))
    assert "Nghỉ Tết (đính chính)" in page and page.count("Nghỉ Tết") == 1
    assert len(world.uids("sxd", "Bài đã gỡ")) == 1


@pytest.mark.requirement("R-105")
def test_an_own_post_is_taken_down_and_put_back(world: World, specialist: Visitor, head: Visitor) -> None:
    board = made(world, BoardKind.OPEN)
    put_up(specialist, board, "Nhặt được chìa khóa")
    page = specialist.follow(specialist.post(f"{board}/go", uid=uid_of(specialist, board, "Nhặt được chìa khóa")))
    assert "Nhặt được chìa khóa" not in text_of(head.get(board))
    back = hidden(page, "uid")
    assert "Bài này do" in head.follow(head.post(f"{board}/dua-lai", uid=back)).text
    specialist.post(f"{board}/dua-lai", uid=back)
    assert "Nhặt được chìa khóa" in text_of(head.get(board))
    acts = "SELECT action FROM audit WHERE action LIKE 'board.%' ORDER BY id"
    assert [row[0] for row in world.store.db.read(lambda conn: raw.rows(conn, acts))] == [
        "board.created",
        "board.taken_down",
        "board.put_back",
    ]


@pytest.mark.requirement("R-115")
def test_unread_posts_are_counted_for_each_and_readers_for_all(
    world: World, specialist: Visitor, head: Visitor
) -> None:
    board = made(world, BoardKind.OPEN)
    put_up(specialist, board, "Lịch tuần")
    assert "1 chưa đọc" in text_of(head.get(INDEX)) and head.get("/dem").get_json()["boards"] == 1
    head.get(f"/thu/{board.rpartition('/')[2]}/{uid_of(head, board, 'Lịch tuần')}")
    assert "chưa đọc" not in text_of(head.get(INDEX)) and head.get("/dem").get_json()["boards"] == 0
    assert "1 người đã đọc" in text_of(specialist.get(board))


@pytest.mark.requirement("R-109")
def test_only_the_assigned_drafter_asks_the_whole_agency(world: World, specialist: Visitor, director: Visitor) -> None:
    board = made(world, BoardKind.COMMENTS, "Lấy ý kiến/Quy chế thư", "vankhain")
    assert "Bạn không có quyền đăng" in put_up(director, board, "Dự thảo của tôi")
    assert "Đã đăng bài." in put_up(specialist, board, "Dự thảo quy chế")


def test_the_form_says_what_is_missing_and_bad_names_are_refused(world: World, clerk: Visitor) -> None:
    board = made(world, BoardKind.OPEN)
    answer = clerk.post(f"{board}/dang", subject="", text="Chữ đã viết")
    assert answer.status_code == 422 and "Chữ đã viết" in answer.text
    assert wrong_of(answer.text) == {"subject": "Hãy ghi tiêu đề."}
    for field, fields in (("subject", {"subject": "x" * 201, "text": "Chữ"}), ("text", {"subject": "Tên", "text": ""})):
        answer = clerk.post(f"{board}/dang", **fields)
        assert answer.status_code == 422 and list(wrong_of(answer.text)) == [field]
    for name, said in (("Bảng tin", "Đã có thư mục"), ("a//b", "Tên thư mục không hợp lệ")):
        assert said in clerk.follow(clerk.post(INDEX, name=name, kind="open")).text
    again = clerk.follow(clerk.post(INDEX, name="Khác", kind="open", poster="khong-co"))
    assert "Cơ quan không có địa chỉ này." in again.text


def wrong_of(page: str) -> dict[str, str]:
    """What stands beside the fields that it is about."""
    return dict(re.findall(r'<span class="error" id="(\w+)-error">([^<]+)</span>', page))


@pytest.mark.requirement("R-114")
@pytest.mark.parametrize("profile", ["tn", "kt"])
def test_where_the_regulation_says_so_only_the_office_publishes(store: Store, profile: str, tmp_path: Path) -> None:
    world = with_passwords(store, profile)
    services = web_services(world)
    app = create_app(services, web_settings(tmp_path / "cache"))
    director, chief = (Visitor(app).signed_in(name) for name in ("truongpk", "vinhbt"))
    for kind in (BoardKind.SCHEDULE, BoardKind.NOTICE, BoardKind.OTHER):
        board = made(world, kind, f"Bảng {kind.value}")
        assert "Bạn không có quyền đăng" in put_up(director, board, "Chương trình")
        assert "Đã đăng bài." in put_up(chief, board, "Chương trình")
    services.auth.close()


def test_strangers_of_the_folder_see_nothing(app: Flask, world: World, specialist: Visitor) -> None:
    assert specialist.get(f"{INDEX}{world.folder('sxd', 'INBOX')}").status_code == 404
    assert specialist.get(f"{INDEX}999999").status_code == 404


def test_a_new_version_keeps_the_files_that_are_left_ticked(world: World, director: Visitor, head: Visitor) -> None:
    board = made(world, BoardKind.NOTICE)
    put_up(director, board, "Nghỉ Tết", files=(io.BytesIO(b"lich"), "lich.txt"))
    uid = uid_of(director, board, "Nghỉ Tết")
    form = director.get(f"{board}/{uid}/sua").text
    assert "Sửa bài đã đăng" in form and "lich.txt" in form and ">Nội dung</textarea>" in form
    assert "lich.txt" not in head.get(f"{board}/{uid}/sua").text, "somebody else's"
    put_up(director, board, "Nghỉ Tết, sửa", replaces=uid, files=(io.BytesIO(b"them"), "them.txt"))
    stored = world.octets("sxd", "Bảng tin")
    assert b"lich.txt" in stored and b"them.txt" in stored
    uid = uid_of(director, board, "Nghỉ Tết, sửa")
    put_up(director, board, "Nghỉ Tết, sửa nữa", replaces=uid, chosen="1", keep="3")
    stored = world.octets("sxd", "Bảng tin")
    assert b"lich.txt" not in stored and b"them.txt" in stored


def test_a_post_is_asked_about_as_a_letter_is(world: World, services: WebServices, specialist: Visitor) -> None:
    board = made(world, BoardKind.OPEN)
    services.delivery.policy = chain.standard(chain.for_all(chain.Settings(Settings(True, True, True, True))))
    answer = specialist.post(f"{board}/dang", subject="Kế hoạch", text="TỐI MẬT\n\nKính gửi các anh chị,")
    assert answer.status_code == 422 and "dấu hiệu văn bản TỐI MẬT" in wrong_of(answer.text)["text"]
    assert world.uids("sxd", "Bảng tin") == []
    assert "Đã đăng bài." in put_up(specialist, board, "Mật ong rừng")


def test_a_full_mailbox_takes_no_posts(world: World, specialist: Visitor) -> None:
    board = made(world, BoardKind.OPEN)
    world.store.db.write(lambda tx: quota.limit_tx(tx, world.ids["sxd"], messages=1), SYSTEM)
    put_up(specialist, board, "Bài thứ nhất")
    answer = specialist.post(f"{board}/dang", subject="Bài thứ hai", text="Nội dung")
    assert answer.status_code == 409 and "đã hết chỗ" in answer.text and "Bài thứ hai" in answer.text
    assert len(world.uids("sxd", "Bảng tin")) == 1
