"""What is known of a person's sending; who counts it: `mailserver.sending_counter`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter of the last day. at: seconds since 1970. recipients: of its envelope; fresh: how many of them were
    new then."""

    at: int
    recipients: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a person's sending when a letter comes.

    now: seconds since 1970. sent: the letters of the last day, oldest first. fresh: recipients outside to whom the
    person never wrote, and from whom the mailbox holds no mail. faces: addresses of the person, and of the unit, the
    posts and the groups the person belongs to. lists: addresses of the agency's lists, known where a letter has many
    recipients.
    """

    now: int
    sent: tuple[Sent, ...] = ()
    fresh: tuple[str, ...] = ()
    faces: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()
