"""The page of the audit: who may read it, what is found, and that reading it is a record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.directory import grants
from mailserver.store import auditsearch, raw
from tests.routing.inspection.test_deciding import give, in_force
from tests.routing.world import World
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, links, text_of
from webmail.auditlog import words

PAGE = "/nhat-ky/"


def records(world: World, action: str) -> list[dict[str, object]]:
    query = "SELECT detail FROM audit WHERE action = ? ORDER BY id"
    return [raw.from_json(row[0]) for row in world.store.db.read(lambda conn: raw.rows(conn, query, (action,)))]


def grant(world: World, owner: str, grantee: str) -> None:
    world.store.db.write(lambda tx: grants.grant_tx(tx, world.id(owner), world.id(grantee), ["read"], tx.now), SYSTEM)


def test_only_who_may_finds_it_and_each_look_is_a_record(
    world: World, director: Visitor, head: Visitor, clerk: Visitor, stranger: Visitor
) -> None:
    for visitor in (head, clerk):
        assert visitor.get(PAGE).status_code == 404
        assert PAGE not in visitor.get("/viec").text
    assert stranger.get(PAGE).status_code in (302, 303)
    assert records(world, "audit.read") == []
    assert PAGE in director.get("/viec").text
    assert "Phùng Khắc Trường" in text_of(director.get(f"{PAGE}?loai=session"))
    assert director.get(f"{PAGE}?co=web&loai=grant").status_code == 200
    looks = records(world, "audit.read")
    assert [one.get("kind") for one in looks] == ["session", "grant"]
    assert looks[1]["word"] == "web"
    assert "audit.read" in text_of(director.get(PAGE))


def test_records_are_found_by_person_mailbox_kind_day_and_word(world: World, director: Visitor) -> None:
    grant(world, "anl", "khoivd")
    grant(world, "lamhs", "vankhain")
    director.get("/van-ban/99999")

    def found(**asked: object) -> str:
        path = f"{PAGE}?" + "&".join(f"{name}={value}" for name, value in asked.items())
        return text_of(director.get(path)).rpartition("Bỏ lọc")[2]

    assert "grant.given" in found(cua=world.id("anl"))
    assert "Hồ Sỹ Lâm" not in found(cua=world.id("anl"), loai="grant")
    assert "access.refused" in found(ai=world.id("truongpk"))
    assert "grant.given" not in found(ai=world.id("truongpk"))
    assert "grant.given" not in found(loai="access")
    assert "/van-ban/99999" in found(co="VAN-BAN/99999")
    nothing = director.get(f"{PAGE}?den=2020-01-01")
    assert "Không có bản ghi nào như vậy" in text_of(nothing)
    assert "grant.given" in found(tu="2020-01-01", loai="grant")
    assert "Không có bản ghi nào" in text_of(director.get(f"{PAGE}?co=100%25"))
    for nonsense in ("tu=31/02/2026", "ai=x", "den=9999-12-31"):
        assert director.get(f"{PAGE}?{nonsense}").status_code == 422


def test_older_records_are_a_page_away(world: World, director: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditsearch, "PAGE", 2)
    for grantee in ("khoivd", "vankhain", "hoavc"):
        grant(world, "anl", grantee)
    first = director.get(f"{PAGE}?loai=grant")
    [older] = [one for one in links(first) if "truoc=" in one]
    second = director.get(older)
    assert text_of(first).count("grant.given") == 2
    assert text_of(second).count("grant.given") == 1


def test_an_inspection_is_seen_by_leaders_only_and_never_by_whom_it_is_about(
    world: World, app: Flask, director: Visitor
) -> None:
    make_admin(world, world.agency_id, "tuanht")
    admin = Visitor(app).signed_in("tuanht")
    in_force(world)
    assert "inspection.ordered" in text_of(director.get(PAGE))
    assert "inspection." not in text_of(admin.get(PAGE))
    assert "Không có bản ghi nào" in text_of(admin.get(f"{PAGE}?loai=inspection"))


def test_of_another_agency_nothing_is_found(world: World, director: Visitor) -> None:
    from mailserver.directory import agencies, people
    from mailserver.directory.records import PersonData

    def work(tx: object) -> None:
        other = agencies.create_agency_tx(tx, "STC", "Sở Tài chính", "stc.example", "hungbinh")  # type: ignore[arg-type]
        person = PersonData("Đỗ", "", "Ngoài", local_part="ngoai")
        people.create_person_tx(tx, other, person)  # type: ignore[arg-type]

    world.store.db.write(work, SYSTEM)
    shown = text_of(director.get(f"{PAGE}?loai=principal"))
    assert "Đỗ Ngoài" not in shown
    give(world)


RECORD = re.compile(r'record_tx\(\s*[^,"()]+,\s*(?:[^,"()]+,\s*)?f?"([a-z_]+)\.[a-z{]')


def test_every_kind_of_record_has_a_name_and_parts_are_written_for_people(app: Flask) -> None:
    rooms = ("mailserver", "mailbox_policies", "routing", "webmail", "deploy")
    root = Path(words.__file__).parents[2]
    written = {
        kind for room in rooms for file in (root / room).rglob("*.py") for kind in RECORD.findall(file.read_text())
    }
    assert "grant" in written and len(written) > 30
    with app.test_request_context():
        assert sorted(kind for kind in written if words.kind(f"{kind}.x") == kind) == []
        assert words.value(["a@x.example", {"b": True}, None]) == "a@x.example; b: có; –"
