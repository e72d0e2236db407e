"""Taking what a rule holds or quarantines, in the transaction that accepts the message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mailbox_policies.holding import circulated, wishes
from mailbox_policies.holding.records import KIND_OF, Kind, State
from mailbox_policies.schema import kept_message
from mailserver import passing
from mailserver.delivery.keeping import Kept
from mailserver.directory import principals
from mailserver.policy import Stage, Verdict
from mailserver.store.database import Tx
from mailserver.store.messages import pin_tx

# How long a message waits if its rule does not say.
WAITS = {Kind.HELD: timedelta(days=14), Kind.QUARANTINED: timedelta(days=30)}
# Of a verdict's article and addresses, what the columns hold.
MOST_ARTICLE, MOST_ADDRESS, MOST_MESSAGE_ID = 100, 320, 255


# Called with the number of what is kept, in the transaction that keeps it.
Tell = Callable[[Tx, int, Kept], None]


def nobody(tx: Tx, kept_id: int, kept: Kept) -> None:
    """Of a keeper that tells nobody."""


class Keeper:
    """The product's keeper; given to `Delivery` by the composition root. tell: those whose business it is."""

    def __init__(self, tell: Tell = nobody) -> None:
        self._tell = tell

    def keep_tx(self, tx: Tx, kept: Kept) -> int:
        """Pin the message and add its row; "policy.held" tells of it after the commit."""
        case, verdict = kept.case, kept.verdict
        envelope = {
            "stage": case.stage.value if case.stage is Stage.SUBMISSION else Stage.DATA.value,
            "queue_id": kept.queue_id,
            "sender": case.sender,
            "recipients": list(kept.addresses),
            "mailboxes": [[box.principal_id, box.detail] for box in kept.mailboxes],
            "outside": list(kept.outside),
            "wishes": wishes.written(kept.wishes, kept.addresses),
            "lists": circulated.written(kept.lists),
            "actor_id": case.actor.principal_id,
            "message_id": kept.message_id[:MOST_MESSAGE_ID],
            "size": kept.size,
        }
        passes_on = passing.written(case.passes_on)
        further = [{**described(one), "passes_on": passes_on} for one in verdict.notes if one.keeps]
        agency_id = case.agency_id
        assert agency_id is not None  # who is kept back has a mailbox here, or wrote from here
        kept_id = insert_tx(tx, agency_id, kept.message_pk, envelope, described(verdict), further)
        self._tell(tx, kept_id, kept)
        return kept_id


def described(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON: what `insert_tx` makes a row of."""
    return {
        "kind": KIND_OF[verdict.action].value,
        "rule": verdict.rule,
        "article": str(verdict.article or "")[:MOST_ARTICLE],
        "cause": verdict.cause.value,
        "facts": dict(verdict.facts),
        "waits_for": verdict.waits_for[:MOST_ADDRESS],
        "days": None if verdict.keep_for is None else verdict.keep_for.total_seconds() / 86_400,
    }


def insert_tx(
    tx: Tx,
    agency_id: int,
    message_pk: int,
    envelope: dict[str, Any],
    reason: dict[str, Any],
    further: list[Any],
) -> int:
    """A waiting row and its pin. reason, further: as `described`."""
    reason = {name: value for name, value in reason.items() if name != "passes_on"}
    days, kind = reason.pop("days"), Kind(reason["kind"])
    whom = principals.by_address(tx.conn, reason["waits_for"]) if reason["waits_for"] else None
    row = {
        **envelope,
        **reason,
        "agency_id": agency_id,
        "state": State.WAITING.value,
        "message_pk": message_pk,
        "further": further,
        "waits_for_id": whom.id if whom else None,
        "at": tx.now,
        "expires_at": tx.now + (WAITS[kind] if days is None else timedelta(days=days)),
    }
    kept_id: int = tx.conn.execute(kept_message.insert().values(row).returning(kept_message.c.id)).scalar_one()
    pin_tx(tx, message_pk)
    tx.emit(
        "policy.held",
        owner_id=envelope["actor_id"],
        kept_id=kept_id,
        kept=kind.value,
        agency_id=agency_id,
        rule=reason["rule"],
        cause=reason["cause"],
        waits_for_id=row["waits_for_id"],
    )
    return kept_id
