from __future__ import annotations

from datetime import date, timedelta

import pytest

from mailserver.directory import grants, principals
from mailserver.directory.errors import GrantInvalid, NoSuchGrant, NoSuchPrincipal, NotAllowed
from mailserver.directory.records import office_day
from mailserver.directory.rights import Right
from tests.mailserver.directory.conftest import Office

READ, HANDLE, SEND, MANAGE = Right.READ, Right.HANDLE, Right.SEND_ON_BEHALF, Right.MANAGE
HOUR = timedelta(hours=1)


def rights(office: Office, person: int, after: timedelta = timedelta(0)) -> dict[int, frozenset[Right]]:
    return office.read(lambda conn: grants.effective_rights(conn, person, office.now + after))


def grant(
    office: Office, owner: int, grantee: int, *words: str, start: timedelta = -HOUR, end: timedelta | None = None
) -> int:
    ends_at = None if end is None else office.now + end
    return office.write(lambda tx: grants.grant_tx(tx, owner, grantee, words, office.now + start, ends_at))


def test_nothing_is_granted_to_begin_with(office: Office) -> None:
    assert rights(office, office.person("minh", office.vp)) == {}


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("read", {READ}),
        ("handle", {READ, HANDLE}),
        ("send_on_behalf", {SEND}),
        ("manage", {READ, HANDLE, MANAGE}),
    ],
)
def test_a_right_carries_the_smaller_ones_with_it(office: Office, word: str, held: set[Right]) -> None:
    minh, an = office.person("minh"), office.person("an")
    grant(office, an, minh, word)
    assert rights(office, minh) == {an: held}
    assert rights(office, an) == {}


def test_who_handles_a_units_mail_answers_it(office: Office) -> None:
    minh = office.person("minh")
    grant(office, office.qlxd, minh, "handle")
    assert rights(office, minh) == {office.qlxd: {READ, HANDLE, SEND}}


def test_a_grant_holds_from_its_start_until_its_end(office: Office) -> None:
    minh, an = office.person("minh"), office.person("an")
    grant(office, an, minh, "read", start=HOUR, end=2 * HOUR)
    second = timedelta(seconds=1)
    held = [an in rights(office, minh, after) for after in (HOUR - second, HOUR, 2 * HOUR - second, 2 * HOUR)]
    assert held == [False, True, True, False]


def test_a_revoked_grant_is_over_at_once(office: Office) -> None:
    minh, an = office.person("minh"), office.person("an")
    made = grant(office, an, minh, "handle")
    office.write(lambda tx: grants.revoke_tx(tx, made))
    assert rights(office, minh) == {}
    with pytest.raises(NoSuchGrant):
        office.write(lambda tx: grants.revoke_tx(tx, made))


def test_grants_add_up(office: Office) -> None:
    minh, an = office.person("minh"), office.person("an")
    grant(office, an, minh, "read")
    made = grant(office, an, minh, "handle", "send_on_behalf", end=HOUR)
    assert rights(office, minh) == {an: {READ, HANDLE, SEND}}
    assert rights(office, minh, HOUR) == {an: {READ}}
    listed = office.read(lambda conn: grants.grants_on(conn, an, office.now))
    assert [one.rights for one in listed] == [{READ}, {HANDLE, SEND}]
    assert listed[1].id == made
    assert office.read(lambda conn: grants.grants_of(conn, minh, office.now)) == listed


def test_coming_grants_are_listed_apart(office: Office) -> None:
    minh, an = office.person("minh"), office.person("an")
    made = grant(office, an, minh, "read", start=HOUR)
    assert office.read(lambda conn: grants.grants_on(conn, an, office.now)) == []
    assert [one.id for one in office.read(lambda conn: grants.coming_grants_on(conn, an, office.now))] == [made]


def test_there_are_no_chains(office: Office) -> None:
    director, deputy, clerk = office.person("director"), office.person("deputy"), office.person("clerk")
    office.post("giamdoc", office.vp, "director", director)
    grant(office, director, deputy, "manage")
    grant(office, deputy, clerk, "manage")
    assert rights(office, deputy) == {director: {READ, HANDLE, MANAGE}}
    assert rights(office, clerk) == {deputy: {READ, HANDLE, MANAGE}}


def test_a_grant_to_a_unit_a_post_or_a_group_is_for_whoever_is_in_it(office: Office) -> None:
    minh, an, binh = office.person("minh", office.vp), office.person("an", office.qlxd), office.person("binh")
    post = office.post("pgd", office.qlxd, "deputy_director", an)
    group = office.write(lambda tx: principals.create_group_tx(tx, office.agency, "Chi ủy", "chiuy"))
    office.write(lambda tx: principals.add_member_tx(tx, group, binh))
    owners = {who: office.person(f"owner{who}") for who in (office.vp, post, group)}
    for grantee, owner in owners.items():
        grant(office, owner, grantee, "read")
    assert rights(office, minh) == {owners[office.vp]: {READ}}
    assert rights(office, an)[owners[post]] == {READ}
    assert rights(office, binh) == {owners[group]: {READ}}
    office.write(lambda tx: principals.remove_member_tx(tx, group, binh))
    assert rights(office, binh) == {}


