"""Redirects as they are kept, and reading them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from mailserver.directory import posts
from mailserver.directory.records import Kind, Status, office_day
from mailserver.directory.schema import address, principal
from mailserver.redirects.schema import mail_redirect

MOST_LISTED = 500


@unique
class State(StrEnum):
    """Equal to its column value; the table of moves stands in this package's docstring."""

    ASKED = "asked"
    STANDING = "standing"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect. name, address: of its mailbox. targets: addresses elsewhere. starts_on, ends_on: days of the
    office, both included. Times: UTC."""

    id: int
    owner_id: int
    agency_id: int
    kind: str
    name: str
    address: str
    state: State
    targets: tuple[str, ...]
    starts_on: date
    ends_on: date
    reason: str
    made_by_id: int | None
    made_at: datetime
    decided_by_id: int | None
    answer: str
    ended_at: datetime | None

    def is_open(self, today: date) -> bool:
        """Whether it works, will work, or may still be agreed to."""
        return self.state in (State.ASKED, State.STANDING) and today <= self.ends_on

    def works(self, today: date) -> bool:
        return self.state is State.STANDING and self.starts_on <= today <= self.ends_on


class NoSuchRedirect(LookupError):
    """No redirect with this number, or none that the asker may see."""


_OF_REDIRECT = (
    mail_redirect.c.id,
    mail_redirect.c.owner_id,
    principal.c.agency_id,
    principal.c.kind,
    principal.c.name,
    address.c.address,
    mail_redirect.c.state,
    mail_redirect.c.targets,
    mail_redirect.c.starts_on,
    mail_redirect.c.ends_on,
    mail_redirect.c.reason,
    mail_redirect.c.made_by_id,
    mail_redirect.c.made_at,
    mail_redirect.c.decided_by_id,
    mail_redirect.c.answer,
    mail_redirect.c.ended_at,
)
_REDIRECTS: Select[Any] = (
    select(*_OF_REDIRECT)
    .join(principal, principal.c.id == mail_redirect.c.owner_id)
    .join(address, (address.c.principal_id == principal.c.id) & address.c.is_primary)
)


def get(conn: Connection, redirect_id: int, *, lock: bool = False) -> Redirect:
    """lock: until the transaction ends. Raises NoSuchRedirect."""
    query = _REDIRECTS.where(mail_redirect.c.id == redirect_id)
    row = conn.execute(query.with_for_update(of=mail_redirect) if lock else query).first()
    if row is None:
        raise NoSuchRedirect(redirect_id)
    return _redirect(row)


def working(conn: Connection, owner_ids: Collection[int], today: date) -> list[Redirect]:
    """Those by which mail that comes to these mailboxes today goes on."""
    days = mail_redirect.c.starts_on <= today, mail_redirect.c.ends_on >= today
    used = principal.c.status == Status.ACTIVE.value
    standing = mail_redirect.c.state == State.STANDING.value
    found = _listed(conn, mail_redirect.c.owner_id.in_(owner_ids), standing, *days, used)
    return [one for one in found if not is_passed_on(conn, one, today)]


def of_posts(conn: Connection) -> list[Redirect]:
    """Those that stand, of posts."""
    return _listed(conn, principal.c.kind == Kind.POST.value, mail_redirect.c.state == State.STANDING.value)


def is_passed_on(conn: Connection, one: Redirect, today: date) -> bool:
    """Whether the mailbox is of a post that is not held any more by whom it was redirected for: mail for a successor
    does not go where the predecessor wanted it."""
    if one.kind != Kind.POST.value:
        return False
    first = max(office_day(one.made_at), one.starts_on)
    return first < today and posts.holder(conn, one.owner_id, first) != posts.holder(conn, one.owner_id, today)


def of_owner(conn: Connection, owner_id: int, *states: State) -> list[Redirect]:
    """Of one mailbox, the newest first; in these states, if any are given."""
    among = [mail_redirect.c.state.in_([one.value for one in states])] if states else []
    return _listed(conn, mail_redirect.c.owner_id == owner_id, *among)


def of_agency(conn: Connection, agency_id: int) -> list[Redirect]:
    """Of all its mailboxes, the newest first."""
    return _listed(conn, principal.c.agency_id == agency_id)


def _listed(conn: Connection, *conditions: ColumnElement[bool]) -> list[Redirect]:
    query = _REDIRECTS.where(*conditions).order_by(mail_redirect.c.id.desc()).limit(MOST_LISTED)
    return [_redirect(row) for row in conn.execute(query)]


def _redirect(row: Row[Any]) -> Redirect:
    values = dict(row._mapping)
    return Redirect(**{**values, "state": State(values["state"]), "targets": tuple(values["targets"].split(" "))})
