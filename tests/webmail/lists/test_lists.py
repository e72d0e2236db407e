"""Distribution lists in the browser: made by an administrator, kept by their owners, left by members."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.routing.world import DOMAIN, World
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, text_of

INDEX = "/danh-sach-thu/"


@pytest.fixture
def admin(world: World, app: Flask) -> Visitor:
    make_admin(world, world.agency_id, "tuanht")
    return Visitor(app).signed_in("tuanht")


def undo(visitor: Visitor, page: str) -> str:
    """Press the button of the notice."""
    form = re.search(r'<form[^>]*action="([^"]+)"[^>]*>((?:(?!</form>).)*Hoàn tác.*?)</form>', page, re.S)
    assert form is not None, page
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    return text_of(visitor.follow(visitor.post(form[1], **{k: v for k, v in fields.items() if k != "csrf_token"})))


@pytest.mark.requirement("R-027")
def test_a_list_from_making_to_closing(
    world: World, admin: Visitor, head: Visitor, specialist: Visitor, app: Flask
) -> None:
    assert "Chưa có danh sách nào" in text_of(specialist.get(INDEX))
    assert specialist.get(f"{INDEX}moi").status_code == 404
    settings = {"posting": "posters", "reply_to": "author", "shown_to": "members"}
    missing = admin.post(f"{INDEX}moi", title="", local_part="", **settings)
    assert missing.status_code == 422 and "Hãy nhập tên." in missing.text and "trước dấu @" in missing.text
    made = admin.post(f"{INDEX}moi", title="Toàn Sở", local_part="toanso", **settings)
    place = made.location
    assert "Đã lập danh sách “Toàn Sở”" in admin.follow(made).text
    assert admin.post(f"{INDEX}moi", title="Nữa", local_part="toanso", **settings).status_code == 422

    # Members are looked through first, then added, taken out, and put back.
    text = f"vankhain@{DOMAIN}\r\nkhong@{DOMAIN}\r\nba@far.test\r\ntuanht@{DOMAIN}"
    looked = text_of(admin.post(f"{place}/them", text=text, do="preview"))
    assert "sẽ thêm" in looked and "cơ quan không có địa chỉ này" in looked and "không nhận thành viên ngoài" in looked
    assert "Chưa có thành viên" in text_of(admin.get(place))
    assert "Đã thêm 2 thành viên." in admin.follow(admin.post(f"{place}/them", text=text, do="add")).text
    member = f"{world.id('vankhain')}:mailbox"
    removed = admin.follow(admin.post(f"{place}/thanh-vien", do="remove", member=member)).text
    assert "Đã bỏ 1 thành viên." in removed and f"vankhain@{DOMAIN}" not in removed.partition('id="members"')[2]
    assert "Đã đưa lại 1 thành viên." in undo(admin, removed)

    # An owner keeps it, but does not open it to the outside, nor close it.
    assert head.post(f"{place}/vai-tro", role="poster", do="give", address=f"vankhain@{DOMAIN}").status_code == 404
    admin.post(f"{place}/vai-tro", role="owner", do="give", address=f"khoivd@{DOMAIN}")
    kept = head.post(f"{place}/cach-nhan", title="Toàn Sở XD", takes_outside="y", may_leave="y", **settings)
    assert "Đã lưu." in head.follow(kept).text
    assert head.post(f"{place}/ngung", do="close").status_code == 404
    assert head.post(f"{place}/vai-tro", role="owner", do="give", address=f"vankhain@{DOMAIN}").status_code == 404
    assert "danh sách không nhận thành viên ngoài" in text_of(head.post(f"{place}/them", text="ba@far.test"))
    history = text_of(head.get(place))
    assert "Lập danh sách" in history and "tên, tự rời" in history

    # Who may not write is told so where the letter is written.
    letter = {"to": f"toanso@{DOMAIN}", "identity": f"vankhain@{DOMAIN}", "subject": "x", "text": "y", "do": "send"}
    refused = specialist.post("/thu/soan", **letter)
    assert "Bạn không có quyền gửi thư tới danh sách này" in text_of(refused)
    assert "bạn không được gửi" in text_of(specialist.get(INDEX))
    head.post(f"{place}/vai-tro", role="poster", do="give", address=f"vankhain@{DOMAIN}")
    assert "bạn không được gửi" not in text_of(specialist.get(INDEX))

    # A member leaves, and comes back.
    left = specialist.follow(specialist.post(f"{place}/roi", do="leave")).text
    assert "Bạn đã rời danh sách này." in left
    assert f"tuanht@{DOMAIN}" not in text_of(specialist.get(place))  # only members see members
    assert "Bạn lại nhận thư của danh sách này." in undo(specialist, left)
    assert f"tuanht@{DOMAIN}" in text_of(specialist.get(place))

    closed = admin.follow(admin.post(f"{place}/ngung", do="close")).text
    assert "ngừng nhận thư" in closed and "Toàn Sở XD" not in text_of(specialist.get(INDEX))
    assert "Danh sách lại nhận thư." in undo(admin, closed)
    assert head.get(f"{INDEX}999999").status_code == 404
