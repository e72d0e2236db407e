"""What a submission passes on, for the rule `forward-consent`: the one entrance of this package for the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_policies.forwarding import finding
from mailbox_policies.forwarding.border import Border, beyond
from mailbox_policies.forwarding.trail import File, trail_of
from mailbox_policies.forwarding.weighing import weigh
from mailserver.actor import Actor
from mailserver.directory.addresses import lookup_key
from mailserver.mime.scan import Scanned, scan
from mailserver.passing import PassedOn

# The border of an agency; None: its people are not asked.
BorderOf = Callable[[int | None], Border | None]
# The files that a letter has not in it, but leads to.
Linked = Callable[[Connection, Actor, bytes, Scanned], tuple[File, ...]]


def nothing_linked(conn: Connection, actor: Actor, data: bytes, scanned: Scanned) -> tuple[File, ...]:
    """Where letters have no links to files."""
    return ()


class Asking:
    """Looks what a letter passes on; costs nothing where the rule is off, and little for mail that stays inside."""

    def __init__(self, border_of: BorderOf, clock: Callable[[], datetime], linked: Linked = nothing_linked) -> None:
        self._border_of = border_of
        self._linked = linked
        self._clock = clock

    def __call__(self, conn: Connection, actor: Actor, data: bytes, recipients: Sequence[str]) -> tuple[PassedOn, ...]:
        """data: the letter as it was handed in; recipients: of the envelope."""
        border = self._border_of(actor.agency_id)
        if border is None or actor.principal_id is None:
            return ()
        now = self._clock()
        who = finding.forwarder(conn, actor, now)
        readers = beyond(conn, actor, recipients, border, who.own)
        if not readers:
            return ()
        scanned = scan(data)
        trail = trail_of(data, scanned)
        if linked := self._linked(conn, actor, data, scanned):
            trail = replace(trail, files=(*trail.files, *linked))
        return weigh(trail, finding.find(conn, who, trail, readers), readers, lookup_key)
