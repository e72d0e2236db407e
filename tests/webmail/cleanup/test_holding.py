"""Giữ theo lệnh: administrators hold mailboxes, people and messages, and nothing held is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.mailbox_policies.retention.shelf import audited, put, run, subjects
from tests.routing.world import DOMAIN, World
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, text_of


@pytest.fixture
def admin(world: World, app: Flask) -> Visitor:
    make_admin(world, world.agency_id, "tuanht")
    return Visitor(app).signed_in("tuanht")


def test_a_mailbox_is_held_by_an_order_and_let_go(world: World, admin: Visitor) -> None:
    put(world, "lamhs", "Junk", "Quảng cáo")
    fields = {"loai": "mailbox", "gi": f"lamhs@{DOMAIN}", "ly_do": "Thanh tra 12/QĐ-TTr", "den": ""}
    page = admin.follow(admin.post("/don-thu/giu", **fields))
    said = text_of(page)
    assert f"lamhs@{DOMAIN}" in said
    assert "Thanh tra 12/QĐ-TTr" in said
    assert "không thời hạn" in said
    run(world, datetime.now(UTC) + timedelta(days=25))
    assert run(world, datetime.now(UTC) + timedelta(days=40)).removed == 0
    assert subjects(world, "lamhs", "Junk") == ["Quảng cáo"]
    assert "đã thôi giữ" in text_of(admin.follow(admin.post("/don-thu/giu/1/thoi")))
    assert admin.post("/don-thu/giu/1/thoi").status_code == 404
    assert (audited(world, "retention.held"), audited(world, "retention.released")) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"gi": "nobody@x.test"}, "không có hộp thư, người hoặc thư này"),
        ({"gi": ""}, "không có hộp thư, người hoặc thư này"),
        ({"ly_do": ""}, "Hãy ghi lệnh và lý do"),
        ({"den": "2001-01-01"}, "Ngày phải sau hôm nay"),
        ({"den": "mai"}, "Ngày phải sau hôm nay"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    admin: Visitor, fields: dict[str, str], error: str
) -> None:
    typed = {"loai": "person", "gi": f"lamhs@{DOMAIN}", "ly_do": "Lệnh 12", "den": "", **fields}
    answer = admin.post("/don-thu/giu", **typed)
    assert answer.status_code == 422
    assert error in text_of(answer)
    assert all(f'value="{value}"' in answer.text for value in (typed["gi"], typed["ly_do"]) if value)


def test_only_for_administrators(director: Visitor, outsider: Visitor) -> None:
    for visitor in (director, outsider):
        assert visitor.get("/don-thu/giu").status_code == 404
        assert visitor.post("/don-thu/giu", loai="mailbox", gi=f"anl@{DOMAIN}", ly_do="x").status_code == 404
        assert visitor.post("/don-thu/giu/1/thoi").status_code == 404
