"""The worker process: garbage collection, text of attachments, and whatever else may wait.

One thread, one piece of work after the other; it sleeps until something is due or the event log
grows. Killed at any moment it loses nothing: each job keeps its place in the database.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from deploy import build, clock, scanning, stores
from deploy.children import Plan
from deploy.client_doors import web_address
from deploy.config import Settings
from deploy.processes import cleaning, unit_mail
from mailbox_policies.forwarding.requests import MOST_DUE
from mailbox_policies.holding.expiry import expire
from mailbox_policies.retention import job as retention
from mailbox_policies.sending import telling
from mailbox_policies.sentfiles import ending as sent_files
from mailbox_policies.spam import arrivals, learning, moves, pruning, senders
from mailserver.actor import SYSTEM
from mailserver.delivery import absence_answers, new_devices, passkey_notices, waiting
from mailserver.delivery.logreader import LogReader
from mailserver.directory import absences, departures, lists, passkeys
from mailserver.directory.devices import forget_tx
from mailserver.directory.due import announce_due_tx
from mailserver.directory.records import office_day
from mailserver.directory.websessions import sweep_tx
from mailserver.redirects import deciding as redirect_ends
from mailserver.redirects import telling as redirects
from mailserver.scanning.scanners import Scanners
from mailserver.senderauth import keys
from mailserver.srs import senders as srs_senders
from mailserver.store import tombstones
from mailserver.store.attachments import index_attachments
from mailserver.store.collect import collect_garbage
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing import calendars, handover
from routing.closing import end_of_day_tx
from routing.comments import reminding
from routing.delegation import ending
from routing.inspection import ending as inspections
from routing.moderation import acting as moderation
from webmail import caching
from webmail.mail import undoing

# New mail comes in bursts: look after it at most this often, in seconds.
SHORTEST_PAUSE_S = 1.0
# Messages whose documents are read before the worker looks up again.
BATCH = 20
# A job that failed (the database is away, say) is tried again after this.
AFTER_FAILURE_S = 30.0

log = structlog.get_logger("vanthu.worker")


@dataclass(slots=True)
class Task:
    """A job: `run` says whether it has more to do at once. on_news: also when the event log grew.

    due: monotonic seconds.
    """

    name: str
    every_s: float
    run: Callable[[Store], bool]
    on_news: bool = False
    due: float = 0.0


def tasks(settings: Settings) -> list[Task]:
    """Everything the worker does."""
    jobs = _jobs(settings)
    readers = frozenset(job.run.name for job in jobs if isinstance(job.run, LogReader))
    return [*jobs, Task("garbage", 3600.0, partial(_garbage, readers), due=time.monotonic() + 60.0)]


def _jobs(settings: Settings) -> list[Task]:
    """All but the removal of what nobody needs any more."""
    return [
        Task("attachment text", 600.0, _attachment_text, on_news=True),
        Task("absences", 86400.0, _absences, due=time.monotonic() + 660.0),
        Task("tombstones", 86400.0, _tombstones, due=time.monotonic() + 600.0),
        Task("directory", 60.0, DirectoryDue()),
        Task("retention", 3600.0, partial(_retention, settings), due=time.monotonic() + 120.0),
        Task("kept mail", 300.0, partial(_kept_mail, settings)),
        Task("forward consent", 60.0, partial(_forward_consent, settings)),
        Task("sent files", 60.0, _sent_files),
        Task("departures", 60.0, _departures),
        Task("new devices", 60.0, new_devices.job(), on_news=True),
        Task("passkeys", 60.0, passkey_notices.job(), on_news=True),
        Task("unusual sending", 60.0, telling.job(), on_news=True),
        Task("redirects", 600.0, _redirects),
        Task("absence answers", 60.0, absence_answers.job(build.outside(settings)), on_news=True),
        Task("spam moves", 60.0, moves.job(), on_news=True),
        Task("spam arrivals", 900.0, arrivals.look),
        Task("spam lessons", 60.0, learning.learn, on_news=True),
        Task("spam senders", 60.0, senders.job(), on_news=True),
        Task("spam bounds", 3600.0, pruning.prune, due=time.monotonic() + 300.0),
        Task("unit mail", 60.0, unit_mail.look),
        Task("clean-up letters", 600.0, partial(_clean_up_letters, settings), due=time.monotonic() + 300.0),
        Task("delegations", 60.0, _delegations),
        Task("inspections", 60.0, _inspections),
        Task("comment requests", 60.0, _comment_requests),
        Task("deleted posts", 3600.0, _deleted_posts, due=time.monotonic() + 180.0),
        Task("cache", 3600.0, partial(_cache, settings), due=time.monotonic() + 420.0),
        Task("schedules", 3600.0, _schedules, due=time.monotonic() + 240.0),
        Task("staff lists", 3600.0, _staff_lists),
        Task("signing keys", 3600.0, _signing_keys),
        Task("disk", 60.0, _disk),
        Task("scanners", 60.0, partial(_scanners, scanning.scanners(settings))),
    ]


def prompt(settings: Settings) -> Task:
    """What somebody waits for by the clock: it has a thread of its own, so that no long job is in front of it."""
    return Task("waiting letters", 1.0, partial(_waiting_letters, settings))


def _attachment_text(store: Store) -> bool:
    """Make documents inside new mail findable, a few messages at a time."""
    return index_attachments(store, BATCH) == BATCH


def _forward_consent(settings: Settings, store: Store) -> bool:
    """Tell forwarders whose original senders have not answered in time."""
    return store.db.write(build.consents(settings, store).expire_tx, SYSTEM) == MOST_DUE


def _garbage(readers: frozenset[str], store: Store) -> bool:
    """readers: of the event log; what others have left unread keeps it no longer."""
    done = collect_garbage(store.db, store.blobs, readers=readers)
    log.info("garbage collected", messages=done.messages, blobs=done.blobs, strays=done.strays, events=done.events)
    return False


def _absences(store: Store) -> bool:
    """Forget who was told of absences that are long over."""
    store.db.write(absences.forget_answers_tx, SYSTEM)
    return False


def _tombstones(store: Store) -> bool:
    """Forget what went from folders long ago."""
    deleted = tombstones.prune(store.db, clock.now())
    if deleted:
        log.info("tombstones forgotten", count=deleted)
    return deleted >= tombstones.TURN


def _retention(settings: Settings, store: Store) -> bool:
    """List, tell of, and remove mail whose time is over."""
    rules = build.agency_rules(settings, store)  # as they are now: the worker follows no feed
    done = retention.run(store, rules.of, web_address(settings), clock.now())
    log.info("retention", letters=done.letters, removed=done.removed, forgotten=done.forgotten)
    return False


def _clean_up_letters(settings: Settings, store: Store) -> bool:
    """Write once a month to those whose mailboxes have much that could be deleted."""
    return cleaning.look(store, web_address(settings), clock.now())


def _kept_mail(settings: Settings, store: Store) -> bool:
    """End what waited for an answer too long, and tell the senders."""
    return expire(store.db, build.office(settings, store), clock.now(), BATCH) == BATCH


def _waiting_letters(settings: Settings, store: Store) -> bool:
    """Send letters that were not taken back."""
    if not store.db.read(lambda conn: waiting.due(conn, clock.now())):
        return False
    rules = build.agency_rules(settings, store)  # as they are now: the worker follows no feed
    return undoing.send_due(build.delivery(settings, store, rules), build.sent_files(settings, store, rules))


def _redirects(store: Store) -> bool:
    """Tell owners of mailboxes once a day what was not redirected, end what a post's former holder had, and forget
    senders of mail that went on long ago."""

    def work(tx: Tx) -> int:
        srs_senders.forget_tx(tx)
        redirect_ends.end_passed_tx(tx, store.blobs, office_day(tx.now))
        return redirects.digest_tx(tx, store.blobs)

    return store.db.write(work, SYSTEM) == redirects.BATCH


def _sent_files(store: Store) -> bool:
    """Remove files that were handed over and whose time is over."""
    return sent_files.end_due(store, clock.now())


def _delegations(store: Store) -> bool:
    """Settle delegations whose time is over; the rights have ended by themselves."""
    if store.db.read(lambda conn: ending.any_due(conn, datetime.now(UTC))):
        store.db.write(lambda tx: ending.end_due_tx(tx, store.blobs), SYSTEM)
    return False


def _inspections(store: Store) -> bool:
    """Settle orders that have ended by themselves, and tell owners whose time has come."""
    inspections.settle(store, clock.now())
    return False


def _comment_requests(store: Store) -> bool:
    """Remind who has not answered a request for comments, and list them at the due moment."""
    return reminding.look(store, clock.now())


def _deleted_posts(store: Store) -> bool:
    """Let go of posts that were deleted from shared folders and not put back in time."""
    return store.db.write(moderation.forget_due_tx, SYSTEM) == moderation.BATCH


def _cache(settings: Settings, _store: Store) -> bool:
    """Remove from the web processes' cache what nobody has used for long."""
    tidied = caching.tidy(settings.cache_dir, time.time())
    if tidied.files:
        log.info("cache tidied", files=tidied.files, octets=tidied.octets)
    return False


