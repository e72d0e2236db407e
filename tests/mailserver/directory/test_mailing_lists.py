"""Members of lists, what units stand for, many at once, and what is left in the audit."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mailserver.directory import mailing_changes, mailing_import, mailing_lists, principals
from mailserver.directory.errors import AddressInvalid, MembershipCycle, NotElsewhere
from mailserver.directory.mailing_changes import OutsideNotTaken, Wanted
from mailserver.directory.mailing_import import Outcome
from mailserver.directory.mailing_lists import Posting, Reach, Role, Settings
from mailserver.directory.records import office_day
from mailserver.directory.resolve import Locked, Many, resolve
from mailserver.store.database import Tx
from mailserver.store.schema import audit
from tests.mailserver.directory.conftest import DOMAIN, Office


def made(office: Office, local: str, settings: Settings = Settings()) -> int:  # noqa: B008 (frozen)
    return office.write(lambda tx: mailing_changes.create_tx(tx, office.agency, local.upper(), local, settings))


def resolved(office: Office, local: str) -> Many:
    found = office.read(lambda conn: resolve(conn, f"{local}@{DOMAIN}"))
    assert isinstance(found, Many)
    return found


def test_a_unit_stands_for_its_mailbox_its_people_or_all_below(office: Office) -> None:
    def team_tx(tx: Tx) -> int:
        return principals.create_unit_tx(tx, office.agency, "TO1", "Tổ 1", "to1", parent_id=office.qlxd)

    team = office.write(team_tx)
    head, clerk = office.person("an", office.qlxd), office.person("binh", team)
    everybody, inner = made(office, "toanphong"), made(office, "tochuyentrach")
    for reach, members in (
        (Reach.MAILBOX, {office.qlxd}),
        (Reach.PEOPLE, {head}),
        (Reach.BELOW, {head, clerk}),
    ):
        assert office.write(lambda tx, reach=reach: mailing_changes.add_tx(tx, inner, Wanted(office.qlxd, reach))) or (
            reach is Reach.MAILBOX
        )
        assert set(resolved(office, "tochuyentrach").members) == members
    office.write(lambda tx: mailing_changes.add_tx(tx, everybody, Wanted(inner)))
    office.write(lambda tx: mailing_changes.add_tx(tx, everybody, Wanted(head)))
    assert sorted(resolved(office, "toanphong").members) == sorted({head, clerk})
    with pytest.raises(MembershipCycle):
        office.write(lambda tx: mailing_changes.add_tx(tx, inner, Wanted(everybody)))


def test_members_elsewhere_only_where_the_list_takes_them_and_those_of_inner_lists_too(office: Office) -> None:
    closed, outer = made(office, "trong"), made(office, "ngoai", Settings(takes_outside=True))
    with pytest.raises(OutsideNotTaken):
        office.write(lambda tx: mailing_changes.add_tx(tx, closed, Wanted(outsider="a@far.test")))
    for text, fault in ((f"khong@{DOMAIN}", NotElsewhere), ("khong", AddressInvalid)):
        with pytest.raises(fault):
            office.write(lambda tx, text=text: mailing_changes.add_tx(tx, outer, Wanted(outsider=text)))
    assert office.write(lambda tx: mailing_changes.add_tx(tx, outer, Wanted(outsider="Ba+x@FAR.test")))
    office.write(lambda tx: mailing_changes.add_tx(tx, closed, Wanted(outer)))
    terms = resolved(office, "trong").terms
    assert terms is not None and terms.outsiders == ("Ba+x@far.test",)
    assert terms.owner == f"postmaster@{DOMAIN}"
    owner = office.person("chu")
    assert office.write(lambda tx: mailing_changes.give_role_tx(tx, closed, owner, Role.OWNER))
    assert not office.write(lambda tx: mailing_changes.give_role_tx(tx, closed, owner, Role.OWNER))
    terms = resolved(office, "trong").terms
    assert terms is not None and terms.owner == f"chu@{DOMAIN}"


def test_what_waits_is_decided_by_the_first_owner_who_is_there(office: Office) -> None:
    list_id = made(office, "choduyet")
    day = office_day(office.now)

    def moderator() -> str:
        return office.read(lambda conn: mailing_lists.moderator(conn, list_id, day))

    assert moderator() == ""
    head = office.person("truong", office.vp)
    vacant = office.post("pvp", office.vp, "deputy_chief_of_office")
    held = office.post("cvp", office.vp, "chief_of_office", head)
    for one in (office.qlxd, vacant, held, office.person("chu")):
        office.write(lambda tx, one=one: mailing_changes.give_role_tx(tx, list_id, one, Role.OWNER))
    assert moderator() == f"truong@{DOMAIN}"
    office.write(lambda tx: mailing_changes.take_role_tx(tx, list_id, held, Role.OWNER))
    assert moderator() == f"chu@{DOMAIN}"


def test_many_members_are_looked_through_before_any_is_added(office: Office) -> None:
    list_id, other = made(office, "banhanh", Settings(takes_outside=True)), made(office, "khac")
    office.write(lambda tx: mailing_changes.add_tx(tx, other, Wanted(list_id)))
    an, known = office.person("an"), office.person("binh")
    office.write(lambda tx: mailing_changes.add_tx(tx, list_id, Wanted(known)))
    unit = office.read(lambda conn: principals.get(conn, office.qlxd)).address
    text = f"""an@{DOMAIN}
        AN@{DOMAIN}

        binh@{DOMAIN}
        khong@{DOMAIN}
        khong phải
        {unit}; người
        {unit}, gì
        khac@{DOMAIN}
        ba@far.test
    """
    rows = office.read(lambda conn: mailing_import.look(conn, list_id, text))
    assert [(row.number, row.outcome) for row in rows] == [
        (1, Outcome.NEW),
        (2, Outcome.MEMBER),
        (4, Outcome.MEMBER),
        (5, Outcome.UNKNOWN),
        (6, Outcome.INVALID),
        (7, Outcome.NEW),
        (8, Outcome.NO_REACH),
        (9, Outcome.CYCLE),
        (10, Outcome.NEW),
    ]
    assert [one.who.id for one in office.read(lambda conn: mailing_lists.members(conn, list_id))] == [known]
    added = office.write(lambda tx: mailing_import.add_tx(tx, list_id, rows))
    assert added == [Wanted(an), Wanted(office.qlxd, Reach.PEOPLE), Wanted(outsider="ba@far.test")]
    assert office.write(lambda tx: mailing_import.add_tx(tx, list_id, rows)) == []
    for one in added:
        assert office.write(lambda tx, one=one: mailing_changes.remove_tx(tx, list_id, one))
        assert not office.write(lambda tx, one=one: mailing_changes.remove_tx(tx, list_id, one))


def test_a_change_is_in_the_audit_with_what_was_before(office: Office) -> None:
    list_id = made(office, "thongbao")
    stricter = Settings(posting=Posting.POSTERS, moderated=True)
    assert office.write(lambda tx: mailing_changes.change_tx(tx, list_id, "THONGBAO", stricter))
    assert not office.write(lambda tx: mailing_changes.change_tx(tx, list_id, "THONGBAO", stricter))
    query = select(audit).where(audit.c.owner_id == list_id).order_by(audit.c.id)
    kept = office.read(lambda conn: conn.execute(query).all())
    assert [one.action for one in kept][-2:] == ["list.created", "list.changed"]
    assert kept[-1].detail["changed"] == {"posting": ["agency", "posters"], "moderated": [False, True]}
    office.write(lambda tx: mailing_changes.close_tx(tx, list_id, "thôi"))
    assert isinstance(office.read(lambda conn: resolve(conn, f"thongbao@{DOMAIN}")), Locked)
    office.write(lambda tx: mailing_changes.reopen_tx(tx, list_id))
    assert resolved(office, "thongbao").members == ()
