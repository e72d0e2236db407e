"""Reading rows of `principal` as `Principal`; shared by the modules of this package."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Row, Select, Table, and_, bindparam, insert, select

from mailserver.directory.errors import NoSuchPrincipal
from mailserver.directory.records import Kind, Principal, Status
from mailserver.directory.schema import address, principal
from mailserver.store import raw

Principals = Select[Any]
PrincipalRow = Row[Any]

COLUMNS = (
    principal.c.id,
    principal.c.agency_id,
    principal.c.kind,
    principal.c.name,
    principal.c.status,
    principal.c.locale,
    address.c.address,
    principal.c.service,
)


def principals() -> Principals:
    """Principals with their primary addresses; add conditions as needed."""
    primary = and_(address.c.principal_id == principal.c.id, address.c.is_primary)
    return select(*COLUMNS).select_from(principal.join(address, primary))


_BY_ID = principals().where(principal.c.id == bindparam("principal_id"))


def to_principal(row: PrincipalRow) -> Principal:
    """From a row that begins with COLUMNS."""
    identifier, agency_id, kind, name, status, locale, primary, service = row[: len(COLUMNS)]
    return Principal(identifier, agency_id, Kind(kind), name, Status(status), locale, primary, service)


def require(conn: Connection, principal_id: int, *kinds: Kind) -> Principal:
    """The principal, of one of these kinds if any are given. Raises NoSuchPrincipal."""
    row = conn.execute(_BY_ID, {"principal_id": principal_id}).first()
    if row is None or (kinds and row.kind not in kinds):
        raise NoSuchPrincipal(principal_id)
    return to_principal(row)


@cache
def _insert(table: Table) -> Insert:
    """Built once a table: building a statement costs more than running it."""
    return insert(table)


def add(conn: Connection, table: Table, **values: Any) -> int:
    """Insert one row; returns the id that the database gave it."""
    key = conn.execute(_insert(table), values).inserted_primary_key
    if key is None:
        raise RuntimeError(f"no key for a row of {table.name}")
    return int(key[0])


def among_texts(conn: Connection, column: str, texts: Collection[str]) -> tuple[str, Any]:
    """As `raw.among`, for texts."""
    if raw.is_sqlite(conn):
        return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(texts))
    return f"{column} = ANY(?::text[])", list(texts)
