"""What policies said, kept as events: nothing is refused or let pass with a note in silence."""

from __future__ import annotations

from mailserver.policy import Case, Verdict
from mailserver.store.database import Tx

# How many recipients of a message an event names.
MAX_NAMED = 20


def record_tx(tx: Tx, case: Case, verdict: Verdict) -> None:
    """Emit "policy.verdict" for a verdict that is not a plain accept."""
    tx.emit(
        "policy.verdict",
        owner_id=case.actor.principal_id,
        action=verdict.action.value,
        rule=verdict.rule,
        article=str(verdict.article) if verdict.article else "",
        cause=verdict.cause.value,
        facts=dict(verdict.facts),
        stage=case.stage.value,
        remote=case.actor.remote,
        sender=case.sender,
        recipients=list(case.recipients[:MAX_NAMED]),
        message_id=(case.scanned.message_id or "") if case.scanned else "",
    )
