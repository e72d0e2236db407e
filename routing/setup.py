"""What an agency and its mailboxes need before a document can travel: folders, register, reply address.

Everything here may be run again: what is there stays as it is.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from mailserver.directory.principals import Kind, agency_mailbox, create_service_tx, get, office_day
from mailserver.directory.schema import principal
from mailserver.store import folders, subscriptions
from mailserver.store.database import Tx
from mailserver.store.folder_names import INBOX
from mailserver.store.schema import folder
from mailserver.teams import folders as teams
from routing.documents import INCOMING
from routing.profile import profile_of
from routing.registers import open_book_tx
from routing.stepmail import REPLY_LOCAL_PART

ROOT = "Văn bản đến"
PENDING, FINISHED, COPY, REGISTERED, REPLY = (
    "routing.pending",
    "routing.finished",
    "routing.copy",
    "routing.registered",
    "routing.reply",
)
FOLDERS = {
    PENDING: f"{ROOT}/Chờ xử lý",
    FINISHED: f"{ROOT}/Kết thúc",
    COPY: f"{ROOT}/Để biết",
}
REGISTERED_FOLDER = f"{ROOT}/Đã vào sổ"
# Whoever can be given a document: a group is written to, never given work.
_WITH_FOLDERS = (Kind.AGENCY, Kind.UNIT, Kind.POST, Kind.PERSON)


def prepare_mailbox_tx(tx: Tx, principal_id: int) -> None:
    """Make the folders of the document flow in one mailbox, subscribed for its owner; a unit's folders of work too."""
    owner = get(tx.conn, principal_id)
    if owner.kind not in _WITH_FOLDERS:
        return
    if owner.kind in teams.SHARED:
        teams.prepare_tx(tx, principal_id)
    wanted = dict(FOLDERS)
    if owner.kind is Kind.AGENCY:
        wanted[REGISTERED] = REGISTERED_FOLDER
    for behaviour, name in wanted.items():
        if folders.find(tx.conn, principal_id, name) is None:
            folders.create_tx(tx, principal_id, name, behaviour=behaviour)
    for name in (ROOT, *wanted.values()):
        subscriptions.subscribe_tx(tx, principal_id, name)


def prepare_agency_tx(tx: Tx, agency_id: int) -> None:
    """Prepare all mailboxes of an agency, this year's register and the reply address `vb@`."""
    profile = profile_of(tx.conn, agency_id)
    open_book_tx(tx, agency_id, INCOMING, profile.incoming.book, office_day(tx.now).year)
    if _reply_principal(tx.conn, agency_id) is None:
        create_service_tx(tx, agency_id, "Ý kiến xử lý văn bản", REPLY_LOCAL_PART, REPLY)
    for principal_id in _principals(tx.conn, agency_id):
        prepare_mailbox_tx(tx, principal_id)


def folder_tx(tx: Tx, owner_id: int, behaviour: str) -> int:
    """The folder of a mailbox with this behaviour, made now if the mailbox is new."""
    found = folder_of(tx.conn, owner_id, behaviour)
    if found is None:
        prepare_mailbox_tx(tx, owner_id)
        found = folder_of(tx.conn, owner_id, behaviour)
    if found is None:
        raise LookupError(f"principal {owner_id} can have no folder {behaviour}")
    return found


def folder_of(conn: Connection, owner_id: int, behaviour: str) -> int | None:
    here = (folder.c.owner_id == owner_id, folder.c.behaviour == behaviour)
    return conn.execute(select(folder.c.id).where(*here).order_by(folder.c.id)).scalar()


def agency_inbox(conn: Connection, agency_id: int) -> int:
    """The folder where mail to the agency arrives."""
    return folders.get(conn, agency_mailbox(conn, agency_id).id, INBOX).id


def _reply_principal(conn: Connection, agency_id: int) -> int | None:
    own = (principal.c.agency_id == agency_id, principal.c.service == REPLY)
    return conn.execute(select(principal.c.id).where(*own)).scalar()


def _principals(conn: Connection, agency_id: int) -> list[int]:
    query = select(principal.c.id).where(principal.c.agency_id == agency_id).order_by(principal.c.id)
    return list(conn.execute(query).scalars())
