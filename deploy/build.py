"""The composition root: builds every part from the settings; product, demo and tests use the same.

Belongs to one process, after any fork. Nothing here starts a thread or listens by being imported.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from deploy import scanning
from deploy.agency_rules import AgencyRules
from deploy.client_doors import web_address
from deploy.clock import now
from deploy.config import Settings
from mailbox_policies import chain
from mailbox_policies.forbidden.telling import Clerks
from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.forwarding.behaviour import Answers
from mailbox_policies.forwarding.border import Border
from mailbox_policies.forwarding.consent import Consents
from mailbox_policies.forwarding.door import REPLIES
from mailbox_policies.forwarding.keeping import Holding, Letters
from mailbox_policies.forwarding.onward import Onward
from mailbox_policies.holding.access import AUTHORISES
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Moderating, Owners
from mailbox_policies.holding.notices import Office
from mailbox_policies.modes import Mode
from mailbox_policies.rules import (
    dangerous_files,
    forbidden_classes,
    forward_consent,
    message_size,
    sender_authentication,
    spam,
    virus,
)
from mailbox_policies.sending.counting import Counting
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.leaving import Leaving
from mailbox_policies.sentfiles.linked import looking
from mailbox_policies.spam.assessing import Assessing
from mailserver.boards.behaviours import behaviours as board_behaviours
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.outside import NoWayOut, Outside
from mailserver.directory.login import Authenticator
from mailserver.directory.throttle import Throttle
from mailserver.directory.verified import Verified
from mailserver.dns.resolver import Dns, NameServer
from mailserver.outbound.parcels import Queue
from mailserver.passing import Passing
from mailserver.policy import Policy
from mailserver.redirects.passing import Redirects
from mailserver.senderauth.judge import Judge
from mailserver.senderauth.signing import Signer
from mailserver.store.behaviours import FolderBehaviour
from mailserver.store.store import Store
from mailserver.teams.behaviours import behaviours as team_behaviours
from routing.behaviours import behaviours as routing_behaviours
from routing.holders import holders
from routing.profile import profile_of

LOOPBACK = ("127.0.0.0/8", "::1/128")


def behaviours(settings: Settings, store: Store) -> dict[str, FolderBehaviour]:
    """The behaviours of all rooms, by the names that folders carry."""
    answers = {REPLIES: Answers(store.blobs, consents(settings, store))}
    return {**team_behaviours(), **board_behaviours(), **routing_behaviours(store.blobs), **answers}


def spool_dir(settings: Settings) -> Path:
    """The folder, made if missing, for files of messages that are coming in: they have no names."""
    folder = settings.data_dir / "spool"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def size_settings(settings: Settings) -> message_size.Settings:
    """The limit of an agency that has none of its own."""
    counts = message_size.Counts(settings.smtp.message_size_counts)
    return message_size.Settings(limit=settings.smtp.message_size_limit, counts=counts)


def agency_rules(settings: Settings, store: Store) -> AgencyRules:
    """The settings of each agency's rules, as they are now; let it follow the store's feed."""
    senders = sender_authentication.Settings(sender_authentication.Mode(settings.smtp.sender_authentication))
    return AgencyRules(store.db, size_settings(settings), senders)


def policy(rules: AgencyRules) -> Policy:
    """The chain of rules with each agency's settings."""
    return chain.standard(rules.of)


def upload_policy(rules: AgencyRules) -> Policy:
    """What is asked about files that people upload: whether they do harm."""
    return chain.standard(rules.of, (dangerous_files.RULE, virus.RULE))


def sent_files(settings: Settings, store: Store, rules: AgencyRules) -> Desk:
    """The service by which people hand over files: what is in them is asked of the rules that look at attachments."""
    looks = (dangerous_files.RULE, virus.RULE, forbidden_classes.RULE)
    return Desk(
        store,
        rules.of,
        chain.standard(rules.of, looks),
        scanning.scanners(settings),
        spool_dir(settings),
        Addresses(web_address(settings)),
    )


