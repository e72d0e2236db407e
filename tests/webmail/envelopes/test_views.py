"""Envelopes at the registry: handed over unopened, a receipt, nothing scanned; and the paper book's numbers."""

from __future__ import annotations

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.directory.principals import set_setting_tx
from mailserver.store import raw
from routing import intake
from tests.routing.world import FIELDS, World
from tests.webmail.visitor import Visitor, text_of

PAGE = "/vo-bi/"


@pytest.fixture
def addressee(app: Flask) -> Visitor:
    """Tạ Thị Ngọc Diễm, to whom the letter is."""
    return Visitor(app).signed_in("diemttn")


def enter(visitor: Visitor, world: World, **changed: str) -> int:
    fields = {"sender": "Bà Nguyễn Thị A", "code": "", "secrecy": "0", "addressee": str(world.id("diemttn"))}
    return visitor.post(PAGE, **(fields | changed)).status_code


def count(world: World, table: str) -> int:
    (found,) = world.store.db.read(lambda conn: raw.row(conn, f"SELECT count(*) FROM {table}")) or (0,)
    return int(found)


def allow_secret(world: World) -> None:
    world.store.db.write(lambda tx: set_setting_tx(tx, world.agency_id, "incoming.secret_stub", True), SYSTEM)


@pytest.mark.requirement("R-025")
def test_a_letter_to_a_person_alone_is_handed_over_unopened_with_a_receipt(
    world: World, clerk: Visitor, addressee: Visitor, director: Visitor, outsider: Visitor
) -> None:
    assert enter(clerk, world) == 303
    assert count(world, "document") == count(world, "document_file") == 0
    page = text_of(addressee.get(PAGE))
    assert "Bà Nguyễn Thị A" in page
    assert "đích danh" in page
    assert "Có bì thư chờ nhận, số 1" in text_of(addressee.get(f"/thu/{world.folder('diemttn', 'INBOX')}"))
    for other in (director, outsider):
        assert "Bà Nguyễn Thị A" not in text_of(other.get(PAGE))
        assert other.post(f"{PAGE}1/nhan").status_code == 404
    assert clerk.post(f"{PAGE}1/nhan").status_code == 404, "nobody signs for another"
    assert "chờ người nhận ký nhận" in text_of(clerk.get(PAGE))
    assert addressee.post(f"{PAGE}1/nhan").status_code == 303
    assert "đã nhận" in text_of(clerk.get(PAGE))
    assert addressee.post(f"{PAGE}1/nhan").status_code == 409
    assert clerk.post(f"{PAGE}1/rut").status_code == 409


def test_only_clerks_enter_and_a_mistake_is_taken_back(world: World, clerk: Visitor, addressee: Visitor) -> None:
    assert enter(addressee, world) == 403
    assert enter(clerk, world, sender=" ") == 422
    assert enter(clerk, world, addressee=str(world.id("qhkt"))) == 422, "a unit is no person"
    assert enter(clerk, world, addressee="x") == 422
    assert count(world, "envelope") == 0
    assert enter(clerk, world) == 303
    assert addressee.post(f"{PAGE}1/rut").status_code == 403
    assert clerk.post(f"{PAGE}1/rut").status_code == 303
    assert "Không có bì thư nào" in text_of(addressee.get(PAGE))
    assert addressee.post(f"{PAGE}1/nhan").status_code == 404


@pytest.mark.requirement("R-021")
def test_a_secret_document_is_refused_at_the_desk_and_only_its_envelope_noted_where_the_profile_says_so(
    world: World, clerk: Visitor, director: Visitor
) -> None:
    ref = world.arrive()
    here = f"/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}"
    form = clerk.get(here)
    fields = {"issuer": "UBND tỉnh", "summary": FIELDS.summary, "number": "1482", "notation": "UBND-KTN"}
    rest = {"type_name": "Công văn", "urgency": "0", "treatment": "task", "files": "2"}
    assert 'name="secrecy"' in form.text
    refused = clerk.post(here, **fields, **rest, secrecy="1")
    assert refused.status_code == 422
    assert "xử lý theo quy trình riêng" in text_of(refused)
    assert count(world, "document") == 0
    secret = {"secrecy": "2", "code": "12/UBND-NC", "addressee": str(world.id("giamdoc"))}
    assert enter(clerk, world, **secret) == 422
    allow_secret(world)
    assert enter(clerk, world, **secret) == 303
    assert "Tối mật" in text_of(director.get(PAGE))
    assert director.post(f"{PAGE}1/nhan").status_code == 303
    assert count(world, "document") == count(world, "document_file") == 0
    assert clerk.post(here, **fields, **rest, secrecy="0").status_code == 303


@pytest.mark.requirement("R-022")
def test_numbers_of_the_paper_book_are_never_given_by_the_system(
    world: World, clerk: Visitor, director: Visitor
) -> None:
    assert world.registered().number == 1
    for first, last in (("1", "3"), ("5", "4"), ("0", "1"), ("2", "999999"), ("x", "3")):
        assert clerk.post(f"{PAGE}so-giay", first=first, last=last).status_code == 422
    assert director.post(f"{PAGE}so-giay", first="2", last="4").status_code == 403
    assert clerk.post(f"{PAGE}so-giay", first="2", last="4").status_code == 303
    assert clerk.post(f"{PAGE}so-giay", first="6", last="6").status_code == 303
    assert clerk.post(f"{PAGE}so-giay", first="4", last="9").status_code == 422
    assert "2 – 4" in text_of(clerk.get(PAGE))
    ref = world.arrive()
    desk = clerk.get(f"/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}")
    assert "Số đến 5" in text_of(desk)
    numbers = [intake.register(world.store, world.actor("anhhtk"), ref, FIELDS, accept_duplicate=True).number]
    numbers += [world.registered().number for _again in range(2)]
    assert numbers == [5, 7, 8]
    assert clerk.post(f"{PAGE}so-giay", first="8", last="8").status_code == 422