def _schedules(store: Store) -> bool:
    """Ask for the schedules of the month to come that are not there yet."""
    calendars.ask_due(store, office_day(clock.now()))
    return False


def _staff_lists(store: Store) -> bool:
    """Forget rows and first passwords of lists that nobody asked for any more."""
    store.db.write(lists.forget_tx, SYSTEM)
    return False


def _signing_keys(store: Store) -> bool:
    """A key for each domain that has none yet: at the first start, and for new agencies."""
    for domain in keys.ensure(store.db):
        log.info("made a key that signs mail", domain=domain)
    return False


def _departures(store: Store) -> bool:
    """Shut and hand over the accounts of those whose last day is over."""
    if store.db.read(lambda conn: departures.due(conn, datetime.now(UTC))):
        log.info("people have left", count=store.db.write(lambda tx: handover.perform_due_tx(tx, store), SYSTEM))
    return False


def _disk(store: Store) -> bool:
    """Tell the administrator while new mail is being refused."""
    if not store.room.has(1):
        log.warning("the disk has only its reserve left: new mail is refused", octets=store.room.left())
    return False


def _scanners(scanners: Scanners, _store: Store) -> bool:
    """Tell the administrator of scanners that do not answer."""
    for one in scanners.health():
        if one.fault:
            log.error("a scanner does not answer", name=one.name, at=one.at, fault=one.fault)
    return False