def trusted_networks(settings: Settings) -> tuple[str, ...]:
    """Whose connections the mail doors do not count: this machine's, and those of the settings."""
    return (*LOOPBACK, *map(str, settings.auth.trusted_networks))


def dns(settings: Settings) -> Dns:
    """The resolver that all parts of a process share."""
    return Dns([NameServer(one.host, one.port) for one in settings.dns.servers], trust_ad=settings.dns.trust_ad)


def judge(settings: Settings) -> Judge:
    """Who looks at the senders of mail from outside."""
    return Judge(dns(settings), now)


def signer(store: Store) -> Signer:
    """Signs mail that leaves, for our own domains."""
    return Signer(store.db, now)


def authenticator(settings: Settings, store: Store, verified: Verified) -> Authenticator:
    """The one way in that all doors of a process share; close it before the store."""
    trusted = [str(network) for network in settings.auth.trusted_networks]
    return Authenticator(store.db, throttle=Throttle(trusted), now=now, verified=verified)


def delivery(settings: Settings, store: Store, rules: AgencyRules) -> Delivery:
    clerks = Keeper(Clerks(store.blobs, authorisers))
    keeper = Moderating(Holding(clerks, consents(settings, store)), store.blobs, web_address(settings))
    return Delivery(
        store,
        settings.host,
        now,
        policy(rules),
        leaving(settings, store),
        keeper,
        passing(settings, rules),
        copies_to_holder,
        scanning.scanners(settings),
        assessing(rules),
        sending=Counting(rules.of, now),
        redirects=redirects(settings, store, rules),
    )


def redirects(settings: Settings, store: Store, rules: AgencyRules) -> Redirects | None:
    """Who sends on what comes into mailboxes, where anything may leave at all."""
    return Redirects(store.db, outside(settings), Onward(rules.of, now), now) if settings.outbound.enabled else None


def authorisers(conn: Connection, agency_id: int) -> list[int]:
    """Who may agree that a document which settles a complaint passes through the system."""
    return [one.id for one in holders(conn, agency_id, AUTHORISES)]


def assessing(rules: AgencyRules) -> Assessing:
    """Who says how far mail from outside looks unwanted, for the agencies that want to know."""

    def settings_of(agency_id: int | None) -> spam.Settings | None:
        choice = rules.of(agency_id).choice(spam.RULE)
        return None if choice.mode is Mode.OFF else choice.settings

    return Assessing(settings_of)


def consents(settings: Settings, store: Store) -> Consents:
    """The service that asks original senders whether their mail may be passed on."""
    way = leaving(settings, store)
    at = web_address(settings)
    return Consents(store.blobs, way, Letters(way, Owners(store.blobs, at)), at)


def passing(settings: Settings, rules: AgencyRules) -> Passing:
    """Who looks what a letter passes on, for the agencies that ask."""

    def border_of(agency_id: int | None) -> Border | None:
        choice = rules.of(agency_id).choice(forward_consent.RULE)
        return None if choice.mode is Mode.OFF else choice.settings.border

    return Asking(border_of, now, looking(Addresses(web_address(settings))))


def outside(settings: Settings) -> Outside:
    """The way to other servers."""
    return Queue() if settings.outbound.enabled else NoWayOut()


def leaving(settings: Settings, store: Store) -> Outside:
    """The same for letters of our people: who gets a link to a file gets one of their own."""
    return Leaving(outside(settings), store.blobs, Addresses(web_address(settings)))


def office(settings: Settings, store: Store) -> Office:
    """What it takes to tell senders what became of mail that was kept back."""
    return Office(leaving(settings, store), store.blobs, settings.host, web=web_address(settings))


def undo_seconds(conn: Connection, agency_id: int) -> int:
    """How long letters wait in the agency before they go, of people who have chosen nothing."""
    return profile_of(conn, agency_id).mail.undo_seconds


def copies_to_holder(conn: Connection, agency_id: int) -> bool:
    """Whether an agency's regulation wants who is replaced to get a copy of what a delegate sends."""
    return profile_of(conn, agency_id).delegation.copy_to_holder
