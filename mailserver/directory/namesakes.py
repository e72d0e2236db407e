"""Account names by the rule, seen against the people who are there already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from mailserver.directory import naming, rows
from mailserver.directory.aliases import readdress_tx
from mailserver.directory.schema import address, person, principal
from mailserver.store.database import Tx
from mailserver.text import nfc


def propose_name(conn: Connection, agency_id: int, parts: naming.NameParts, scheme: naming.Scheme) -> naming.Proposal:
    """The account name that the rule gives, looking at who is already there. Raises NameUnusable."""
    rivals = [one.parts for one in _namesakes(conn, agency_id, parts)]
    return naming.propose(scheme, parts, lambda name: name_taken(conn, agency_id, name), rivals)


def name_taken(conn: Connection, agency_id: int, local: str) -> bool:
    """Whether anybody of the agency has, or ever had, this local part."""
    query = (
        select(address.c.address)
        .join(principal, principal.c.id == address.c.principal_id)
        .where(principal.c.agency_id == agency_id, address.c.address.startswith(f"{local}@", autoescape=True))
    )
    return conn.execute(query.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody whose name may be mistaken for another's."""

    person_id: int
    unit_id: int | None
    birth_date: date | None
    parts: naming.NameParts


def _everybody(conn: Connection, agency_id: int) -> list[Namesake]:
    columns = (person.c.principal_id, person.c.unit_id, person.c.family_name, person.c.middle_name)
    query = select(*columns, person.c.given_name, person.c.birth_date).where(person.c.agency_id == agency_id)
    found = conn.execute(query.order_by(person.c.principal_id))
    return [
        Namesake(person_id, unit_id, born, naming.NameParts(family, middle, given, born))
        for person_id, unit_id, family, middle, given, born in found
    ]


def _namesakes(conn: Connection, agency_id: int, parts: naming.NameParts) -> list[Namesake]:
    """Those of the agency whose given name, folded, is the same: possible rivals for a name."""
    return [one for one in _everybody(conn, agency_id) if one.parts.folded_given == parts.folded_given]


def same_names(conn: Connection, agency_id: int, full_name: str) -> list[Namesake]:
    """Those of the agency who are called exactly so, diacritics included."""
    return [one for one in _everybody(conn, agency_id) if nfc(one.parts.full) == nfc(full_name)]


def rename_rivals_tx(
    tx: Tx, agency_id: int, person_id: int, parts: naming.NameParts, scheme: naming.Scheme
) -> list[tuple[str, str]]:
    """Give the longer form to those who hold the plain form that this new person would have had.

    132/QĐ-STTTT, Điều 6 khoản 1: of two with the same plain form both get the longer one. Their old
    addresses stay aliases. Returns (old, new) primary addresses; "gl" only, other rules have no such
    sentence.
    """
    if scheme.rule is not naming.Rule.GL:
        return []
    renamed = []
    everybody = _namesakes(tx.conn, agency_id, parts)
    for rival in everybody:
        who = rows.require(tx.conn, rival.person_id)
        if rival.person_id == person_id or who.local_part != naming.plain_form(parts) + scheme.suffix:
            continue
        others = [one.parts for one in everybody if one is not rival]
        better = naming.propose(scheme, rival.parts, lambda name: name_taken(tx.conn, agency_id, name), others)
        if better.stage in (2, 3):
            readdress_tx(tx, rival.person_id, better.name)
            renamed.append((who.address, rows.require(tx.conn, rival.person_id).address))
    return renamed
