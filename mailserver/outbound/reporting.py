"""Reports about a job: which are due, written before the transaction, sent inside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.delivery import report_sending
from mailserver.delivery.envelope import Notify, Ret
from mailserver.delivery.reports import Action, Line, Report, compose
from mailserver.directory.resolve import Unknown, resolve
from mailserver.outbound.jobs import Job
from mailserver.outbound.parcels import Queue
from mailserver.outbound.schedule import LIFETIME
from mailserver.outbound.settling import Settled
from mailserver.outbound.states import Step
from mailserver.store import ingest, messages
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

_ACTIONS = {Notify.FAILURE: Action.FAILED, Notify.DELAY: Action.DELAYED, Notify.SUCCESS: Action.RELAYED}


@dataclass(frozen=True, slots=True)
class Written:
    """A report whose blobs are durable. recipient_ids: of whom it tells. failed: they will not get the message."""

    prepared: ingest.Prepared
    recipient_ids: frozenset[int]
    failed: bool
    step: Step = Step.REPORTED


@dataclass(frozen=True, slots=True)
class Original:
    """What is told of. octets: as stored. domain: of its sender if that is one of ours, else ""."""

    octets: bytes
    subject: str
    domain: str

    @classmethod
    def read(cls, conn: Connection, blobs: BlobStore, job: Job) -> Original:
        """Raises StoreUnavailable if the message is gone."""
        ours = resolve(conn, job.sender) != Unknown(local=False)
        octets = messages.read_octets(conn, blobs, job.message_pk)
        subject = messages.info(conn, job.message_pk).subject
        return cls(octets, subject, job.sender.rpartition("@")[2] if ours else "")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes reports. hostname: of this server."""

    blobs: BlobStore
    hostname: str

    def write(self, job: Job, settled: Sequence[Settled], about: Original, now: datetime) -> list[Written]:
        """The reports that are due, one for each thing there is to tell. Call it in a thread.

        Raises StoreFull, StoreUnavailable.
        """
        return list(self._each(job, settled, about, now))

    def _each(self, job: Job, settled: Sequence[Settled], about: Original, now: datetime) -> Iterator[Written]:
        for tell in _ACTIONS:
            told = [one for one in settled if one.tell is tell]
            if not told:
                continue
            report = Report(
                to=job.sender,
                domain=about.domain or self.hostname,
                hostname=self.hostname,
                original=about.octets,
                subject=about.subject,
                message_id=job.message_id,
                lines=[_line(one, job) for one in told],
                queued_at=job.queued_at,
                now=now,
                envid=job.envid,
                whole=tell is Notify.FAILURE and job.ret == Ret.FULL.value,
            )
            prepared = ingest.prepare(compose(report), self.blobs)
            yield Written(prepared, frozenset(one.addressee.recipient_id for one in told), tell is Notify.FAILURE)


def _line(one: Settled, job: Job) -> Line:
    assert one.tell is not None
    outcome = one.outcome
    return Line(
        one.addressee.address,
        _ACTIONS[one.tell],
        outcome.status,
        outcome.code,
        outcome.words,
        outcome.host,
        one.addressee.wish.orcpt,
        job.queued_at + LIFETIME if one.tell is Notify.DELAY else None,
    )


def send_tx(tx: Tx, job: Job, report: Written) -> str:
    """Give a report to the sender of the job, ours or not; where it went, in words for the story."""
    return report_sending.send_tx(tx, job.sender, report.prepared, Queue(), job.queue_id, asks=report.failed)
