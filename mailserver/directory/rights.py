"""The rights on somebody else's mailbox, and what each carries with it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum, unique

from mailserver.directory.errors import GrantInvalid
from mailserver.directory.records import Kind


@unique
class Right(StrEnum):
    """What one may do in somebody else's mailbox; equal to its word in the database.

    POST: put mail into its folders without reading what is there.
    """

    READ = "read"
    HANDLE = "handle"
    SEND_ON_BEHALF = "send_on_behalf"
    POST = "post"
    MANAGE = "manage"


Rights = frozenset[Right]

_IMPLIES = {
    Right.READ: frozenset((Right.READ,)),
    Right.HANDLE: frozenset((Right.READ, Right.HANDLE)),
    Right.SEND_ON_BEHALF: frozenset((Right.SEND_ON_BEHALF,)),
    Right.POST: frozenset((Right.POST,)),
    Right.MANAGE: frozenset((Right.READ, Right.HANDLE, Right.MANAGE)),
}

# Whoever handles the mail of an office answers it too; a person's own mail only with leave to.
_OFFICES = frozenset((Kind.AGENCY, Kind.UNIT, Kind.POST, Kind.GROUP))


def parsed(words: Iterable[str]) -> Rights:
    """Rights from their words. Raises GrantInvalid for none at all or an unknown one."""
    try:
        rights = frozenset(Right(word) for word in words)
    except ValueError as unknown:
        raise GrantInvalid(str(unknown)) from None
    if not rights:
        raise GrantInvalid("no right")
    return rights


def completed(rights: Iterable[Right], owner: Kind) -> Rights:
    """The rights with all that they carry with them in a mailbox of this kind."""
    full = frozenset[Right]().union(*(_IMPLIES[right] for right in rights))
    return full | {Right.SEND_ON_BEHALF} if Right.HANDLE in full and owner in _OFFICES else full
