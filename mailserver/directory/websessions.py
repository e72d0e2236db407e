"""Sign-ins of the web. The cookie holds a random token; the database only its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from mailserver.directory import activity, devices
from mailserver.directory.records import Status
from mailserver.directory.schema import principal, web_session
from mailserver.store import audit, raw
from mailserver.store.columns import from_milliseconds, milliseconds
from mailserver.store.database import Tx

TOKEN_OCTETS = 32
# A working day: sign in when it begins, out when it ends (1201/QĐ-SYT, Điều 3 khoản 3;
# 04/2017/QĐ-UBND, Điều 11 khoản 5).
IDLE = timedelta(hours=4)
ABSOLUTE = timedelta(hours=14)
# `seen_at` is written no more often than this: reading a page should not write.
TOUCH_EVERY = timedelta(minutes=5)
# At the end of the day a session that was used so lately is still in use.
REST = timedelta(minutes=15)

_OPENED_BEFORE = (
    "SELECT at, detail FROM audit WHERE owner_id = ? AND action = 'session.opened' AND at < ? ORDER BY id DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class WebSession:
    """One sign-in; `id` is the hash of its token, shown to nobody but its person's session list."""

    id: bytes
    principal_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    remote: str
    agent: str

    def needs_touch(self, now: datetime) -> bool:
        return now - self.seen_at >= TOUCH_EVERY


def open_tx(
    tx: Tx, principal_id: int, remote: str, agent: str, *, replaces: str | None = None, lasts: timedelta = ABSOLUTE
) -> str:
    """Open a session; returns the token for the cookie, new at every sign-in.

    replaces: the token the browser came with, which ends (ASVS 7.2.4: no session fixation).
    """
    if replaces:
        close_tx(tx, replaces)
    token = secrets.token_urlsafe(TOKEN_OCTETS)
    tx.conn.execute(
        insert(web_session).values(
            token_hash=_hash(token),
            principal_id=principal_id,
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + lasts,
            remote=remote[:60],
            agent=agent[:200],
        )
    )
    audit.record_tx(tx, "session.opened", owner_id=principal_id, agent=agent[:200])
    devices.note_tx(tx, principal_id, "web", remote, devices.client_of(agent))
    return token


def find(conn: Connection, token: str, now: datetime | None = None) -> tuple[int, WebSession] | None:
    """The person and session of a token; None if unknown, expired, idle for too long, or locked.

    Call `touch_tx` where the session `needs_touch`.
    """
    now = now or datetime.now(UTC)
    query = (
        select(web_session)
        .join(principal, principal.c.id == web_session.c.principal_id)
        .where(web_session.c.token_hash == _hash(token), principal.c.status == Status.ACTIVE.value)
        .where(web_session.c.expires_at > now, web_session.c.seen_at > now - IDLE)
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    session = WebSession(*row)
    return session.principal_id, session


def is_kept(conn: Connection, token: str) -> bool:
    """Whether there is a session of this token, usable or not."""
    query = select(web_session.c.token_hash).where(web_session.c.token_hash == _hash(token))
    return conn.execute(query).first() is not None


def touch_tx(tx: Tx, session_id: bytes) -> None:
    """Say that the session was used now, and its person there."""
    here = web_session.c.token_hash == session_id
    tx.conn.execute(update(web_session).where(here).values(seen_at=tx.now))
    person_id = tx.conn.execute(select(web_session.c.principal_id).where(here)).scalar()
    if person_id is not None:
        activity.note_tx(tx, person_id)


def sessions(conn: Connection, principal_id: int) -> list[WebSession]:
    """A person's sessions, the last used first (ASVS 7.5.2)."""
    own = select(web_session).where(web_session.c.principal_id == principal_id)
    return [WebSession(*row) for row in conn.execute(own.order_by(web_session.c.seen_at.desc()))]


def opened_before(conn: Connection, session: WebSession) -> tuple[datetime, str] | None:
    """When and from which address the person signed in the time before this session; None: never."""
    found = raw.row(conn, _OPENED_BEFORE, (session.principal_id, milliseconds(session.created_at)))
    return None if found is None else (from_milliseconds(found[0]), raw.from_json(found[1]).get("remote", ""))


def close_tx(tx: Tx, token: str) -> None:
    """End the session of this token; nothing happens if there is none."""
    tx.conn.execute(delete(web_session).where(web_session.c.token_hash == _hash(token)))


def close_by_id_tx(tx: Tx, principal_id: int, session_id: bytes) -> None:
    """End one of a person's own sessions from their list."""
    own = (web_session.c.principal_id == principal_id, web_session.c.token_hash == session_id)
    tx.conn.execute(delete(web_session).where(*own))


def close_all_tx(tx: Tx, principal_id: int, *, keep: str | None = None) -> int:
    """End all sessions of a person, but for the one of the token `keep`; returns how many ended."""
    own = delete(web_session).where(web_session.c.principal_id == principal_id)
    if keep:
        own = own.where(web_session.c.token_hash != _hash(keep))
    return int(tx.conn.execute(own).rowcount)


def end_left_over_tx(tx: Tx, agency_id: int, moment: datetime) -> int:
    """End the sessions of an agency's people that were opened before `moment` and rest now; returns how many."""
    own = select(principal.c.id).where(principal.c.agency_id == agency_id)
    left_over = (web_session.c.created_at < moment, web_session.c.seen_at <= tx.now - REST)
    return int(tx.conn.execute(delete(web_session).where(web_session.c.principal_id.in_(own), *left_over)).rowcount)


def sweep_tx(tx: Tx) -> int:
    """Delete sessions that can never be used again; returns how many."""
    over = or_(web_session.c.expires_at <= tx.now, web_session.c.seen_at <= tx.now - IDLE)
    return int(tx.conn.execute(delete(web_session).where(over)).rowcount)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
