"""From what the directory says about addresses to the mailboxes a message goes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mailserver.delivery.errors import RecipientFormer, RecipientLocked, RecipientRefused, RecipientUnknown
from mailserver.delivery.outside import Outside
from mailserver.directory.resolve import Former, Locked, Mailbox, Many, Resolution, Unknown


def mailboxes_of(resolution: Resolution) -> Iterator[Mailbox]:
    """The mailboxes behind one resolution: one, those of a group, or none."""
    match resolution:
        case Mailbox():
            yield resolution
        case Many(members=members, detail=detail):
            yield from (Mailbox(member, detail) for member in members)


def expand(resolved: Mapping[str, Resolution], outside: Outside) -> list[Mailbox]:
    """All mailboxes behind resolved addresses.

    Raises RecipientUnknown, RecipientFormer, RecipientLocked naming every such address, and whatever
    `outside` raises for addresses of other domains.
    """
    by_kind: dict[object, list[str]] = {}
    for address, found in resolved.items():
        by_kind.setdefault(found if isinstance(found, Unknown) else type(found), []).append(address)
    for kind, refuse in _REFUSALS:
        if named := by_kind.get(kind):
            raise refuse(named)
    if elsewhere := by_kind.get(Unknown(local=False)):
        outside(elsewhere)
    return [box for found in resolved.values() for box in mailboxes_of(found)]


_REFUSALS: tuple[tuple[object, type[RecipientRefused]], ...] = (
    (Unknown(local=True), RecipientUnknown),
    (Former, RecipientFormer),
    (Locked, RecipientLocked),
)
