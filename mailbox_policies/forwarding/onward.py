"""What an agency's rules say of a letter that would leave by a redirect: the same as if its owner forwarded it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_policies.chain import SettingsOf
from mailbox_policies.forwarding import finding
from mailbox_policies.forwarding.border import beyond
from mailbox_policies.forwarding.finding import Forwarder
from mailbox_policies.forwarding.trail import trail_of
from mailbox_policies.forwarding.weighing import By, weigh
from mailbox_policies.modes import Mode
from mailbox_policies.modes import weigh as by_mode
from mailbox_policies.rules import auto_redirect, forbidden_classes, forward_consent
from mailbox_policies.verdict import Action, Case, Stage
from mailserver.actor import Actor
from mailserver.directory import agencies
from mailserver.directory.addresses import lookup_key
from mailserver.mime.contents import Contents
from mailserver.mime.header import header_end
from mailserver.passing import PassedOn
from mailserver.redirects.guards import Why


class Onward:
    """The product's `mailserver.redirects.passing.Rules`. clock: aware UTC."""

    def __init__(self, settings_of: SettingsOf, clock: Callable[[], datetime]) -> None:
        self._settings_of = settings_of
        self._clock = clock

    def on(self, agency_id: int) -> bool:
        return self._settings_of(agency_id).choice(auto_redirect.RULE).mode is Mode.ENFORCE

    def obstacle(self, conn: Connection, owner_id: int, case: Case, targets: Sequence[str]) -> Why | None:
        """As `Rules.obstacle`. case: with contents."""
        settings = self._settings_of(case.agency_id)
        classes = class_settings(settings.get(forbidden_classes.RULE))
        if forbidden_classes.check(classes, case).action is not Action.ACCEPT:
            return Why.CLASS
        choice = settings.choice(forward_consent.RULE)
        if choice.mode is Mode.OFF or case.contents is None:
            return None
        actor = Actor(owner_id, case.agency_id, "redirect")
        readers = tuple(targets)
        who = finding.forwarder(conn, actor, self._clock())
        outside = beyond(conn, actor, readers, choice.settings.border, who.own)
        passes_on = (*whole(conn, who, case.contents, outside), *_inside(conn, who, case.contents, outside))
        asked = Case(Stage.SUBMISSION, actor, case.agency_id, recipients=readers, outside=readers, passes_on=passes_on)
        said = by_mode(choice.mode, forward_consent.check(choice.settings, asked))
        return Why.CONSENT if said.stops or said.warns else None


def class_settings(own: forbidden_classes.Settings) -> forbidden_classes.Settings:
    """Of the classes that an agency keeps out of its system none leaves it either, and secrets never."""
    return replace(own, secret=True)


def whole(conn: Connection, who: Forwarder, contents: Contents, readers: Sequence[str]) -> tuple[PassedOn, ...]:
    """The letter itself, if it is somebody else's work mail, with those who get it newly."""
    scanned, data = contents.scanned, contents.data
    authors = tuple(dict.fromkeys(lookup_key(one.addr) for one in scanned.from_))
    named = (*scanned.from_, *scanned.sender, *scanned.reply_to, *scanned.to, *scanned.cc)
    audience = {lookup_key(one.addr) for one in named}
    new = tuple(one for one in readers if lookup_key(one) not in audience)
    domains = tuple(f".{name}" for name in agencies.domains(conn))
    header = data[: header_end(data, 0, len(data))]
    if not new or (authors and set(authors) <= who.own) or finding.is_no_work(header, domains):
        return ()
    return (PassedOn(0, authors, scanned.subject, new, By.ENCLOSED.value),)


def _inside(conn: Connection, who: Forwarder, contents: Contents, readers: Sequence[str]) -> tuple[PassedOn, ...]:
    """What the letter was made from, or nobody could keep somebody from writing it to himself first."""
    if not readers:
        return ()
    trail = trail_of(contents.data, contents.scanned)
    return weigh(trail, finding.find(conn, who, trail, readers), readers, lookup_key)
