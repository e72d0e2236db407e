"""Letters to distribution lists: who may write to one, and what its members get.

Members get the letter with fields in front that tell which list it came by (RFC 2919, RFC 2369); nothing else of it
changes, so the author's From and DKIM signature stay whole. Each member gets it once: who is also named by an address
of their own gets the letter itself, who is in several lists the copy of the first. Members elsewhere get it from the
list's owner, to whom goes what does not arrive (RFC 5321 §3.9.2); what a sender wanted to be told of its way ends at
the list (RFC 3461 §5.2.7).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from urllib.parse import quote

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery import marks
from mailserver.delivery.errors import ListTooLarge, MailLoop, PostingRefused
from mailserver.directory import mailing_lists
from mailserver.directory.mailing_lists import Posting, ReplyTo, Terms
from mailserver.directory.resolve import Mailbox, Many, Resolution
from mailserver.mime.header import header_end
from mailserver.mime.scan import Scanned, scan
from mailserver.policy import Action, Cause, Verdict
from mailserver.store import ingest
from mailserver.store.blobs import BlobStore

# What the row of a letter that waits for a list's owner says; see `mailserver.policy.Verdict.rule`.
MODERATION = "list-moderation"
# The fact of a letter that waits for a list's owner that says under which sender it leaves.
RETURN_PATH = "return_path"
# Characters of a title in List-Id; a line has at most 998 (RFC 5322 §2.1.1).
MOST_TITLE = 80

_LIST_ID = re.compile(rb"^list-id[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_REPLIES = re.compile(rb"^(?:reply-to|dkim-signature)[ \t]*:", re.I | re.M)


@dataclass(frozen=True, slots=True)
class ListCopy:
    """What goes by one list. members: principals who get the letter by this list; outside: addresses elsewhere.

    held: it waits for an owner. name: the address of the list as the sender wrote it.
    """

    terms: Terms
    name: str
    members: frozenset[int]
    outside: tuple[str, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """What a rule keeps back of a list's copy: for which of its members, and the fields that tell of the list."""

    copy: ListCopy
    fields: tuple[tuple[str, str], ...]


def copies_of(resolved: Mapping[str, Resolution], elsewhere: Sequence[str]) -> tuple[ListCopy, ...]:
    """The lists among recipients, the first first. elsewhere: recipients of other domains that are named themselves."""
    if not any(_is_list(found) for found in resolved.values()):
        return ()
    seen = {one for found in resolved.values() for one in _directly(found)}
    outside, lists = set(elsewhere), {}
    for name, found in resolved.items():
        if not (isinstance(found, Many) and found.terms is not None) or found.terms.list_id in lists:
            continue
        members = frozenset(found.members) - seen
        others = tuple(one for one in found.terms.outsiders if one not in outside)
        lists[found.terms.list_id] = ListCopy(found.terms, name, members, others)
        seen |= members
        outside |= set(others)
    return tuple(lists.values())


def _is_list(found: Resolution) -> bool:
    return isinstance(found, Many) and found.terms is not None


def _directly(found: Resolution) -> Iterable[int]:
    match found:
        case Mailbox(principal_id=principal_id):
            return (principal_id,)
        case Many(members=members, terms=None):
            return members
    return ()


def admitted(
    conn: Connection, actor: Actor, copies: Sequence[ListCopy], resolved: Mapping[str, Resolution], now: datetime
) -> tuple[ListCopy, ...]:
    """The copies, those held that who is signed in may not post; raises PostingRefused where nobody moderates."""
    return tuple(
        _weighed(one, mailing_lists.may_post(conn, actor, one.terms, _behind(resolved[one.name]), now))
        for one in copies
    )


def require_right(conn: Connection, actor: Actor, resolved: Mapping[str, Resolution], now: datetime) -> None:
    """For what cannot wait for an owner: raises PostingRefused for lists that who is signed in may not write to."""
    if held := [one.name for one in admitted(conn, actor, copies_of(resolved, ()), resolved, now) if one.held]:
        raise PostingRefused(held)


def admitted_from_outside(copies: Sequence[ListCopy]) -> tuple[ListCopy, ...]:
    """The same for mail that nobody signed in for: anybody may have written its sender."""
    return tuple(_weighed(one, one.terms.settings.posting is Posting.ANYONE) for one in copies)


def _weighed(copy: ListCopy, may: bool) -> ListCopy:
    if may:
        return copy
    if not copy.terms.settings.moderated:
        raise PostingRefused([copy.name])
    return replace(copy, held=True)


