"""What is noted for a session between two tellings: bounded, and only what it has asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailserver.imap.notify.request import Kind, Request
from mailserver.imap.notify.watch import MAX_NOTES, Watch, Watches
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused
from mailserver.store.events import Event, Subscriber

ME, OTHER = 7, 8


def event(kind: str, folder_id: int | None = 1, owner_id: int = ME) -> Event:
    return Event(1, datetime.now(UTC), kind, None, owner_id, folder_id, {"name": "x"})


def request(wire: str) -> Request:
    return Request.parse(Cursor(wire.encode()))


class Feed:
    """Stands for the event feed of the process."""

    def __init__(self) -> None:
        self.subscribers: list[Subscriber] = []

    def subscribe(self, callback: Subscriber) -> object:
        self.subscribers.append(callback)
        return lambda: self.subscribers.remove(callback)


@pytest.fixture
def woken() -> list[int]:
    return []


def watch(wire: str, woken: list[int]) -> Watch:
    return Watch(request(wire), frozenset({ME}), lambda: woken.append(1))


def test_many_messages_are_one_note(woken: list[int]) -> None:
    one = watch(" SET (PERSONAL (MessageNew MessageExpunge))", woken)
    for _ in range(10_000):
        one.note(event("message.delivered"))
    one.note(event("message.expunged"))
    assert one.take() == ({1: {Kind.NEW, Kind.EXPUNGE}}, [])
    assert not one.pending()


def test_what_nobody_asked_for_wakes_nobody(woken: list[int]) -> None:
    one = watch(" SET (PERSONAL (MailboxName)) (SELECTED (MessageNew MessageExpunge))", woken)
    for kind in ("message.delivered", "message.flagged", "folder.subscribed", "grant.changed", "document.registered"):
        one.note(event(kind))
    assert not one.pending()
    assert not woken
    one.note(event("folder.renamed"))
    assert one.pending()
    assert woken


def test_too_many_notes_are_dropped_and_the_session_learns_of_it(woken: list[int]) -> None:
    one = watch(" SET (PERSONAL (MessageNew MessageExpunge))", woken)
    for folder_id in range(MAX_NOTES + 5):
        one.note(event("message.appended", folder_id))
    assert one.overflowed
    assert one.take() == ({}, [])
    assert one.pending()


def test_events_go_to_those_who_look_at_that_mailbox(woken: list[int]) -> None:
    feed = Feed()
    watches = Watches(feed)  # type: ignore[arg-type]
    mine = watch(" SET (PERSONAL (MessageNew MessageExpunge))", woken)
    watches.add(mine)
    (tell,) = feed.subscribers
    tell([event("message.delivered", owner_id=OTHER)])
    assert not mine.pending()
    tell([event("message.delivered")])
    assert mine.pending()
    mine.take()
    watches.look_at(mine, {ME, OTHER})
    tell([event("message.delivered", 5, owner_id=OTHER)])
    assert mine.take() == ({5: {Kind.NEW}}, [])
    tell([event("grant.changed", None, OTHER)])
    assert mine.stale
    tell([event("message.delivered", 6, owner_id=9)])  # whose that is, is not known yet
    assert mine.take() == ({6: {Kind.NEW}}, [])
    mine.stale = False
    watches.look_at(mine, {ME})
    tell([event("message.delivered", 6, owner_id=9)])
    assert mine.take() == ({}, [])
    watches.remove(mine)
    tell([event("message.delivered")])
    assert mine.take() == ({}, [])
    watches.close()
    assert not feed.subscribers


@pytest.mark.parametrize(
    "wire",
    [
        " SET " + " ".join(["(PERSONAL NONE)"] * 51),
        f" SET (MAILBOXES ({' '.join(f'b{n}' for n in range(501))}) NONE)",
    ],
)
def test_a_request_has_limits(wire: str) -> None:
    with pytest.raises(NameRefused) as refused:
        request(wire)
    assert refused.value.code == b"NOTIFICATIONOVERFLOW"
