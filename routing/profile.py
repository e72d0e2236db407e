"""Agency profiles: a regulation as data. Code asks the profile, never which agency it is.

`profiles/NAME.toml` is read and checked here; `agency.settings` may change single values by
dotted key, such as {"incoming.finish_requires_case_file": false}.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, select

from mailserver.directory.schema import agency
from routing.errors import ProfileError

RoleName = Literal[
    "director",
    "deputy_director",
    "chief_of_office",
    "deputy_chief_of_office",
    "unit_head",
    "deputy_unit_head",
    "specialist",
    "registry",
    "it_admin",
]
Capability = Literal[
    "register_incoming",
    "view_register",
    "view_all_documents",
    "statistics",
    "manage_accounts",
    "post_notices",
    "order_inspection",
    "confirm_inspection",
    "view_audit",
    "authorise_settlements",
    "approve_delegation",
    "design_boards",
    "moderate_boards",
    "decide_posts",
]
EVERYONE = "everyone"
Octets = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Stage(_Part):
    """One place of the route where a document waits for direction.

    role: whose post receives it; deputies: roles that may receive it instead, in this order.
    assign: what this stage may give the document to as main handler; empty: it only passes on.
    """

    role: RoleName
    deputies: tuple[RoleName, ...] = ()
    assign: tuple[Literal["unit", "person"], ...] = ()


class Incoming(_Part):
    """How an incoming document travels (DOMAIN: `incoming.*`).

    return_to: whom a handler gives back to. confirm: fields of `types.Fields` that must be set
    before a document is passed on or assigned. annex_pages: annexes of at least so many pages stay
    on paper, 0: the clerk judges. secret_stub: the envelope of a secret document may be noted, without a file.
    """

    book: str = "Văn bản đến"
    route: Annotated[tuple[Stage, ...], Field(min_length=1)]
    return_to: Literal["sender_of_step", "direct_superior", "chief_of_office"] = "sender_of_step"
    finish_requires_case_file: bool = True
    finish_requires_result: bool = False
    confirm: tuple[Literal["type_name", "subject_field", "due_on"], ...] = ()
    scan_formats: Annotated[tuple[str, ...], Field(min_length=1)] = ("pdf",)
    annex_pages: Annotated[int, Field(ge=0)] = 0
    secret_stub: bool = False


class Policy(_Part):
    """Where an agency starts with a rule of mail, before it chooses itself.

    mode: as `mailbox_policies.modes.Mode`, None: as the rule has it. settings: fields of the rule.
    """

    mode: Literal["off", "trial", "warn", "enforce"] | None = None
    settings: dict[str, Any] = {}


class Mail(_Part):
    """Rules of the mailboxes. policies: by name of the rule.

    untaken_hours: a unit's head is told of mail that nobody has taken for so long, the chief of office after twice
    that; untouched_days: what was taken and left goes back; 0: never. inspection: leaders may have mailboxes inspected.
    undo_seconds: a letter written in the browser waits so long before it goes, if its writer has chosen nothing else.
    cleanup_day: from this day of the month on people are written to about mail that they could delete; 0: never.
    message_size_limit: octets, 0 = none. sender_authentication: how far DMARC is followed. Each None: as
    the installation has it.
    """

    message_size_limit: Octets | None = None
    message_size_counts: Literal["decoded", "wire"] | None = None
    sender_authentication: Literal["off", "annotate", "junk", "reject"] | None = None
    policies: dict[str, Policy] = {}
    forward_consent: bool = False
    inspection: bool = False
    untaken_hours: Annotated[int, Field(ge=0)] = 24
    untouched_days: Days = 2
    undo_seconds: Literal[0, 5, 10, 20, 30] = 10
    cleanup_day: Annotated[int, Field(ge=0, le=28)] = 5


class Account(_Part):
    """How accounts are named (`mailserver.directory.naming`). suffix: put after the local part.

    second_factor: roles whose people must sign in by two steps. remind_days: after so many people are reminded
    to choose another password, 0: never; nobody is made to.
    """

    scheme: Literal["gl", "kt", "manual"]
    suffix: str = ""
    second_factor: tuple[RoleName, ...] = ()
    remind_days: Days = 180


class Retention(_Part):
    """Days that postings are kept; 0 = for good."""

    schedule: Days = 0
    notice: Days = 0
    comments: Days = 0

    @property
    def limited(self) -> bool:
        """Whether anything goes after some time."""
        return bool(self.schedule or self.notice or self.comments)


Posters = tuple[RoleName | Literal["everyone"], ...]


class Boards(_Part):
    """Who posts in the shared folders of each kind (DOMAIN: R-105, R-106, R-114): roles, or everyone.

    Nobody: only whom the folder itself names, such as a committee (R-113) or the drafter of one text (R-109).
    """

    schedule: Posters = ("chief_of_office", "unit_head")
    open: Posters = ("everyone",)
    notice: Posters = ("director", "deputy_director", "chief_of_office")
    comments: Posters = ()
    circle: Posters = ()
    documents: Posters = ("chief_of_office", "registry")
    other: Posters = ("chief_of_office",)

    def posters(self, kind: str) -> Posters:
        found: Posters = getattr(self, kind)
        return found


class Comments(_Part):
    """Asking some people for their comments on a draft (DOMAIN: `goy_y.style`).

    style: "copied": to the head of the unit, in copy to those asked, who use "gửi ý kiến" (123/QĐ-SCT, Điều 7 khoản
    2); "blue": shown blue, given back by "Chuyển ý kiến đóng góp" (1201/QĐ-SYT, Điều 5 khoản 6; 04/2017/QĐ-UBND, Điều
    13 khoản 7); "personal": by personal mail (132/QĐ-STTTT, Điều 7 khoản 5); "plain": the regulation is silent.
    remind_hours: so long before the due moment the silent are reminded.
    """

    style: Literal["copied", "personal", "blue", "plain"] = "plain"
    remind_hours: Annotated[int, Field(ge=1)] = 24

    @property
    def copies_head(self) -> bool:
        """Whether the head of the asker's unit gets a copy of what is asked."""
        return self.style == "copied"

    @property
    def is_blue(self) -> bool:
        return self.style == "blue"


