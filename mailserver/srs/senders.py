"""Under which sender mail of others leaves again, and whose it is when something comes back."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from mailserver.directory.agencies import agency_of_domain
from mailserver.directory.records import office_day
from mailserver.srs import keys, scheme
from mailserver.srs.schema import srs_sender
from mailserver.store import raw
from mailserver.store.database import Tx

_FIRST_DAY = date(1970, 1, 1)
# A sender is forgotten when no address with its token can still be valid.
_KEPT = timedelta(days=scheme.VALID_DAYS + 2)


def rewritten_tx(tx: Tx, sender: str, agency_id: int, domain: str) -> str:
    """Under which sender a letter leaves again for somebody of the agency.

    The null path stays what it is, and so does a sender of ours; others are rewritten into `domain`.
    """
    if not sender or agency_of_domain(tx.conn, sender.rpartition("@")[2]) is not None:
        return sender
    key, day = keys.signing_tx(tx, agency_id), day_of(tx.now)
    local = scheme.wrap(sender, key, day) or scheme.wrap_token(_token_tx(tx, sender), key, day)
    return f"{local}@{domain}"


def original(conn: Connection, address: str, now: datetime) -> str | None:
    """Whose sender a rewritten one is; None: not one of ours, or too old a one."""
    local, _, domain = address.rpartition("@")
    if not scheme.is_rewritten(local):
        return None
    agency_id = agency_of_domain(conn, domain)
    if agency_id is None:
        return None
    try:
        found = scheme.unwrap(local, keys.accepted(conn, agency_id, now), day_of(now))
    except (scheme.NotOurs, scheme.Expired):
        return None
    sender = found.sender or _kept(conn, found.token)
    # Nothing of ours is ever rewritten: a domain that has become ours since takes its mail by itself.
    if not sender or agency_of_domain(conn, sender.rpartition("@")[2]) is not None:
        return None
    return sender


def forget_tx(tx: Tx) -> None:
    """Let go of senders whose addresses are over."""
    tx.conn.execute(delete(srs_sender).where(srs_sender.c.used_on < office_day(tx.now - _KEPT)))


def _token_tx(tx: Tx, sender: str) -> str:
    today = office_day(tx.now)
    known: str | None = tx.conn.execute(select(srs_sender.c.token).where(srs_sender.c.sender == sender)).scalar()
    if known is not None:
        tx.conn.execute(update(srs_sender).where(srs_sender.c.token == known).values(used_on=today))
        return known
    # Somebody else may be keeping the same sender at this moment.
    new = "INSERT INTO srs_sender (token, sender, used_on) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    raw.run(tx.conn, new, (secrets.token_hex(16), sender, today.isoformat()))
    return str(tx.conn.execute(select(srs_sender.c.token).where(srs_sender.c.sender == sender)).scalar_one())


def _kept(conn: Connection, token: str) -> str | None:
    found: str | None = conn.execute(select(srs_sender.c.sender).where(srs_sender.c.token == token)).scalar()
    return found


def day_of(now: datetime) -> int:
    """The day since 1970 of UTC, as everybody counts it. now: aware, UTC."""
    return (now.date() - _FIRST_DAY).days
