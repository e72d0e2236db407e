"""Asking the rules about a file, however large: its octets lie in a nameless file that is mapped into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from mmap import ACCESS_READ, mmap

from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.reading import Stretch, octets
from mailserver.actor import Actor
from mailserver.delivery.errors import PolicyRefused
from mailserver.mime.contents import LooseContents
from mailserver.policy import Action, Case, Stage, Verdict
from mailserver.scanning.scanners import of_files
from mailserver.store.failures import of_disk


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about. sender: address of who hands it over; recipients: addresses, outside: those not ours."""

    name: str
    media_type: str
    size: int
    pieces: Sequence[Stretch]
    note: str
    sender: str
    recipients: tuple[str, ...]
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """digest: SHA-256 of the file. scanned: whether ClamAV has looked at it. said: by the rules, of which case."""

    digest: bytes
    scanned: bool
    said: PolicyRefused

    @property
    def verdict(self) -> Verdict:
        return self.said.verdict

    @property
    def is_final(self) -> bool:
        """Whether a rule does not let it pass, today or tomorrow."""
        return self.verdict.stops and self.verdict.action is not Action.DEFER

    @property
    def warnings(self) -> tuple[PolicyRefused, ...]:
        found = (one for one in (self.verdict, *self.verdict.notes) if one.warns)
        return tuple(PolicyRefused(one, self.said.case) for one in found)


def check(desk: Desk, actor: Actor, subject: Subject) -> Checked:
    """Blocks while the file is read, and while other programs look at it. Raises StoreFull, StoreUnavailable."""
    desk.store.blobs.require_room(subject.size)
    digest = sha256()
    try:
        with tempfile.TemporaryFile(dir=desk.folder) as whole:
            for piece in octets(desk.store.blobs, subject.pieces, 0, subject.size):
                whole.write(piece)
                digest.update(piece)
            whole.flush()
            # Closed by whoever lets go of it last: a scanner may still hold a view.
            return _asked(desk, actor, subject, mmap(whole.fileno(), 0, access=ACCESS_READ), digest.digest())
    except OSError as error:
        raise of_disk(error) from error


def _asked(desk: Desk, actor: Actor, subject: Subject, whole: mmap, digest: bytes) -> Checked:
    scans = of_files(desk.scanners, [whole])
    case = Case(
        stage=Stage.SUBMISSION,
        actor=actor,
        agency_id=actor.agency_id,
        sender=subject.sender,
        recipients=subject.recipients,
        outside=subject.outside,
        contents=LooseContents(subject.note, [(subject.name, subject.media_type, whole)]),
        scans=scans,
    )
    verdict = desk.policy(case)
    clean = not verdict.stops and desk.scanners.clamd is not None and scans.viruses is None
    # The case outlives the file: what was read of it is not kept.
    said = PolicyRefused(verdict, Case(case.stage, actor, case.agency_id, case.sender, case.recipients))
    return Checked(digest, clean, said)