class Delegation(_Part):
    """Giving others rights on the mailbox of a unit or a post (DOMAIN: `delegation.*`).

    approval: it needs the leave of somebody with "approve_delegation". announce: the whole agency is told.
    copy_to_holder: who was replaced gets a copy of what is sent in their place.
    """

    approval: bool = False
    announce: bool = False
    copy_to_holder: bool = False


class Inspection(_Part):
    """Inspecting a mailbox by an order (DOMAIN: `inspection`), where `mail.inspection` allows it.

    tell_owner: when the owner learns of it: by mail when it is confirmed, by mail tell_after_days later, or not before
    it has ended, on the page of who has opened the mailbox.
    """

    tell_owner: Literal["at_once", "after_days", "at_end"] = "at_end"
    tell_after_days: Days = 30


class Procedure(_Part):
    """A legal procedure with its time. days: as `Deadlines.working_days` counts them, from the day of arrival."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=1000)]


class Deadlines(_Part):
    """How deadlines are made and lateness is counted (04/2017/QĐ-UBND, Điều 11 khoản 6).

    holidays: "MM-DD" for each year, "YYYY-MM-DD" for one, such as Tết and days in lieu.
    """

    working_days: bool = False
    holidays: tuple[Annotated[str, Field(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")], ...] = (
        "01-01",
        "04-30",
        "05-01",
        "09-02",
    )
    procedures: tuple[Procedure, ...] = ()


class Backup(_Part):
    """How often the regulation wants a backup; the product never does less than daily."""

    rhythm: Literal["daily", "weekly", "quarterly", "periodic"]


class Session(_Part):
    """Web sessions. ends_at: "HH:MM", the end of the working day, at which those are ended that rest; "": none."""

    ends_at: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = ""


class Profile(_Part):
    """One agency's regulation. forbidden: classes of documents that may not enter the system."""

    title: str
    regulation: str
    roles: dict[RoleName, tuple[Capability, ...]]
    incoming: Incoming
    account: Account
    backup: Backup
    mail: Mail = Mail()
    delegation: Delegation = Delegation()
    inspection: Inspection = Inspection()
    session: Session = Session()
    deadlines: Deadlines = Deadlines()
    retention: Retention = Retention()
    boards: Boards = Boards()
    comments: Comments = Comments()
    forbidden: tuple[Literal["secret", "complaint", "petition_settlement", "addressed_by_name"], ...] = ("secret",)

    @property
    def capabilities(self) -> Mapping[str, frozenset[str]]:
        """Role to capabilities, as `mailserver.directory.capabilities` wants them."""
        return {role: frozenset(granted) for role, granted in self.roles.items()}

    @property
    def account_scheme(self) -> str:
        return self.account.scheme


def parse_profile(text: str, source: str, settings: Mapping[str, Any] | None = None) -> Profile:
    """The profile written in `text` (TOML), changed by `settings` (dotted key to value).

    Raises ProfileError, which names `source` and the key.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ProfileError(f"{source}: not TOML: {fault}") from fault
    for key, value in (settings or {}).items():
        _put(data, key, value, source)
    try:
        return Profile.model_validate(_tuples(data))
    except ValidationError as fault:
        raise ProfileError("; ".join(f"{source}: {_key(e['loc'])}: {e['msg']}" for e in fault.errors())) from fault


@lru_cache(maxsize=256)
def load_profile(name: str) -> Profile:
    """The profile `profiles/NAME.toml` of this package. Raises ProfileError."""
    return parse_profile(_text_of(name), f"{name}.toml")


def profile_of(conn: Connection, agency_id: int) -> Profile:
    """The profile of an agency with the agency's own settings. Raises ProfileError."""
    row = conn.execute(select(agency.c.profile, agency.c.settings, agency.c.code).where(agency.c.id == agency_id)).one()
    if not row.settings:
        return load_profile(row.profile)
    return parse_profile(_text_of(row.profile), f"{row.profile}.toml with settings of {row.code}", row.settings)


def _text_of(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
        raise ProfileError(f"{name!r}: not a name of a profile")
    path = files("routing") / "profiles" / f"{name}.toml"
    if not path.is_file():
        raise ProfileError(f"{name}.toml: no such profile")
    return path.read_text(encoding="utf-8")


def _put(data: dict[str, Any], dotted: str, value: Any, source: str) -> None:
    *parents, last = dotted.split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ProfileError(f"{source}: {dotted}: {parent} is not a table")
    data[last] = value


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
