"""Whom a person knows outside: those written to, and those whose mail lies in the person's mailbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from mailbox_policies.sending.schema import written_to
from mailserver.directory.addresses import lookup_key
from mailserver.mime.address import Address
from mailserver.store import raw
from mailserver.store.database import Tx

MOST_ADDRESS = 320


def key_of(address: str) -> str:
    """What an address is remembered by."""
    return lookup_key(address)[:MOST_ADDRESS]


def domain_of(address: str) -> str:
    """In small letters; "" without one."""
    return key_of(address).rpartition("@")[2]


def strangers(conn: Connection, person_id: int, outside: Sequence[str]) -> tuple[str, ...]:
    """Those of the addresses outside that are new to the person, each once, as they are named.

    Who was never written to is looked for among the senders of the person's mail: one pass over the mailbox.
    """
    named = {key_of(one): one for one in outside}
    if not named:
        return ()
    left = {key_of(one): one for one in unwritten(conn, person_id, tuple(named.values()))}
    if left:
        heard = _senders(conn, person_id)
        left = {key: one for key, one in left.items() if key not in heard}
    return tuple(left.values())


def unwritten(conn: Connection, person_id: int, addresses: Sequence[str]) -> tuple[str, ...]:
    """Those to whom the person never wrote."""
    named = {key_of(one): one for one in addresses}
    query = select(written_to.c.address).where(written_to.c.person_id == person_id, written_to.c.address.in_(named))
    known = set(conn.execute(query).scalars())
    return tuple(one for key, one in named.items() if key not in known)


def new_domains(conn: Connection, person_id: int, addresses: Iterable[str]) -> tuple[str, ...]:
    """The domains of strangers to which the person never wrote, whoever it was there, and had no mail from."""
    asked = dict.fromkeys(filter(None, map(domain_of, addresses)))
    if not asked:
        return ()
    written = raw.rows(conn, "SELECT address FROM written_to WHERE person_id = ?", (person_id,))
    known = {domain_of(address) for (address,) in written} | {domain_of(one) for one in _senders(conn, person_id)}
    return tuple(one for one in asked if one not in known)


def meet_tx(tx: Tx, person_id: int, addresses: Collection[str]) -> None:
    """Remember that the person has written to them."""
    insert = "INSERT INTO written_to (person_id, address) VALUES (?, ?) ON CONFLICT DO NOTHING"
    # In order, so that two letters never wait for one another.
    if keys := sorted({key_of(one) for one in addresses}):
        raw.run_many(tx.conn, insert, [(person_id, key) for key in keys])


def _senders(conn: Connection, person_id: int) -> set[str]:
    """Of the messages in a mailbox, Junk apart: what anybody can put there makes nobody known."""
    query = (
        "SELECT DISTINCT m.sender FROM folder f JOIN entry e ON e.folder_id = f.id"
        " JOIN message m ON m.id = e.message_pk WHERE f.owner_id = ? AND coalesce(f.special_use, '') <> '\\Junk'"
    )
    return {key_of(Address.addr_in(sender)) for (sender,) in raw.rows(conn, query, (person_id,))}
