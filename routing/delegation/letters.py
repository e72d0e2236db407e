"""The mails that go with a delegation, to each in their own language; what they say is in `words`."""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.delivery.announcements import tell_tx
from mailserver.directory import principals
from mailserver.directory.principals import Principal, Status
from mailserver.store import raw
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.delegation import mandates, words
from routing.delegation.mandates import Mandate
from routing.delegation.words import COUNTED, Told


def ask_tx(tx: Tx, blobs: BlobStore, asked: Mandate, leaders: Sequence[Principal]) -> None:
    """To the leaders whose leave is needed."""
    about = _told(tx, asked)
    tell_tx(tx, blobs, about.owner, words.asked(about), leaders)


def granted_tx(tx: Tx, blobs: BlobStore, given: Mandate) -> None:
    """To who may act now: what, and for how long."""
    about = _told(tx, given)
    people = [about.grantee] if about.giver.id == tx.actor.principal_id else [about.grantee, about.giver]
    tell_tx(tx, blobs, about.owner, words.granted(about), people, about.grantee)


def closed_tx(tx: Tx, blobs: BlobStore, given: Mandate) -> None:
    """To who may act: which folders are left out now."""
    about = _told(tx, given)
    tell_tx(tx, blobs, about.owner, words.closed(about), [about.grantee], about.grantee)


def announce_tx(tx: Tx, blobs: BlobStore, given: Mandate) -> None:
    """To the whole agency (132/QĐ-STTTT, Điều 11)."""
    about = _told(tx, given)
    office = principals.agency_mailbox(tx.conn, about.owner.agency_id)
    people = [one for one in principals.people(tx.conn, about.owner.agency_id) if one.status is Status.ACTIVE]
    tell_tx(tx, blobs, office, words.announced(about), people, office)


def refused_tx(tx: Tx, blobs: BlobStore, asked: Mandate) -> None:
    about = _told(tx, asked)
    tell_tx(tx, blobs, about.owner, words.refused(about), [about.giver])


def ended_tx(tx: Tx, blobs: BlobStore, ended: Mandate, returned: int) -> None:
    """To both: what was done meanwhile."""
    about = _told(tx, ended)
    said = words.ended(about, _counted(tx, ended), returned)
    tell_tx(tx, blobs, about.owner, said, [about.grantee, about.giver], about.grantee)


def _counted(tx: Tx, ended: Mandate) -> list[tuple[str, int]]:
    query = (
        "SELECT action, count(*) FROM audit WHERE owner_id = ? AND actor_id = ? AND at >= ? AND at <= ?"
        " GROUP BY action ORDER BY action"
    )
    wish, since = ended.wish, int(ended.wish.starts_at.timestamp() * 1000)
    found = raw.rows(tx.conn, query, (wish.owner_id, wish.grantee_id, since, tx.now_ms))
    return [(action, count) for action, count in found if action in COUNTED]


def _told(tx: Tx, found: Mandate) -> Told:
    ids = (found.wish.owner_id, found.wish.grantee_id, found.asked_by_id)
    known = principals.get_many(tx.conn, set(ids))
    owner, grantee, giver = (known[one] for one in ids)
    return Told(found, owner, grantee, giver, tuple(sorted(mandates.names_of(tx.conn, [found]).values())))
