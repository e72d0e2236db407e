"""From where a person signs in, and which of it is new (1581/QĐ-SGDDT, Điều 10: people report sign-ins
that are not theirs, so they must be able to see them)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from sqlalchemy import Connection, delete, insert, select, update

from mailserver.directory import activity
from mailserver.directory.signing_schema import sign_in
from mailserver.directory.throttle import network_of
from mailserver.store.database import Tx

# A place that was not used for so long is forgotten: who comes from it again is new there.
KEPT = timedelta(days=180)

_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")
_MOST = 200  # rows shown of one person


@dataclass(frozen=True, slots=True)
class SignIn:
    """One place: door "web", "imap" or "smtp", the last address, and the program as far as it is known."""

    id: int
    door: str
    client: str
    remote: str
    first_at: datetime
    last_at: datetime


def client_of(agent: str) -> str:
    """A browser's long name of itself in two words, "Firefox · Windows"; "" if it is none we know.

    Without its version: the same browser a month later is no new one.
    """
    name = next((one for one in _BROWSERS if one in agent), "")
    system = next((one for one in _SYSTEMS if one in agent), "")
    return " · ".join(part for part in ({"Edg": "Edge"}.get(name, name), system) if part)


def note_tx(tx: Tx, principal_id: int, door: str, remote: str, client: str, at: datetime | None = None) -> None:
    """Keep that somebody signed in at `at` (aware; None: now).

    Emits "sign_in.new" if the person had signed in before, but never so: from that network with that
    program at that door. What comes from this very machine has no network to know it by and is not told.
    """
    activity.note_tx(tx, principal_id, at)
    place = {"principal_id": principal_id, "door": door, "network": network_of(remote), "client": client[:100]}
    condition = [sign_in.c[name] == value for name, value in place.items()]
    seen = {"last_at": at or tx.now, "remote": remote[:60]}
    if tx.conn.execute(update(sign_in).where(*condition).values(**seen)).rowcount:
        return
    is_first = tx.conn.execute(select(sign_in.c.id).where(sign_in.c.principal_id == principal_id)).first() is None
    tx.conn.execute(insert(sign_in).values(**place, **seen, first_at=at or tx.now))
    if not is_first and not _is_here(remote):
        tx.emit("sign_in.new", owner_id=principal_id, door=door, remote=remote[:60], client=client[:100])


def sign_ins(conn: Connection, principal_id: int) -> list[SignIn]:
    """A person's places, the last used first."""
    columns = (sign_in.c.id, sign_in.c.door, sign_in.c.client, sign_in.c.remote, sign_in.c.first_at, sign_in.c.last_at)
    own = select(*columns).where(sign_in.c.principal_id == principal_id)
    return [SignIn(*row) for row in conn.execute(own.order_by(sign_in.c.last_at.desc(), sign_in.c.id).limit(_MOST))]


def forget_tx(tx: Tx) -> int:
    """Delete places that nobody signed in from for KEPT; returns how many. Forgets old days too."""
    activity.forget_tx(tx)
    return int(tx.conn.execute(delete(sign_in).where(sign_in.c.last_at < tx.now - KEPT)).rowcount)


def _is_here(remote: str) -> bool:
    try:
        return ip_address(remote.partition("%")[0]).is_loopback
    except ValueError:
        return True
