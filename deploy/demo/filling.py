"""Filling an installation with the demo agency; whatever is there already stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from deploy import build, clock
from deploy.config import Settings
from deploy.config_values import Address
from deploy.demo import people, post, story, tables
from deploy.demo.passwords import Passwords
from mailserver.actor import Actor
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.directory import principals
from mailserver.directory.records import office_day
from mailserver.store.schema import message
from mailserver.store.store import Store

PASSWORDS = "demo-accounts.json"

# What is being done, how much of it, of how much.
Progress = Callable[[str, int, int], None]


def passwords(settings: Settings) -> Passwords:
    """The demo's one-time passwords, in a private file of the data folder."""
    return Passwords(settings.data_dir / PASSWORDS)


def is_complete(store: Store) -> bool:
    """Whether nothing is left to be made."""
    demo = tables.agency()
    mails = _mails(demo)
    return len(_stored(store, [mail.message_id for mail in mails])) == len(mails)


def make_people(settings: Settings, store: Store, progress: Progress) -> None:
    """The directory; needs no running server."""
    demo = tables.agency()
    count = _Counter("people", len(demo.people), progress)
    people.make(store, demo, passwords(settings), count)


def send_mail(settings: Settings, store: Store, mx: Address, progress: Progress) -> None:
    """The neighbours' documents by SMTP to the running MX, then the letters of colleagues.

    Raises OSError or smtplib.SMTPException if the MX does not take them.
    """
    demo = tables.agency()
    today = office_day(clock.now())
    documents = [(document, post.of_document(document, demo)) for document in tables.documents(today)]
    letters = [post.of_letter(letter, demo, number) for number, letter in enumerate(tables.letters(today), 1)]
    there = _stored(store, [mail.message_id for mail in (*(mail for _, mail in documents), *letters)])
    count = _Counter("mail", len(documents) + len(letters), progress)
    for _, mail in documents:
        if mail.message_id not in there:
            post.send(mail, mx)
        count()
    delivery = build.delivery(settings, store, build.agency_rules(settings, store))
    for mail in letters:
        if mail.message_id not in there:
            _submit(store, delivery, mail)
        count()
    walked = _Counter("documents", len(documents), progress)
    story.walk(store, demo, [(document, mail.message_id) for document, mail in documents], walked)


class _Counter:
    """Counts calls into a progress bar."""

    def __init__(self, what: str, total: int, progress: Progress) -> None:
        self._what, self._total, self._progress, self._done = what, total, progress, 0

    def __call__(self) -> None:
        self._done += 1
        self._progress(self._what, self._done, self._total)


def _mails(demo: tables.DemoAgency) -> list[post.Mail]:
    today = office_day(clock.now())
    incoming = [post.of_document(document, demo) for document in tables.documents(today)]
    return incoming + [post.of_letter(letter, demo, number) for number, letter in enumerate(tables.letters(today), 1)]


def _stored(store: Store, message_ids: list[str]) -> set[str]:
    query = select(message.c.message_id).where(message.c.message_id.in_(message_ids))
    return {found for found in store.db.read(lambda conn: conn.execute(query).scalars().all()) if found}


def _submit(store: Store, delivery: Delivery, mail: post.Mail) -> None:
    """As the webmail sends: through the submission service, in the writer's name."""
    found = store.db.read(lambda conn: principals.by_address(conn, mail.sender))
    assert found is not None, mail.sender
    actor = Actor(found.id, found.agency_id, "web")
    trace = Received(helo="", peer="", protocol="HTTP", id=mail.message_id.partition("@")[0])
    submit_sync(delivery, actor, Letter(mail.octets, mail.sender, mail.recipients, trace, sent_copy=mail.octets))
