"""The keys of rewritten senders: in the database as those of DKIM are, so that all machines and backups have them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from mailserver.directory.schema import agency
from mailserver.srs.schema import srs_key
from mailserver.srs.scheme import VALID_DAYS
from mailserver.store import audit
from mailserver.store.database import Tx

OCTETS = 32
# An address that was made with the key before is taken as long as it is valid, and that with SRS1 so long too.
KEEP_OLD = timedelta(days=VALID_DAYS + 1)


def accepted(conn: Connection, agency_id: int, now: datetime) -> list[bytes]:
    """What hashes of an agency may be made with, the newest first: its key, and for a while those that were replaced.

    None before the first mail that needed one.
    """
    columns = srs_key.c.secret, srs_key.c.made_at
    query = select(*columns).where(srs_key.c.agency_id == agency_id).order_by(srs_key.c.id.desc())
    found = []
    replaced_at: datetime | None = None
    for secret, made_at in conn.execute(query):
        if replaced_at is None or now - replaced_at < KEEP_OLD:
            found.append(bytes.fromhex(secret))
        replaced_at = made_at
    return found


def signing_tx(tx: Tx, agency_id: int) -> bytes:
    """The key that makes hashes now; the first is made when it is needed."""
    known = accepted(tx.conn, agency_id, tx.now)
    if known:
        return known[0]
    # Two that need the first one at the same time shall not make two.
    tx.conn.execute(select(agency.c.id).where(agency.c.id == agency_id).with_for_update())
    known = accepted(tx.conn, agency_id, tx.now)
    return known[0] if known else _make_tx(tx, agency_id)


def rotate_tx(tx: Tx, agency_id: int) -> None:
    """Make hashes with a new key from now on; forget those whose addresses are over."""
    over = select(srs_key.c.id).where(srs_key.c.agency_id == agency_id, srs_key.c.made_at < tx.now - KEEP_OLD)
    newest = select(srs_key.c.id).where(srs_key.c.agency_id == agency_id).order_by(srs_key.c.id.desc()).limit(1)
    last = tx.conn.execute(newest).scalar()
    tx.conn.execute(delete(srs_key).where(srs_key.c.id.in_(over), srs_key.c.id != last))
    _make_tx(tx, agency_id)


def _make_tx(tx: Tx, agency_id: int) -> bytes:
    secret = secrets.token_hex(OCTETS)
    tx.conn.execute(insert(srs_key).values(agency_id=agency_id, secret=secret, made_at=tx.now))
    audit.record_tx(tx, "srs.key-made", agency=agency_id)
    return bytes.fromhex(secret)
