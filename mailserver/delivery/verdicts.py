"""What policies said, kept as events: nothing is refused or let pass with a note in silence."""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.delivery.mailboxes import Junk
from mailserver.policy import Action, Case, Verdict
from mailserver.store.database import Tx

# How many recipients of a message an event names.
MAX_NAMED = 20


def record_tx(tx: Tx, case: Case, verdict: Verdict) -> None:
    """Emit "policy.verdict" for a verdict that is not a plain accept, and for what other rules noted beside it."""
    for one in (verdict, *verdict.notes):
        tx.emit(
            "policy.verdict",
            owner_id=case.actor.principal_id,
            agency_id=case.agency_id,
            action=one.action.value,
            would=one.would.value if one.would else "",
            rule=one.rule,
            article=str(one.article) if one.article else "",
            cause=one.cause.value,
            facts=dict(one.facts),
            stage=case.stage.value,
            remote=case.actor.remote,
            sender=case.sender,
            recipients=list(case.recipients[:MAX_NAMED]),
            message_id=(case.scanned.message_id or "") if case.scanned else "",
        )


def record_all_tx(tx: Tx, answers: Sequence[tuple[Case, Verdict]]) -> None:
    """As `record_tx`, for all that is not a plain accept."""
    for case, verdict in answers:
        if verdict.action is not Action.ACCEPT:
            record_tx(tx, case, verdict)


def junk(answers: Sequence[tuple[Case, Verdict]]) -> Junk:
    """Who finds the message in Junk, by whatever rule of theirs: also by one beside another that is stronger."""
    found: dict[int | None, frozenset[int] | None] = {}
    for case, verdict in answers:
        said = [one for one in (verdict, *verdict.notes) if one.action is Action.JUNK]
        if said:
            named = [one.for_mailboxes for one in said if one.for_mailboxes is not None]
            everybody = len(named) < len(said)
            found[case.agency_id] = None if everybody else frozenset(one for some in named for one in some)
    return found