class DirectoryDue:
    """Tells open sessions which grants and tenures began or ended, and forgets dead web sessions."""

    def __init__(self) -> None:
        # What fell due while no worker ran; telling it twice does no harm.
        self._since = datetime.now(UTC) - timedelta(hours=1)

    def __call__(self, store: Store) -> bool:
        self._since = store.db.write(self._tell_tx, SYSTEM)
        return False

    def _tell_tx(self, tx: Tx) -> datetime:
        announce_due_tx(tx, self._since)
        sweep_tx(tx)
        passkeys.sweep_tx(tx)
        end_of_day_tx(tx)
        forget_tx(tx)
        return tx.now


def plan(settings: Settings) -> Plan:
    return Plan("worker", lambda ready: _work(settings, ready))


def _work(settings: Settings, ready: Callable[[], None]) -> None:
    bell = _Bell()
    store = stores.open_store(settings)
    store.db.wake.listen(bell.ring)
    own = tasks(settings)
    stopping = threading.Event()
    beside = threading.Thread(target=repeat, args=(prompt(settings), store, stopping), name="prompt")
    beside.start()
    ready()
    while not bell.stopped:
        for task in own:
            if not bell.stopped and task.due <= time.monotonic():
                _perform(task, store)
        if bell.wait(max(SHORTEST_PAUSE_S, min(task.due for task in own) - time.monotonic())):
            for task in own:
                if task.on_news:
                    task.due = min(task.due, time.monotonic() + SHORTEST_PAUSE_S)
    stopping.set()
    beside.join()
    store.close()


def repeat(task: Task, store: Store, stopping: threading.Event) -> None:
    """Do one job again and again until it is to stop."""
    while not stopping.wait(max(0.0, task.due - time.monotonic())):
        _perform(task, store)


def _perform(task: Task, store: Store) -> None:
    """Run a job; a fault in one must not end the others."""
    try:
        more = task.run(store)
    except Exception:
        log.exception("a job failed", job=task.name)
        task.due = time.monotonic() + AFTER_FAILURE_S
    else:
        task.due = time.monotonic() + (0.0 if more else task.every_s)


class _Bell:
    """Wakes the worker: by SIGTERM or SIGINT to stop, by the event log to look at once.

    A pipe and no lock: signal handlers and the store's threads may ring at any moment.
    """

    def __init__(self) -> None:
        self.stopped = False
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def ring(self) -> None:
        try:
            os.write(self._in, b"\0")
        except BlockingIOError:
            return  # it has been ringing all the time

    def wait(self, seconds: float) -> bool:
        """Sleep that long or until the bell; whether it rang."""
        readable, _, _ = select.select([self._out], [], [], seconds)
        if readable:
            os.read(self._out, 65536)
        return bool(readable)

    def _stop(self, *_: object) -> None:
        self.stopped = True
        self.ring()
