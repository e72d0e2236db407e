"""Under whose name a person may write (RFC 5322 §3.6.2, RFC 6409 §6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery.errors import AuthorMissing, SenderNotAllowed, SeveralAuthors
from mailserver.delivery.heading import NO_CLAIMS, Claims, Heading
from mailserver.directory.addresses import lookup_key
from mailserver.directory.identities import Identity, allowed_senders
from mailserver.mime.scan import Scanned


@dataclass(frozen=True, slots=True)
class Authorship:
    """sender_field: the Sender field that is missing, b"" if none is: who writes for a unit or a post is named
    (RFC 5322 §3.6.2). written_for: whose names stand in From besides the writer's own, by principal."""

    sender_field: bytes
    written_for: tuple[int, ...]


def authorise(
    conn: Connection,
    actor: Actor,
    envelope_sender: str,
    header: Scanned,
    found: Heading,
    now: datetime,
    others: Claims = NO_CLAIMS,
) -> Authorship:
    """Check MAIL FROM, From and Sender against the identities of the person signed in.

    others: who else may be shown as the author, held to the same.

    Raises SenderNotAllowed, AuthorMissing, SeveralAuthors.
    """
    if actor.principal_id is None:
        raise SenderNotAllowed(envelope_sender)
    if found.senders > 1:
        raise SeveralAuthors
    if not header.from_:
        raise AuthorMissing
    identities = allowed_senders(conn, actor.principal_id, now)
    envelope = [_identity(identities, envelope_sender)] if envelope_sender else []
    authors = [_identity(identities, author.addr) for author in (*header.from_, *others.authors)]
    for bare in others.bare:
        _identity(identities, bare)
    _check_elsewhere(envelope, authors)
    own = [identity for identity in identities if not identity.on_behalf]
    written_for = tuple(dict.fromkeys(author.principal_id for author in authors if author.on_behalf))
    for address in (*header.sender, *others.senders):
        _identity(own, address.addr)
    if header.sender:
        return Authorship(b"", written_for)
    return Authorship(_sender_field(own) if written_for else b"", written_for)


def _check_elsewhere(envelope: Sequence[Identity], authors: Sequence[Identity]) -> None:
    """Mail under an address elsewhere goes out by its server, which takes only that address, in both places.

    Raises SenderNotAllowed.
    """
    for one in (*envelope, *authors):
        if one.elsewhere and (list(envelope) != [one] or set(authors) != {one}):
            raise SenderNotAllowed(one.address)


def _identity(identities: Sequence[Identity], address: str) -> Identity:
    """The identity behind an address, its subaddresses included. Raises SenderNotAllowed."""
    key = lookup_key(address)
    for identity in identities:
        if identity.is_named(key):
            return identity
    raise SenderNotAllowed(address)


def _sender_field(own: Sequence[Identity]) -> bytes:
    if not own:
        raise SenderNotAllowed("")
    name = "".join(letter for letter in own[0].name if letter.isprintable())
    return f"Sender: {formataddr((name, own[0].address))}\r\n".encode()
