"""From an address to the mailboxes that take its mail.

`resolve` and `resolve_many` ask the database; `Resolver` is what a door holds: the same with a
cache in front of it. What is unknown is never cached: a new account takes mail at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mailserver.directory import addresses, capabilities
from mailserver.directory.expansion import behind
from mailserver.directory.mailing_lists import Terms, terms_of
from mailserver.directory.records import Kind, Status
from mailserver.directory.rows import among_texts
from mailserver.directory.version import Watch
from mailserver.store import quota, raw
from mailserver.store.database import Database

# RFC 5321 §4.5.1 and RFC 2142 §4: these reach a person in every domain, made or not.
DUTY_NAMES = frozenset(("postmaster", "abuse", "hostmaster", "security"))

# Addresses a process remembers, a few hundred octets each.
CACHE_SIZE = 50_000


_LOOKUP = (
    f"SELECT a.address, a.kind, p.id, p.kind, p.status, {quota.OCTETS} + {quota.MESSAGES} > 0"
    f" FROM address a JOIN principal p ON p.id = a.principal_id{quota.LIMIT_TABLES}"
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox; `detail`: the subaddress (RFC 5233) as the sender wrote it, else "".

    limited: whether it has a quota, so that one need not ask of those that have none.
    """

    principal_id: int
    detail: str = ""
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A group: the mailboxes of all its members, each once, groups inside it resolved.

    terms: how a list takes letters; None for a plain group, and for who is meant by an address of duty.
    """

    group_id: int | None
    members: tuple[int, ...]
    detail: str = ""
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody has this address; `local`: its domain is ours, so nobody ever will elsewhere."""

    local: bool


@dataclass(frozen=True, slots=True)
class Former:
    """Somebody had this address, and it takes no mail any more."""

    principal_id: int


@dataclass(frozen=True, slots=True)
class Locked:
    """A unit, post, group or service that is closed. (A locked person still gets mail.)"""

    principal_id: int


Resolution = Mailbox | Many | Unknown | Former | Locked


def resolve(conn: Connection, text: str) -> Resolution:
    """Whose address this is. Never raises: what is no address is Unknown."""
    return resolve_many(conn, (text,))[text]


def resolve_many(conn: Connection, texts: Iterable[str]) -> dict[str, Resolution]:
    """As `resolve` for many addresses, keyed as given, in one query for the usual case."""
    wanted = {text: _candidates(text) for text in texts}
    found = _lookup(conn, {key for candidates in wanted.values() for key, _ in candidates})
    resolved: dict[str, Resolution] = {}
    nowhere: dict[str, str] = {}
    for text, candidates in wanted.items():
        hit = next(((found[key], detail) for key, detail in candidates if key in found), None)
        if hit:
            resolved[text] = _with_detail(*hit)
        else:
            nowhere[text] = candidates[-1][0]
    by_duty = _by_duty(conn, list(nowhere.values())) if nowhere else {}
    return resolved | {text: by_duty[key] for text, key in nowhere.items()}


def _candidates(text: str) -> list[tuple[str, str]]:
    """(key, detail) in the order in which they are tried: as written, then without the detail."""
    key = addresses.lookup_key(text)
    base, _ = addresses.without_detail(key)
    if base == key:
        return [(key, "")]
    local = text.rpartition("@")[0]
    return [(key, ""), (base, local.strip('"').partition(addresses.DETAIL_SEPARATOR)[2])]


def _lookup(conn: Connection, keys: set[str]) -> dict[str, Resolution]:
    """What the address table says about those keys that are in it."""
    condition, wanted = among_texts(conn, "a.address", keys)
    found = raw.rows(conn, f"{_LOOKUP} WHERE {condition}", (wanted,))
    groups = [principal_id for _, _, principal_id, kind, *_ in found if kind == Kind.GROUP]
    expanded = _expanded(conn, groups) if groups else {}
    return {
        key: _resolution(former == "former", principal_id, kind, status, bool(limited), expanded)
        for key, former, principal_id, kind, status, limited in found
    }


def _expanded(conn: Connection, group_ids: Sequence[int]) -> dict[int, Many]:
    found = behind(conn, group_ids)
    terms = terms_of(conn, {group_id: one.groups for group_id, one in found.items()})
    return {group_id: Many(group_id, one.mailboxes, terms=terms.get(group_id)) for group_id, one in found.items()}