def test_the_holder_of_a_post_manages_its_mailbox_while_it_lasts(office: Office) -> None:
    old, new = office.person("old"), office.person("new")
    post = office.post("pgd", office.vp, "deputy_director", old)
    assert rights(office, old) == {post: {READ, HANDLE, MANAGE, SEND}}
    today = office_day(office.now)
    office.write(lambda tx: principals.appoint_tx(tx, post, new, today + timedelta(days=1)))
    assert rights(office, new) == {}
    tomorrow = timedelta(days=1)
    assert (post in rights(office, old, tomorrow), post in rights(office, new, tomorrow)) == (False, True)


def test_the_head_of_a_unit_manages_its_mailbox_and_no_other(office: Office) -> None:
    head, deputy = office.person("head"), office.person("deputy")
    post = office.post("tpqlxd", office.qlxd, "unit_head", head)
    office.post("ptpqlxd", office.qlxd, "deputy_unit_head", deputy)
    everything = {READ, HANDLE, MANAGE, SEND}
    assert rights(office, head) == {post: everything, office.qlxd: everything}
    assert office.qlxd not in rights(office, deputy)


def test_the_registry_handles_the_agencys_mailbox(office: Office) -> None:
    clerk = office.person("clerk", office.vp, "registry")
    unscoped = office.person("unscoped", None, "registry")
    assert rights(office, clerk) == {office.mailbox: {READ, HANDLE, SEND}} == rights(office, unscoped)


def test_a_subordinate_centres_clerk_handles_its_own_mailbox_only(office: Office) -> None:
    office.post("cvp", office.vp, "chief_of_office")
    clerk, outside = office.person("clerk", office.vp, "registry"), office.person("outside", office.qlxd, "registry")
    assert rights(office, clerk) == {office.mailbox: {READ, HANDLE, SEND}}
    assert rights(office, outside) == {office.qlxd: {READ, HANDLE, SEND}}


def test_who_is_locked_or_has_left_has_no_rights(office: Office) -> None:
    head, an = office.person("head", office.vp, "unit_head"), office.person("an")
    grant(office, an, head, "read")
    assert rights(office, head).keys() == {office.vp, an}
    for change in (principals.lock_person_tx, principals.leave_tx):
        office.write(lambda tx, change=change: change(tx, head))
        assert rights(office, head) == {}


def test_the_mailbox_of_somebody_who_left_stays_open_to_the_successor(office: Office) -> None:
    gone, heir = office.person("gone"), office.person("heir")
    grant(office, gone, heir, "read")
    office.write(lambda tx: principals.leave_tx(tx, gone))
    assert rights(office, heir) == {gone: {READ}}


def test_only_the_owner_and_the_head_may_grant(office: Office) -> None:
    head, member, an = office.person("head"), office.person("member", office.qlxd), office.person("an")
    office.post("tpqlxd", office.qlxd, "unit_head", head)
    grant(office, office.qlxd, member, "manage")

    def may(person: int, owner: int) -> bool:
        try:
            office.read(lambda conn: grants.require_granter(conn, person, owner, office.now))
        except NotAllowed:
            return False
        return True

    assert may(head, office.qlxd)
    assert may(an, an)
    assert not may(member, office.qlxd)
    assert not may(an, office.qlxd)
    assert not may(head, an)


@pytest.mark.parametrize("words", [[], ["all"], ["read", ""], ["READ"]])
def test_unknown_rights_are_refused(office: Office, words: list[str]) -> None:
    minh, an = office.person("minh"), office.person("an")
    with pytest.raises(GrantInvalid):
        grant(office, an, minh, *words)
    assert rights(office, minh) == {}


def test_senseless_grants_are_refused(office: Office) -> None:
    minh, an = office.person("minh"), office.person("an")
    with pytest.raises(GrantInvalid):
        grant(office, an, an, "read")
    with pytest.raises(GrantInvalid):
        grant(office, an, minh, "read", start=HOUR, end=HOUR)
    with pytest.raises(NoSuchPrincipal):
        grant(office, 999_999, minh, "read")
    with pytest.raises(NoSuchPrincipal):
        grant(office, an, office.mailbox, "read")


def test_the_office_counts_days_in_its_own_zone(office: Office) -> None:
    minh = office.person("minh")
    post = office.post("pgd", office.vp, "deputy_director")
    office.write(lambda tx: principals.appoint_tx(tx, post, minh, date(2026, 11, 2)))
    eve = office.now.replace(year=2026, month=11, day=1, hour=16, minute=59)
    at_midnight = eve.replace(hour=17, minute=0)
    held = [
        post in office.read(lambda conn, at=at: grants.effective_rights(conn, minh, at)) for at in (eve, at_midnight)
    ]
    assert held == [False, True]
