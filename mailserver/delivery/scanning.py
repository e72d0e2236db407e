"""What scanners are told of a message that is being delivered, and on whose time they are waited for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mailserver.delivery.incoming import Incoming
from mailserver.policy import Stage
from mailserver.scanning.rspamd import Facts
from mailserver.scanning.scanners import Scanners, Scans, of_message


def threads(scanners: Scanners) -> ThreadPoolExecutor | None:
    """Threads of its own for deliveries that wait for scanners, so that a daemon that hangs keeps nobody else
    from a thread; None, which is the loop's own, where nothing is scanned. Each waits for one scanner at a time."""
    return ThreadPoolExecutor(scanners.places + 1, thread_name_prefix="delivery") if scanners.any else None


def scans(scanners: Scanners, framed: bytes, incoming: Incoming) -> Scans | None:
    """framed: the message with our fields in front."""
    return of_message(scanners, framed, incoming.data, _facts(incoming)) if scanners.any else None


def _facts(incoming: Incoming) -> Facts:
    """What is known of the peer only if it is the sender's own server: not another mailbox it was fetched from."""
    from_peer = incoming.actor.door == "smtp" and incoming.stage is Stage.DATA
    return Facts(
        sender=incoming.sender,
        recipients=incoming.addresses,
        queue_id=incoming.trace.id,
        ip=incoming.trace.peer if from_peer else "",
        helo=incoming.trace.helo if from_peer else "",
        user=incoming.sender if incoming.stage is Stage.SUBMISSION else "",
    )
