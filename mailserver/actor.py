"""Who is acting: travels from a door (SMTP, IMAP, web, command line) down to the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request.

    principal_id: the person signed in; None for the system itself (delivery, schedules).
    agency_id: the person's agency; None for the system.
    door: "smtp", "imap", "web", "cli" or "system".
    remote: the peer's address for the audit, "" if there is none.
    locale: "vi" or "en", the language of refusals.
    """

    principal_id: int | None
    agency_id: int | None
    door: str
    remote: str = ""
    locale: str = "vi"

    @property
    def is_system(self) -> bool:
        return self.principal_id is None


SYSTEM = Actor(principal_id=None, agency_id=None, door="system")