def _resolution(
    is_former: bool, principal_id: int, kind: str, status: str, limited: bool, expanded: dict[int, Many]
) -> Resolution:
    if is_former or status == Status.LEFT:
        return Former(principal_id)
    if status == Status.LOCKED and kind != Kind.PERSON:
        return Locked(principal_id)
    if kind == Kind.GROUP:
        return expanded[principal_id]
    return Mailbox(principal_id, limited=limited)


def _by_duty(conn: Connection, keys: Sequence[str]) -> dict[str, Resolution]:
    """What is in no table: postmaster and its like in our domains, else nobody.

    "postmaster" may come without a domain (RFC 5321 §4.1.1.3): then the oldest agency's is meant.
    """
    parts = {key: key.rpartition("@") for key in keys}
    local_domains = _agencies_of(conn, {domain for _, _, domain in parts.values()})
    resolved: dict[str, Resolution] = {}
    for key, (local, at, domain) in parts.items():
        agency_id = local_domains.get(domain) if at else _oldest_agency(conn) if key == "postmaster" else None
        if agency_id is not None and (local or key) in DUTY_NAMES:
            resolved[key] = Many(None, capabilities.keepers_of_the_system(conn, agency_id))
        else:
            resolved[key] = Unknown(local=agency_id is not None)
    return resolved


def _agencies_of(conn: Connection, domains: set[str]) -> dict[str, int]:
    condition, wanted = among_texts(conn, "name", domains)
    return dict(raw.rows(conn, f"SELECT name, agency_id FROM domain WHERE {condition}", (wanted,)))


def _oldest_agency(conn: Connection) -> int | None:
    found = raw.row(conn, "SELECT min(id) FROM agency")
    return found[0] if found else None


def _with_detail(resolution: Resolution, detail: str) -> Resolution:
    if not detail:
        return resolution
    match resolution:
        case Mailbox() | Many():
            return replace(resolution, detail=detail)
        case _:
            return resolution


class Resolver:
    """Resolves addresses for a door; one for a process. Safe to share between threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._watch = Watch()
        # The directory's version, and what was found under it: replaced together, never mixed.
        self._held: tuple[int, dict[str, Resolution]] = (-1, {})

    def resolve(self, text: str) -> Resolution:
        """As `resolve` of this module; a change of the directory is seen within 100 ms."""
        cached = self._cached(text)
        return cached if cached is not None else self._db.read(lambda conn: self._ask(conn, (text,)))[text]

    async def aresolve(self, text: str) -> Resolution:
        """As `resolve`, without ever blocking the loop."""
        cached = self._cached(text)
        return cached if cached is not None else (await self._db.aread(lambda conn: self._ask(conn, (text,))))[text]

    async def aresolve_many(self, texts: Sequence[str]) -> dict[str, Resolution]:
        """All of them with at most one visit to the database."""
        cached = {text: known for text in texts if (known := self._cached(text)) is not None}
        missing = [text for text in texts if text not in cached]
        return cached | await self._db.aread(lambda conn: self._ask(conn, missing)) if missing else cached

    def _cached(self, text: str) -> Resolution | None:
        version, held = self._held
        return _recall(held, text) if self._watch.known() == version else None

    def _ask(self, conn: Connection, texts: Sequence[str]) -> dict[str, Resolution]:
        """Ask the database, unless it says that what is remembered still holds."""
        held = self._current(self._watch.read(conn))
        known = {text: cached for text in texts if (cached := _recall(held, text)) is not None}
        asked = resolve_many(conn, [text for text in texts if text not in known])
        for text, resolution in asked.items():
            _remember(held, text, resolution)
        return known | asked

    def _current(self, version: int) -> dict[str, Resolution]:
        """What is remembered under this version; emptied when it grows too large."""
        held_version, held = self._held
        if held_version != version or len(held) > CACHE_SIZE:
            held = {}
            self._held = (version, held)
        return held


def _recall(held: dict[str, Resolution], text: str) -> Resolution | None:
    for key, detail in _candidates(text):
        known = held.get(key)
        if known is not None:
            return _with_detail(known, detail)
    return None


def _remember(held: dict[str, Resolution], text: str, resolution: Resolution) -> None:
    """Keep what was found under the address that was found, without its detail."""
    candidates = _candidates(text)
    match resolution:
        case Mailbox(detail=detail):
            held[candidates[-1 if detail else 0][0]] = replace(resolution, detail="")
        case Many(group_id=int(), detail=detail):
            held[candidates[-1 if detail else 0][0]] = replace(resolution, detail="")
        case _:
            pass
