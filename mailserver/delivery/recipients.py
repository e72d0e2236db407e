"""From what the directory says about addresses to the mailboxes a message goes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from mailserver.delivery.errors import RecipientFormer, RecipientLocked, RecipientRefused, RecipientUnknown
from mailserver.delivery.outside import Outside
from mailserver.directory.resolve import Former, Locked, Mailbox, Many, Resolution, Unknown
from mailserver.store import quota


def mailboxes_of(resolution: Resolution) -> Iterator[Mailbox]:
    """The mailboxes behind one resolution: one, those of a group, or none."""
    match resolution:
        case Mailbox():
            yield resolution
        case Many(members=members, detail=detail):
            yield from (Mailbox(member, detail) for member in members)


def expand(resolved: Mapping[str, Resolution], outside: Outside) -> tuple[list[Mailbox], tuple[str, ...]]:
    """All mailboxes behind resolved addresses, and the addresses of other domains.

    Raises RecipientUnknown, RecipientFormer, RecipientLocked naming every such address, and whatever
    `outside` raises for addresses of other domains.
    """
    by_kind: dict[object, list[str]] = {}
    for address, found in resolved.items():
        by_kind.setdefault(found if isinstance(found, Unknown) else type(found), []).append(address)
    for kind, refuse in _REFUSALS:
        if named := by_kind.get(kind):
            raise refuse(named)
    elsewhere = by_kind.get(Unknown(local=False), [])
    if elsewhere:
        outside.check(elsewhere)
    return [box for found in resolved.values() for box in mailboxes_of(found)], tuple(elsewhere)


def full_ones(conn: Connection, resolved: Mapping[str, Resolution], octets: int) -> list[str]:
    """The addresses whose mailbox has no room for a message of so many octets (0: not known).

    A group's mail goes to all its members, full or not: a circular is missed by nobody.
    """
    limited = {
        address: box.principal_id for address, box in resolved.items() if isinstance(box, Mailbox) and box.limited
    }
    full = quota.full_among(conn, set(limited.values()), octets) if limited else set()
    return [address for address, owner_id in limited.items() if owner_id in full]


_REFUSALS: tuple[tuple[object, type[RecipientRefused]], ...] = (
    (Unknown(local=True), RecipientUnknown),
    (Former, RecipientFormer),
    (Locked, RecipientLocked),
)
