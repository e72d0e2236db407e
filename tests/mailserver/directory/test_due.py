from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from mailserver.directory import grants, principals
from mailserver.directory.due import announce_due_tx
from mailserver.directory.records import office_day
from mailserver.store.schema import event
from tests.mailserver.directory.conftest import Office

MINUTE = timedelta(minutes=1)


def told(office: Office) -> list[tuple[int, int]]:
    """(owner, grantee) of the newest "grant.changed" events, since the last `announce`."""
    rows = office.read(
        lambda conn: conn.execute(select(event.c.owner_id, event.c.data).where(event.c.kind == "grant.changed"))
    )
    return [(row.owner_id, row.data["grantee_id"]) for row in rows]


def announce(office: Office, since: timedelta) -> list[tuple[int, int]]:
    before = told(office)
    count = office.write(lambda tx: announce_due_tx(tx, office.now - since))
    new = told(office)[len(before) :]
    assert count == len(new)
    return new


def test_grants_that_began_or_ended_since_are_told(office: Office) -> None:
    minh, an, binh, old = (office.person(name) for name in ("minh", "an", "binh", "old"))
    spans = ((an, -MINUTE, MINUTE), (binh, -5 * MINUTE, -MINUTE / 2), (old, -5 * MINUTE, -3 * MINUTE))
    for owner, start, end in spans:
        office.write(
            lambda tx, owner=owner, start=start, end=end: grants.grant_tx(
                tx, owner, minh, ["read"], office.now + start, office.now + end
            )
        )
    assert announce(office, 2 * MINUTE) == [(an, minh), (binh, minh)]
    assert announce(office, MINUTE / 4) == []


def test_a_revoked_grant_was_told_already(office: Office) -> None:
    minh, an = office.person("minh"), office.person("an")
    made = office.write(lambda tx: grants.grant_tx(tx, an, minh, ["read"], office.now - MINUTE))
    office.write(lambda tx: grants.revoke_tx(tx, made))
    assert announce(office, 2 * MINUTE) == []


def test_posts_that_changed_hands_at_midnight_are_told(office: Office) -> None:
    gone, come, stays = (office.person(name) for name in ("gone", "come", "stays"))
    post = office.post("pgd", office.vp, "deputy_director", gone)
    office.post("gd", office.vp, "director", stays)
    office.write(lambda tx: principals.appoint_tx(tx, post, come, office_day(office.now)))
    assert sorted(announce(office, timedelta(days=1))) == sorted([(post, gone), (post, come)])
    assert announce(office, timedelta(0)) == []
