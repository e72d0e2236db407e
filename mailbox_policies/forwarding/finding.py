"""Looking for the messages that a letter's trail leads to, among the mail that its writer has or was sent.

Nothing is kept for this beside what the store has anyway: identifiers and blobs have their indexes, and text is
found by the full-text index, so that mail counts from the commit that delivers it, and old mail too. The number of
look-ups and of messages that are read is bounded, however long the letter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailbox_policies.forwarding import shingles
from mailbox_policies.forwarding.trail import Trail
from mailbox_policies.forwarding.weighing import Found
from mailserver.actor import Actor
from mailserver.directory import agencies
from mailserver.directory.addresses import lookup_key
from mailserver.directory.identities import allowed_senders
from mailserver.mime.header import Header
from mailserver.mime.scan import scan
from mailserver.mime.subjects import find_base
from mailserver.store import access, files, messages, raw
from mailserver.store.search import SearchIndex, words
from mailserver.text import fold

# Messages that are looked at for one letter; for one phrase or file, the oldest.
MOST_FOUND = 100
MOST_FOR_ONE = 20
# Identifiers that are looked up; a thread's root and its newest messages matter.
MOST_IDENTIFIERS = 100
# Words of a subject that are searched for.
SUBJECT_WORDS = 12
# Characters of a message's text that are compared with the letter.
MOST_TEXT = 200_000

# Nobody is asked about these: drafts are one's own, and what nobody vouches for is no work mail.
_WORK_FOLDER = "coalesce(f.special_use, '') NOT IN ('\\Drafts', '\\Junk')"


@dataclass(frozen=True, slots=True)
class Forwarder:
    """owners, folders: whose whole mailboxes and which single folders the writer may read. own: addresses he writes as,
    in the form in which they are looked up."""

    owners: frozenset[int]
    folders: frozenset[int]
    own: frozenset[str]


def forwarder(conn: Connection, actor: Actor, now: datetime) -> Forwarder:
    """Who is writing. actor: a person."""
    assert actor.principal_id is not None
    boxes = access.reachable(conn, actor, now)
    single = (folder_id for box in boxes for folder_id, letters in box.shared.items() if "r" in letters)
    own = (one.address for one in allowed_senders(conn, actor.principal_id, now))
    owners = frozenset(box.owner_id for box in boxes if "r" in box.rights)
    return Forwarder(owners | {actor.principal_id}, frozenset(single), frozenset(map(lookup_key, own)))


def find(conn: Connection, who: Forwarder, trail: Trail, readers: Iterable[str]) -> list[Found]:
    """The messages, the oldest first, at most MOST_FOUND. readers: of the letter; who of them has a message counts
    as its audience."""
    with_files = _with_files(conn, [file.digest for file in trail.files])
    named = _with_identifiers(conn, (*trail.enclosed, *trail.direct, *trail.thread[:1], *trail.thread[::-1]))
    held = _held(conn, who, {*named, *with_files}) if named or with_files else set()
    held |= _with_words(conn, who, trail)
    addressed = {*named, *with_files} - held
    candidates = sorted(held | addressed)[:MOST_FOUND]
    return _read(conn, who, candidates, held, with_files, {lookup_key(one) for one in readers})


def _with_identifiers(conn: Connection, identifiers: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for identifier in list(dict.fromkeys(identifiers))[:MOST_IDENTIFIERS]:
        query = "SELECT id FROM message WHERE message_id = ? ORDER BY id LIMIT ?"
        found.update(row[0] for row in raw.rows(conn, query, (identifier[:255], MOST_FOR_ONE)))
    return found


def _with_files(conn: Connection, digests: Iterable[bytes]) -> dict[int, set[bytes]]:
    """Which messages carry these files, and which of them."""
    found: dict[int, set[bytes]] = {}
    for digest in set(digests):
        for message_pk in files.carrying(conn, digest, 5 * MOST_FOR_ONE):
            found.setdefault(message_pk, set()).add(digest)
    return found


def _with_words(conn: Connection, who: Forwarder, trail: Trail) -> set[int]:
    """Messages with long runs of the letter's words, or with the subject of a block in it."""
    index = SearchIndex()
    found: set[int] = set()
    mailboxes = (who.owners, who.folders)
    if len(trail.words) >= shingles.RUN:
        for phrase in dict.fromkeys(shingles.phrases(trail.words)):
            found |= index.held_with(conn, *mailboxes, phrase, "body", MOST_FOR_ONE)
    for block in trail.blocks:
        base = find_base(block.subject)
        subject = words(fold(block.subject[base.start : base.end])).split()[:SUBJECT_WORDS]
        if subject:
            found |= index.held_with(conn, *mailboxes, " ".join(subject), "head", 3 * MOST_FOR_ONE)
    return found


