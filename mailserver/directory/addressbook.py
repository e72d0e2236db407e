"""The one directory of an agency, as its people see it: units, posts with their holders, people
(123/QĐ-SCT, Điều 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from mailserver.directory import posts, principals
from mailserver.directory.posts import Post, Unit
from mailserver.directory.records import Principal
from mailserver.directory.schema import person
from mailserver.text import fold


@dataclass(frozen=True, slots=True)
class Held:
    """A post and who holds it on the day; None: nobody."""

    post: Post
    holder: Principal | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with what is in it, not in the units below. unit: None for who is in no unit. depth: 0 at the top."""

    unit: Unit | None
    depth: int
    posts: tuple[Held, ...]
    people: tuple[Principal, ...]

    @property
    def is_empty(self) -> bool:
        return not self.posts and not self.people


def tree(conn: Connection, agency_id: int, day: date) -> list[Branch]:
    """All of an agency, each unit before those below it; who has left is not in it."""
    units = posts.units(conn, agency_id)
    everybody = {one.id: one for one in principals.people(conn, agency_id)}
    held: dict[int, list[Held]] = {}
    for post in posts.posts(conn, agency_id):
        holder = posts.holder(conn, post.id, day)
        held.setdefault(post.unit_id, []).append(Held(post, everybody.get(holder) if holder is not None else None))
    found = conn.execute(select(person.c.principal_id, person.c.unit_id).where(person.c.agency_id == agency_id))
    where = {row.principal_id: row.unit_id for row in found}
    members: dict[int | None, list[Principal]] = {}
    for who in everybody.values():
        members.setdefault(where.get(who.id), []).append(who)
    branches = [
        Branch(unit, depth, tuple(held.get(unit.id, ())), tuple(members.get(unit.id, ())))
        for unit, depth in _ordered(units, None, 0)
    ]
    return [*branches, *([Branch(None, 0, (), tuple(members[None]))] if None in members else [])]


def matching(branches: list[Branch], words: str) -> list[Branch]:
    """Those with a name or an address that has all the words in it, with or without diacritics."""
    wanted = fold(words).split()
    if not wanted:
        return branches
    found = []
    for one in branches:
        if one.unit is not None and _fits(one.unit.principal, wanted):
            found.append(one)
            continue
        own_posts = tuple(held for held in one.posts if _fits(held.post.principal, wanted, held.holder))
        kept = Branch(one.unit, one.depth, own_posts, tuple(who for who in one.people if _fits(who, wanted)))
        if not kept.is_empty:
            found.append(kept)
    return found


def _fits(who: Principal, wanted: list[str], holder: Principal | None = None) -> bool:
    text = fold(f"{who.name} {who.address} {holder.name if holder else ''}")
    return all(word in text for word in wanted)


def _ordered(units: list[Unit], parent: int | None, depth: int) -> Iterator[tuple[Unit, int]]:
    known = {one.id for one in units}
    for unit in units:
        if unit.parent_id == parent or (parent is None and unit.parent_id not in known):
            yield unit, depth
            yield from _ordered([one for one in units if one is not unit], unit.id, depth + 1)
