"""Letters that wait for the consent of original senders: asked about when they are kept, given free or refused."""

from __future__ import annotations

from mailbox_policies.forwarding.consent import Consents, Waiting
from mailbox_policies.forwarding.errors import AnsweredBefore
from mailbox_policies.holding.deciding import settle_tx
from mailbox_policies.holding.going import deliver_tx, keep_on_tx
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Owners
from mailbox_policies.holding.records import AlreadyDecided, KeptMessage, State
from mailbox_policies.rules.forward_consent import NAME
from mailserver.delivery.keeping import Kept
from mailserver.delivery.outside import Outside
from mailserver.store import messages
from mailserver.store.tx import Tx


class Letters:
    """What becomes of kept letters when `Consents` has decided; it tells the forwarder itself."""

    def __init__(self, outside: Outside, owners: Owners) -> None:
        self._outside, self._owners = outside, owners

    def release_tx(self, tx: Tx, held_id: int, field: bytes) -> None:
        """Deliver and queue it, with `field` in front; what was written follows octet for octet.

        If another rule would keep it too, it waits for that one now. Raises AnsweredBefore, and as `deliver_tx`.
        """
        kept = _settle_tx(tx, held_id, State.RELEASED)
        assert kept.message_pk is not None
        if kept.further:
            keep_on_tx(tx, kept, kept.message_pk)
            messages.unpin_tx(tx, kept.message_pk)
            return
        deliver_tx(tx, self._outside, self._owners, kept, kept.message_pk, field)
        messages.unpin_tx(tx, kept.message_pk)

    def refuse_tx(self, tx: Tx, held_id: int) -> None:
        """It never goes; who wrote it has a copy among the sent mail. Raises AnsweredBefore."""
        self._end_tx(tx, held_id, State.REFUSED)

    def withdraw_tx(self, tx: Tx, held_id: int) -> None:
        """Its writer takes it back. Raises AnsweredBefore."""
        self._end_tx(tx, held_id, State.WITHDRAWN)

    def _end_tx(self, tx: Tx, held_id: int, state: State) -> None:
        kept = _settle_tx(tx, held_id, state)
        assert kept.message_pk is not None
        messages.unpin_tx(tx, kept.message_pk)


def _settle_tx(tx: Tx, held_id: int, state: State) -> KeptMessage:
    try:
        return settle_tx(tx, held_id, state, "")
    except AlreadyDecided as decided:
        raise AnsweredBefore from decided


class Holding:
    """The keeper that asks original senders about what `forward-consent` holds; others' mail it just keeps."""

    def __init__(self, keeper: Keeper, consents: Consents) -> None:
        self._keeper = keeper
        self._consents = consents

    def keep_tx(self, tx: Tx, kept: Kept) -> int:
        held_id = self._keeper.keep_tx(tx, kept)
        case = kept.case
        if kept.verdict.rule == NAME and case.actor.principal_id is not None and case.agency_id is not None:
            waiting = Waiting(
                held_id=held_id,
                agency_id=case.agency_id,
                forwarder_id=case.actor.principal_id,
                subject=case.scanned.subject if case.scanned else "",
                passes_on=case.passes_on,
                days=int(kept.verdict.facts["days"]),
            )
            self._consents.ask_tx(tx, waiting)
        return held_id