def _held(conn: Connection, who: Forwarder, message_pks: Collection[int]) -> set[int]:
    wanted, numbers = raw.among(conn, "e.message_pk", message_pks)
    owned, owners = raw.among(conn, "f.owner_id", who.owners)
    shared, folders = raw.among(conn, "f.id", who.folders or {0})
    query = (
        "SELECT DISTINCT e.message_pk FROM entry e JOIN folder f ON f.id = e.folder_id"
        f" WHERE {wanted} AND ({owned} OR {shared}) AND {_WORK_FOLDER}"
    )
    return {row[0] for row in raw.rows(conn, query, (numbers, owners, folders))}


def _read(
    conn: Connection,
    who: Forwarder,
    candidates: Collection[int],
    held: Collection[int],
    files: dict[int, set[bytes]],
    readers: set[str],
) -> list[Found]:
    if not candidates:
        return []
    headers = messages.load_many(conn, candidates, ("header", "message_id", "subject"))
    wanted, numbers = raw.among(conn, "message_pk", candidates)
    texts = dict(
        raw.rows(conn, f"SELECT message_pk, substr(body, 1, {MOST_TEXT}) FROM message_text WHERE {wanted}", (numbers,))
    )
    having = _having(conn, candidates, readers)
    public = _published(conn, candidates)
    domains = tuple(f".{name}" for name in agencies.domains(conn))
    found = []
    for message_pk in candidates:
        if message_pk not in headers:
            continue
        block, message_id, subject = headers[message_pk]
        seen = scan(block)
        authors = tuple(dict.fromkeys(lookup_key(one.addr) for one in seen.from_))
        audience = {lookup_key(one.addr) for one in (*seen.from_, *seen.sender, *seen.reply_to, *seen.to, *seen.cc)}
        if message_pk not in held and not audience & who.own:
            continue
        found.append(
            Found(
                message_pk,
                message_id or "",
                authors,
                tuple(fold(one.name) for one in seen.from_ if one.name),
                subject,
                frozenset(audience | having.get(message_pk, set())),
                tuple(texts.get(message_pk, "").split()),
                mine=set(authors) <= who.own,
                free=message_pk in public or is_no_work(block, domains),
                digests=frozenset(files.get(message_pk, ())),
            )
        )
    return found


def _having(conn: Connection, candidates: Collection[int], readers: set[str]) -> dict[int, set[str]]:
    """Which readers of ours have which of the messages, by a blind copy or a group, say."""
    found: dict[int, set[str]] = {}
    wanted, numbers = raw.among(conn, "e.message_pk", candidates)
    query = (
        "SELECT DISTINCT e.message_pk FROM address a JOIN folder f ON f.owner_id = a.principal_id"
        f" JOIN entry e ON e.folder_id = f.id WHERE a.address = ? AND {wanted}"
    )
    for reader in readers:
        for (message_pk,) in raw.rows(conn, query, (reader, numbers)):
            found.setdefault(message_pk, set()).add(reader)
    return found


def _published(conn: Connection, candidates: Collection[int]) -> set[int]:
    """Those that lie in a folder that everybody of an agency may read (see `grants.everybody`)."""
    wanted, numbers = raw.among(conn, "e.message_pk", candidates)
    query = (
        "SELECT DISTINCT e.message_pk FROM entry e JOIN folder_acl l ON l.folder_id = e.folder_id"
        f" WHERE {wanted} AND l.grantee_id < 0 AND l.rights LIKE '%r%'"
    )
    return {row[0] for row in raw.rows(conn, query, (numbers,))}


def is_no_work(block: bytes, domains: tuple[str, ...]) -> bool:
    """Newsletters and what machines send (RFC 2919, RFC 2369, RFC 3834); not what came by a list of our own.

    domains: with the dot in front.
    """
    header = Header(block)
    automatic = (header.get(b"Auto-Submitted") or b"no").strip().lower()
    if automatic != b"no":
        return True
    ids = [one.decode("ascii", "replace").strip().rstrip(">").lower() for one in header.all(b"List-Id")]
    listed = bool(ids) or header.get(b"List-Unsubscribe") is not None
    return listed and not any(one.endswith(domains) for one in ids)
