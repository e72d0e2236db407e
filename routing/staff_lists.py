"""Lists of staff, brought in by administrators; rights are asked here, whatever the door
(123/QĐ-SCT, Điều 5; 132/QĐ-STTTT, Điều 6; 04/2017/QĐ-UBND, Điều 7 khoản 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import lists
from mailserver.directory.importing import Imported, Importer
from mailserver.directory.lists import StaffList
from mailserver.directory.people_files import parse_people
from mailserver.store.database import Database, Tx
from mailserver.vault import Vault
from routing import setup
from routing.staff import require_administrator
from routing.staff_names import naming_scheme

# The preview does all rows in one transaction and takes it back: mail waits for so long. Longer lists are
# for `vanthu user import`.
MOST_ROWS = 500
MOST_OCTETS = 5 * 1024 * 1024
# Rows that one request does: each hashes a password.
SLICE = 15


@dataclass(frozen=True, slots=True)
class StaffLists:
    """The lists of one administrator's agency. now: when it is asked."""

    db: Database
    vault: Vault
    actor: Actor
    now: datetime

    def require(self) -> None:
        """Raises Forbidden: the actor is no administrator."""
        self.db.read(self._agency)

    def put(self, octets: bytes, file_name: str, approval: str) -> int:
        """Read a file and put its rows down; the list's id. Raises Forbidden, people_files.Unreadable."""
        self.require()
        people = parse_people(octets, file_name, MOST_ROWS)

        def work(tx: Tx) -> int:
            return lists.put_tx(tx, self._agency(tx.conn), file_name, approval, people, self.vault)

        return self.db.write(work, self.actor)

    def get(self, list_id: int) -> StaffList:
        """Raises Forbidden, NoSuchList."""
        return self.db.read(lambda conn: lists.get(conn, list_id, self._agency(conn), self.vault))

    def tried(self, found: StaffList) -> list[Imported]:
        """What would become of the rows that are not done."""
        return self._importer(found).tried(self.db, found.rows[found.done :], self.actor)

    def go_on(self, found: StaffList) -> list[Imported]:
        """Do the next rows; what became of them."""
        return lists.go_on(self.db, found, self._importer(found), self.vault, self.actor, SLICE)

    def results(self, found: StaffList) -> tuple[list[Imported], bool]:
        """What became of the rows that are done, and whether first passwords wait to be handed out."""
        return self.db.read(lambda conn: (lists.results(conn, found.id), lists.has_passwords(conn, found.id)))

    def hand_out(self, found: StaffList) -> list[Imported]:
        """The rows with first passwords, once; [] afterwards."""
        return self.db.write(lambda tx: lists.hand_out_tx(tx, found, self.vault), self.actor)

    def _agency(self, conn: Connection) -> int:
        return require_administrator(conn, self.actor, self.now)

    def _importer(self, found: StaffList) -> Importer:
        scheme = self.db.read(lambda conn: naming_scheme(conn, found.agency_id))
        return Importer(found.agency_id, scheme, setup.prepare_mailbox_tx)
