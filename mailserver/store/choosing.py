"""The choice of a mailbox between flags shared by all its readers and flags of each one's own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailserver.store import access, audit, raw
from mailserver.store.counters import Change, apply_tx
from mailserver.store.flags import NAMES, Flag
from mailserver.store.folders import Folder, list_of, lock_tx
from mailserver.store.personal import POSSIBLE
from mailserver.store.tx import Tx

# What forms and the command line call the flags that may be personal.
CHOICES = {"seen": Flag.SEEN, "flagged": Flag.FLAGGED}
_SEEN = int(Flag.SEEN)
_TOUCHED = "SELECT uid FROM personal_flag WHERE folder_id = ?"


def personal_flags(conn: Connection, owner_id: int) -> int:
    """The bits (`flags.Flag`) that are personal in a mailbox."""
    found = raw.row(conn, "SELECT personal_flags FROM mailbox_settings WHERE owner_id = ?", (owner_id,))
    return int(found[0]) if found else 0


def choose_by_tx(tx: Tx, owner_id: int, bits: int, now: datetime | None = None) -> None:
    """As `choose_tx`, by somebody who may: the owner of the mailbox, or the head of its unit.

    now: when the right must hold. Raises Forbidden, FolderMissing for who may not know of the mailbox, ValueError.
    """
    access.check(access.mailbox_rights(tx.conn, tx.actor, owner_id, now), "a", str(owner_id))
    choose_tx(tx, owner_id, bits)


def choose_tx(tx: Tx, owner_id: int, bits: int) -> None:
    """Make these flags (among \\Seen, \\Flagged) personal in a mailbox, the others shared.

    Nothing is lost: a flag that becomes personal begins for everybody as it was shown to all; one that becomes
    shared is set where anybody had it. Emits "flags.chosen" (personal: the bits), whereupon sessions open the folders
    anew; leaves an audit entry. Whether the actor may is asked before. Raises ValueError for other flags.
    """
    if bits & ~POSSIBLE:
        raise ValueError("only \\Seen and \\Flagged may be personal")
    if bits == personal_flags(tx.conn, owner_id):
        return
    raw.run(
        tx.conn,
        "INSERT INTO mailbox_settings (owner_id, personal_flags) VALUES (?, ?)"
        " ON CONFLICT (owner_id) DO UPDATE SET personal_flags = excluded.personal_flags",
        (owner_id, bits),
    )
    locked = lock_tx(tx, [folder.id for folder in list_of(tx.conn, owner_id)])
    for folder in locked.values():
        _change(tx, folder, bits)
    chosen = [name for name, bit in NAMES.items() if bits & bit]
    tx.emit("flags.chosen", owner_id=owner_id, personal=bits)
    audit.record_tx(tx, "mailbox.flags", owner_id=owner_id, personal=chosen)


def _change(tx: Tx, folder: Folder, bits: int) -> None:
    shared, personal = folder.personal & ~bits, bits & ~folder.personal
    modseq = folder.highestmodseq + 1
    change = Change(folder.id, modseq, folder.uidnext)
    if shared:
        # Before the flags, while it is known what each reader saw.
        raw.run(
            tx.conn,
            f"UPDATE entry SET modseq = ? WHERE folder_id = ? AND uid IN ({_TOUCHED})",
            (modseq, folder.id, folder.id),
        )
        for bit in (bit for bit in NAMES.values() if shared & bit):
            had = f"UPDATE entry SET flags = flags | {int(bit)} WHERE folder_id = ? AND flags & {int(bit)} = 0"
            count = raw.run(
                tx.conn, f"{had} AND uid IN ({_TOUCHED} AND flags & {int(bit)} <> 0)", (folder.id, folder.id)
            )
            if bit == _SEEN:
                change.unseen -= count
    if not bits:
        raw.run(tx.conn, "DELETE FROM personal_flag WHERE folder_id = ?", (folder.id,))
    elif personal:
        raw.run(
            tx.conn,
            f"UPDATE personal_flag SET flags = flags & {bits & folder.personal} | (SELECT e.flags & {personal}"
            " FROM entry e WHERE e.folder_id = personal_flag.folder_id AND e.uid = personal_flag.uid)"
            " WHERE folder_id = ?",
            (folder.id,),
        )
    raw.run(tx.conn, "UPDATE folder SET personal = ? WHERE id = ?", (bits, folder.id))
    apply_tx(tx, (change,))
