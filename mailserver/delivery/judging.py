"""What policies are asked about a message, and which of their answers holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailserver.delivery import heading
from mailserver.delivery.errors import MailLoop, PolicyRefused, PolicyWarned, SeveralAuthors
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.mailboxes import Inbox
from mailserver.mime.contents import Contents
from mailserver.mime.scan import Scanned
from mailserver.opinions import Opinion
from mailserver.policy import ACCEPT, Case, Policy, Stage, Verdict
from mailserver.scanning.scanners import Scans

Answers = list[tuple[Case, Verdict]]


def answers_of(policy: Policy, case: Case, agencies: Iterable[int | None]) -> Answers:
    """What the policy says for each agency."""
    cases = [case if one == case.agency_id else replace(case, agency_id=one) for one in agencies]
    return [(one, policy(one)) for one in cases]


def strictest(answers: Sequence[tuple[Case, Verdict]]) -> tuple[Case, Verdict]:
    if refusals := [answer for answer in answers if answer[1].stops]:
        return min(refusals, key=lambda answer: int(answer[1].facts.get("limit", 0)))
    return next((answer for answer in answers if answer[1] is not ACCEPT), answers[0])


def concerned(incoming: Incoming, boxes: Sequence[Inbox]) -> list[int | None]:
    """Whose rules apply: those of all who get the message or pass it on, and the writer's own at submission."""
    own = [incoming.actor.agency_id] if incoming.stage is Stage.SUBMISSION else []
    lists = (copy.terms.agency_id for copy in incoming.lists)  # one may have members elsewhere only
    back = [] if incoming.returned_to is None else [incoming.returned_to]
    return list(dict.fromkeys([*own, *(box.agency_id for box in boxes), *lists, *back])) or [None]


def case_of(
    incoming: Incoming,
    scanned: Scanned,
    trace_size: int,
    contents: Contents,
    scans: Scans | None,
    opinions: tuple[Opinion, ...],
    agency_id: int | None,
) -> Case:
    """What the sender sent is judged, not what this server wrote in front of it."""
    return Case(
        stage=incoming.stage,
        actor=incoming.actor,
        agency_id=agency_id,
        sender=incoming.sender,
        recipients=incoming.addresses,
        size=scanned.size - trace_size,
        decoded_size=scanned.decoded_size - trace_size,
        scanned=scanned,
        authenticity=incoming.authenticity,
        outside=incoming.going,
        contents=contents,
        passes_on=incoming.passes_on,
        scans=scans,
        opinions=opinions,
        pace=incoming.pace,
    )


def warn(incoming: Incoming, answers: Sequence[tuple[Case, Verdict]]) -> None:
    """Raises PolicyWarned where the writer can be asked and has not yet seen a warning."""
    if incoming.confirmed is None:
        return
    said = [(case, one) for case, verdict in answers for one in (verdict, *verdict.notes)]
    unseen = {one.rule: (one, case) for case, one in said if one.warns and one.rule not in incoming.confirmed}
    if unseen:
        raise PolicyWarned([PolicyRefused(one, case) for one, case in unseen.values()])


def check_heading(data: bytes) -> None:
    """Raises MailLoop, SeveralAuthors."""
    found = heading.glance(data)
    if found.hops > heading.MAX_HOPS:
        raise MailLoop
    if found.authors > 1:
        raise SeveralAuthors