def _behind(found: Resolution) -> tuple[int, ...]:
    return found.members if isinstance(found, Many) else ()


def require_new(data: bytes, copies: Sequence[ListCopy]) -> None:
    """Raises MailLoop for a letter that came by one of these lists before."""
    if not copies:
        return
    header = data[: header_end(data, 0, len(data))].lower()
    passed = {found.group().rstrip().rpartition(b"<")[2].rstrip(b">") for found in _LIST_ID.finditer(header)}
    if not passed.isdisjoint(list_id(one.terms).encode() for one in copies):
        raise MailLoop


def require_small(copies: Sequence[ListCopy], decoded_size: int) -> None:
    """decoded_size: octets of what was sent, with transfer encodings undone. Raises ListTooLarge."""
    for one in copies:
        if one.terms.settings.size_limit and decoded_size > one.terms.settings.size_limit:
            raise ListTooLarge(one.name, one.terms.settings.size_limit)


def list_id(terms: Terms) -> str:
    """The identifier of a list, RFC 2919 §3, in lower case."""
    local, _, domain = terms.address.rpartition("@")
    plain = local if local.isascii() else local.encode("punycode").decode()
    return re.sub(r"[^a-z0-9.-]", "-", plain.lower()).strip(".") + f".{domain}"


def fields(terms: Terms, data: bytes) -> tuple[tuple[str, str], ...]:
    """The header fields of a list's copies of a letter, ASCII."""
    owner = f"mailto:{_url(terms.owner)}"
    announces = terms.settings.posting is Posting.POSTERS
    found = [
        ("List-Id", f"{_phrase(terms.title)} <{list_id(terms)}>"),
        ("List-Help", f"<{owner}?subject=help>"),
        ("List-Owner", f"<{owner}>"),
        ("List-Post", "NO" if announces else f"<mailto:{_url(terms.address)}>"),
    ]
    if terms.settings.may_leave:
        found.append(("List-Unsubscribe", f"<{owner}?subject=unsubscribe%20{_url(terms.address)}>"))
    found.append(("Precedence", "list"))
    header = data[: header_end(data, 0, len(data))]
    # A signature may say that there is no such field (RFC 6376 §5.4.2), and a second one is not allowed.
    if terms.settings.reply_to is ReplyTo.LIST and terms.address.isascii() and _REPLIES.search(header) is None:
        found.append(("Reply-To", terms.address))
    return tuple(found)


def framed(front: bytes, data: bytes, scanned: Scanned, terms: Terms) -> tuple[bytes, Scanned]:
    """A list's copy of a letter. front: our trace fields; scanned: of them and the letter."""
    said = fields(terms, data)
    fuller = marks.put_in(front, said)
    octets = fuller + data
    # What `scan` does not read of the header cannot change what it found.
    read = any(name == "Reply-To" for name, _value in said)
    return octets, scan(octets) if read else scanned.behind(len(fuller) - len(front))


def prepare(front: bytes, data: bytes, scanned: Scanned, terms: Terms, blobs: BlobStore) -> ingest.Prepared:
    """As `framed`, ready to be stored. Raises as `ingest.prepare`."""
    octets, read = framed(front, data, scanned, terms)
    return ingest.prepare(octets, blobs, read)


def portions(
    copies: Sequence[ListCopy], mailboxes: Iterable[Mailbox], outside: Sequence[str], data: bytes
) -> tuple[Portion, ...]:
    """What of each list's copy is kept back with these. data: the letter."""
    whose = {box.principal_id for box in mailboxes}
    narrowed = (
        replace(one, members=one.members & whose, outside=tuple(who for who in one.outside if who in outside))
        for one in copies
    )
    return tuple(Portion(one, fields(one.terms, data)) for one in narrowed if one.members or one.outside)


def _phrase(title: str) -> str:
    """A title as a phrase of RFC 5322 §3.2.5, one line."""
    short = title[:MOST_TITLE].strip()
    if short.isascii() and short.isprintable():
        return '"' + short.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return Header(short, "utf-8").encode().replace("\n", "")


def _url(address: str) -> str:
    """An address in a mailto URL (RFC 6068 §2)."""
    return quote(address, safe="@.-_~!$'*+")


def moderation(copy: ListCopy, waits_for: str) -> Verdict:
    """What is said of a letter that waits for an owner of the list. waits_for: their address, "" for administrators."""
    return Verdict(
        Action.HOLD,
        MODERATION,
        None,
        Cause.NEEDS_CONSENT,
        {"list": copy.terms.title, "address": copy.terms.address, RETURN_PATH: copy.terms.owner},
        waits_for=waits_for,
    )
