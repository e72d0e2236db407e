from __future__ import annotations

from datetime import date

from mailserver.directory import principals
from mailserver.directory.capabilities import holders_of, may, roles_of, today
from tests.mailserver.directory.conftest import Office

PROFILE = {
    "unit_head": frozenset({"assign"}),
    "registry": frozenset({"register_incoming"}),
    "director": frozenset({"assign", "statistics"}),
}


def can(office: Office, person: int, capability: str, unit: int | None = None) -> bool:
    return office.read(lambda conn: may(conn, PROFILE, person, capability, unit))


def test_roles_come_from_posts_and_from_the_person(office: Office) -> None:
    minh = office.person("minh", office.qlxd, "registry")
    office.post("tp", office.qlxd, "unit_head", minh)
    assert office.read(lambda conn: roles_of(conn, minh, today())) == {
        ("registry", office.qlxd),
        ("unit_head", office.qlxd),
    }
    assert office.read(lambda conn: roles_of(conn, minh, date(2019, 1, 1))) == {("registry", office.qlxd)}


def test_a_role_gives_what_the_regulation_says_and_no_more(office: Office) -> None:
    clerk = office.person("clerk", office.vp, "registry")
    assert can(office, clerk, "register_incoming")
    assert not can(office, clerk, "statistics")
    assert not can(office, clerk, "no such capability")
    assert not can(office, office.person("nobody"), "register_incoming")


def test_a_unit_heads_capability_ends_at_the_unit(office: Office) -> None:
    head = office.person("head")
    office.post("tp", office.qlxd, "unit_head", head)
    team = office.write(
        lambda tx: principals.create_unit_tx(tx, office.agency, "TO1", "Tổ 1", "to1", parent_id=office.qlxd)
    )
    assert can(office, head, "assign")
    assert can(office, head, "assign", office.qlxd)
    assert can(office, head, "assign", team)
    assert not can(office, head, "assign", office.vp)


def test_a_directors_capability_is_for_the_whole_agency(office: Office) -> None:
    director = office.person("director")
    office.post("gd", office.vp, "director", director)
    assert can(office, director, "assign", office.qlxd)


def test_the_holders_of_a_role_are_found(office: Office) -> None:
    one, two, left = (office.person(name, office.vp, "it_admin") for name in ("one", "two", "left"))
    office.write(lambda tx: principals.leave_tx(tx, left))
    assert office.read(lambda conn: holders_of(conn, office.agency, "it_admin")) == [one, two]
    assert office.read(lambda conn: holders_of(conn, office.agency, "director")) == []
