"""Khôi phục thư đã xóa: found, put back where it was, by whom it belongs to."""

from __future__ import annotations

import pytest
from flask import Flask

from mailserver.store import vault
from tests.mailbox_policies.retention.shelf import audited, put, subjects
from tests.routing.world import World
from tests.webmail.visitor import Visitor, links, text_of


@pytest.fixture
def owner(app: Flask, world: World) -> Visitor:
    return Visitor(app).signed_in("lamhs")


def ids(world: World, who: str) -> list[int]:
    return [one.id for one in world.store.db.read(lambda conn: vault.found_in(conn, world.id(who)))[0]]


@pytest.mark.requirement("R-087")
def test_what_somebody_deletes_for_good_comes_back_octet_for_octet(world: World, owner: Visitor) -> None:
    put(world, "lamhs", "Dự án", "Hợp đồng cầu")
    before = world.octets("lamhs", "Dự án")
    project, trash = world.folder("lamhs", "Dự án"), world.folder("lamhs", "Trash")
    owner.post(f"/thu/{project}/viec", uid="1", do="delete")
    owner.post(f"/thu/{trash}/viec", uid="1", do="destroy")
    assert subjects(world, "lamhs", "Trash") == []
    page = owner.get("/don-thu/khoi-phuc?q=hop dong")
    assert "Hợp đồng cầu" in text_of(page)
    assert "Hợp đồng cầu" not in text_of(owner.get("/don-thu/khoi-phuc?q=không có"))
    answer = owner.post("/don-thu/khoi-phuc", hop=str(world.id("lamhs")), id=str(ids(world, "lamhs")[0]))
    page = owner.follow(answer)
    assert "Đã khôi phục 1 thư" in page.text
    assert f"/thu/{trash}" in links(page)
    assert world.octets("lamhs", "Trash", 2) == before
    assert "Không có thư nào để khôi phục" in text_of(page)
    assert audited(world, "mail.restored") == 1


def test_others_mail_is_nobodys_to_see_or_take(world: World, owner: Visitor, outsider: Visitor) -> None:
    put(world, "lamhs", "INBOX", "Thư riêng")
    world.expunge("lamhs", "INBOX", 1, "lamhs")
    mine, theirs = str(world.id("anl")), str(world.id("lamhs"))
    (removed,) = ids(world, "lamhs")
    assert "Thư riêng" not in text_of(outsider.get("/don-thu/khoi-phuc"))
    assert outsider.get(f"/don-thu/khoi-phuc?hop={theirs}").status_code == 404
    assert outsider.post("/don-thu/khoi-phuc", hop=theirs, id=str(removed)).status_code == 404
    assert "Đã khôi phục 0 thư" in outsider.follow(outsider.post("/don-thu/khoi-phuc", hop=mine, id=str(removed))).text
    assert ids(world, "lamhs") == [removed]
    assert "Thư riêng" in text_of(owner.get("/don-thu/khoi-phuc"))


def test_the_head_takes_back_what_was_removed_from_the_units_mailbox(
    world: World, head: Visitor, outsider: Visitor
) -> None:
    put(world, "qhkt", "Archive", "Thư của phòng")
    world.expunge("qhkt", "Archive", 1, "vankhain")
    unit = str(world.id("qhkt"))
    said = text_of(head.get(f"/don-thu/khoi-phuc?hop={unit}"))
    assert "Thư của phòng" in said
    assert "Nguyễn Văn Khải xóa lúc" in said
    head.post("/don-thu/khoi-phuc", hop=unit, id=str(ids(world, "qhkt")[0]))
    assert subjects(world, "qhkt", "Archive") == ["Thư của phòng"]
    assert outsider.get(f"/don-thu/khoi-phuc?hop={unit}").status_code == 404


def test_nothing_chosen_is_said_and_nonsense_is_no_mail(world: World, owner: Visitor) -> None:
    own = str(world.id("lamhs"))
    assert "Chưa chọn thư nào" in owner.follow(owner.post("/don-thu/khoi-phuc", hop=own)).text
    assert owner.get("/don-thu/khoi-phuc?hop=99999999999999999999").status_code == 200
    assert owner.post("/don-thu/khoi-phuc", hop="x", id="1").status_code == 404
