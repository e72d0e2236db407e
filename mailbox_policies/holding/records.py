"""What is known of one kept message, and what can be wrong with a decision on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Any

from mailserver.delivery.circulation import Portion
from mailserver.policy import Action


class HoldingError(Exception):
    """Base of all: nothing has changed when one of these is raised."""


class NoSuchKept(HoldingError):
    """There is none by this number, or none that this person may know of."""


class AlreadyDecided(HoldingError):
    """Somebody was quicker; the message waits no more."""


class StillElsewhere(HoldingError):
    """The message is also in somebody's mailbox or queue, so that destroying it here would leave a copy."""


@unique
class Kind(Enum):
    HELD = "held"
    QUARANTINED = "quarantined"


@unique
class State(Enum):
    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DESTROYED = "destroyed"


KIND_OF = {Action.HOLD: Kind.HELD, Action.QUARANTINE: Kind.QUARANTINED}


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """One row. message_pk: None once it is decided. recipients: all it is kept back for, `outside` those
    that are not ours; mailboxes: (principal, detail); lists: which of these get it by which lists. submitted: by one
    of our people, else it came from outside. Times are aware."""

    id: int
    agency_id: int
    kind: Kind
    state: State
    message_pk: int | None
    rule: str
    article: str
    cause: str
    facts: Mapping[str, Any]
    further: tuple[Mapping[str, Any], ...]
    submitted: bool
    queue_id: str
    sender: str
    recipients: tuple[str, ...]
    mailboxes: tuple[tuple[int, str], ...]
    outside: tuple[str, ...]
    wishes: Mapping[str, Any]
    lists: tuple[Portion, ...]
    actor_id: int | None
    message_id: str
    size: int
    waits_for: str
    waits_for_id: int | None
    at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: int | None
    reason: str

    @property
    def waits(self) -> bool:
        return self.state is State.WAITING

    @property
    def addressed(self) -> tuple[str, ...]:
        """The recipients as the sender named them: members of lists elsewhere by the name of the list."""
        by_list = {one: portion.copy.name for portion in self.lists for one in portion.copy.outside}
        return tuple(dict.fromkeys(by_list.get(one, one) for one in self.recipients))
