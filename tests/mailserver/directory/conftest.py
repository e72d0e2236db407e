"""A small agency that the directory's tests work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.directory.principals import PersonData
from mailserver.store.database import Database, Tx
from mailserver.store.store import Store
from tests.support.snapshots import made_once

T = TypeVar("T")
DOMAIN = "sxd.hungbinh.example"


@dataclass
class Office:
    """Sở Xây dựng with one office unit and one room; people come as a test needs them."""

    db: Database
    agency: int = 0
    vp: int = 0
    qlxd: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def write(self, work: Callable[[Tx], T]) -> T:
        return self.db.write(work, SYSTEM)

    def read(self, work: Callable[[Connection], T]) -> T:
        return self.db.read(work)

    def person(self, local: str, unit: int | None = None, *roles: str, name: str = "Lê Văn Bình") -> int:
        family, *middle, given = name.split()
        data = PersonData(family, " ".join(middle), given, local, unit, roles=roles)
        return self.write(lambda tx: principals.create_person_tx(tx, self.agency, data))

    def post(self, local: str, unit: int, role: str, holder: int | None = None) -> int:
        def work(tx: Tx) -> int:
            post_id = principals.create_post_tx(tx, self.agency, unit, local.upper(), role, local)
            if holder is not None:
                principals.appoint_tx(tx, post_id, holder, date(2020, 1, 1))
            return post_id

        return self.write(work)

    @property
    def mailbox(self) -> int:
        return self.read(lambda conn: principals.agency_mailbox(conn, self.agency)).id


@pytest.fixture
def office(store: Store) -> Office:
    def work(tx: Tx) -> tuple[int, int, int]:
        agency = principals.create_agency_tx(tx, "SXD", "Sở Xây dựng tỉnh Hưng Bình", DOMAIN, "qn")
        vp = principals.create_unit_tx(tx, agency, "VP", "Văn phòng", "vp", position=1)
        qlxd = principals.create_unit_tx(tx, agency, "QLXD", "P. Quản lý xây dựng", "qlxd", position=2)
        return agency, vp, qlxd

    return Office(store.db, *made_once(store, "directory office", lambda: store.db.write(work, SYSTEM)))
