"""What travels from the directory to the other rooms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum, unique

# Tenures and grants count in days of the office (Vietnam has one zone and no summer time).
OFFICE_ZONE = timezone(timedelta(hours=7))

# Whoever holds a post of one of these roles in a unit is its head.
HEAD_ROLES = ("director", "chief_of_office", "unit_head")


@unique
class Kind(StrEnum):
    """What a principal is; equal to its column value."""

    AGENCY = "agency"
    UNIT = "unit"
    POST = "post"
    PERSON = "person"
    GROUP = "group"
    SERVICE = "service"


@unique
class Status(StrEnum):
    """active: in use. locked: no sign-in, mail still arrives. left: gone; nothing arrives any more."""

    ACTIVE = "active"
    LOCKED = "locked"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Principal:
    """A holder of a mailbox.

    address: the primary one, local@domain, lower case, the domain as A-label (RFC 5890).
    service: for kind "service" the folder behaviour of its INBOX, else None.
    """

    id: int
    agency_id: int
    kind: Kind
    name: str
    status: Status
    locale: str
    address: str
    service: str | None = None

    @property
    def local_part(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def reads_english(self) -> bool:
        """In which of the two languages letters to this person are."""
        return self.locale.startswith("en")


@dataclass(frozen=True, slots=True)
class PersonData:
    """A person to be created.

    family, middle, given: họ, tên đệm ("" if none), tên, as written; Unicode, any normal form.
    local_part: None lets the agency's naming rule choose.
    roles: besides those of posts; they count for unit_id, or for the agency where that is None.
    """

    family: str
    middle: str
    given: str
    local_part: str | None = None
    unit_id: int | None = None
    staff_code: str | None = None
    birth_date: date | None = None
    roles: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Agency:
    """An office with its own domain, people and regulation; id is not a principal's id."""

    id: int
    code: str
    name: str
    profile: str
    domain: str
    principal_id: int


def office_day(now: datetime) -> date:
    """The day it is in the office at `now` (aware)."""
    return now.astimezone(OFFICE_ZONE).date()


def day_begins(day: date) -> datetime:
    """When the day begins in the office; UTC. Raises OverflowError beyond the years that there are."""
    return datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC)


def day_ends(day: date) -> datetime:
    """The last second of the day in the office; UTC."""
    return datetime.combine(day, time(23, 59, 59), OFFICE_ZONE).astimezone(UTC)


def office_clock(at: datetime) -> str:
    """A moment (aware) as letters tell it, by the office's clock: "15:04, 26/11/2026"."""
    return f"{at.astimezone(OFFICE_ZONE):%H:%M, %d/%m/%Y}"
