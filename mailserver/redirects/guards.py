"""What a redirect never sends on, whatever an agency's rules say. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum, unique

from mailserver.directory.addresses import lookup_key
from mailserver.mime.header import Header, header_end
from mailserver.policy import Action, Cause, Verdict

_UNSAFE = re.compile(r"[^\x21-\x7e]")


@unique
class Why(StrEnum):
    """Why a letter stayed here only; equal to its column value. AGAIN is nobody's news."""

    CONSENT = "consent"
    CLASS = "class"
    HARM = "harm"
    JUNK = "junk"
    PRETENCE = "pretence"
    LOOP = "loop"
    AGAIN = "again"


# What no rule of any mode may have found in a letter that leaves by itself; the gravest first.
_FOUND = {
    Cause.FORBIDDEN_CLASS: Why.CLASS,
    Cause.VIRUS: Why.HARM,
    Cause.DANGEROUS_FILE: Why.HARM,
    Cause.NOT_SCANNED: Why.HARM,
    Cause.NOT_AUTHENTIC: Why.PRETENCE,
    Cause.SPAM: Why.JUNK,
}


def mark(address: str) -> str:
    """What Delivered-To says of a mailbox (RFC 9228): the field by which it is known that a letter came back."""
    return _UNSAFE.sub("?", address)


def came_back(data: bytes, own: Iterable[str]) -> bool:
    """Whether a letter has been in a mailbox with one of these addresses before. Linear time."""
    fields = Header(data[: header_end(data, 0, len(data))]).all(b"delivered-to")
    passed = {lookup_key(one.decode("utf-8", "replace").strip()) for one in fields}
    return any(lookup_key(mark(one)) in passed for one in own)


def found_by(verdict: Verdict, owner_id: int) -> Why | None:
    """What the agency's rules found in a letter for this mailbox, also those that it only tries."""
    said = [one for one in (verdict, *verdict.notes) if one.action is not Action.ACCEPT]
    causes = {one.cause for one in said if one.for_mailboxes is None or owner_id in one.for_mailboxes}
    return next((why for cause, why in _FOUND.items() if cause in causes), None)


def pretends(authors: Collection[str], sender: str, ours: Collection[str], *, proven: bool) -> bool:
    """Whether a letter from outside says that it is from one of our domains, and nothing proves it.

    It would leave with our signature, and through our servers. authors: addresses of From; ours: domains.
    """
    domains = {lookup_key(one).rpartition("@")[2] for one in (*authors, sender)}
    return not proven and not domains.isdisjoint(ours)
