"""From an act to the messages it sends: who gets which words, composed and made durable beforehand."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from mailserver.directory.principals import agency_by_id, office_day
from mailserver.store.blobs import BlobStore
from mailserver.store.ingest import Prepared, prepare
from routing import documents
from routing.files import Kept
from routing.incoming.journey import Act, Advanced, Send
from routing.incoming.loading import Loaded
from routing.parties import parties
from routing.schema import document_file
from routing.stepmail import MailFile, StepMail, compose_step
from routing.types import FileRole, Party, StepRole

TOKEN_OCTETS = 12  # 96 bits: not to be guessed, and short enough for a local part (RFC 5321 §4.5.3.1.1)


@dataclass(frozen=True, slots=True)
class Planned:
    """A message to be composed. sends: the steps it carries: one, or several cc's with the same words.

    notify: who just gets to know, without a step.
    """

    sends: tuple[Send, ...]
    mail: StepMail
    files: tuple[tuple[FileRole, str, str, bytes], ...]  # role, file name, media type, digest
    notify: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """A composed message whose octets are durable, not yet in any mailbox."""

    sends: tuple[Send, ...]
    token: str
    prepared: Prepared
    notify: tuple[int, ...] = ()


def plan(
    conn: Connection, loaded: Loaded, act: Act, advanced: Advanced, actor_id: int | None, now: datetime
) -> list[Planned]:
    """What has to be composed for `advanced.send`; no file is read yet."""
    template = _template(conn, loaded, act, advanced.send, actor_id, now)
    known = parties(conn, (send.principal_id for send in advanced.send), office_day(now))
    files = tuple(_files(conn, loaded.document.id))
    return [
        Planned(sends, _addressed(template, sends, [known[s.principal_id] for s in sends]), files)
        for sends in _grouped(advanced.send)
    ]


def plan_opinion(conn: Connection, loaded: Loaded, act: Act, kept: Sequence[Kept], now: datetime) -> list[Planned]:
    """The notice of an opinion, for who has to know: the holder, or who gave it to the holder."""
    heard = hearer(loaded)
    if heard is None:
        return []
    template = _template(conn, loaded, act, (), act.actor_id, now)
    mail = replace(
        template,
        key=secrets.token_hex(TOKEN_OCTETS),
        token=_own_token(loaded, heard),
        to=(parties(conn, [heard], office_day(now))[heard],),
        main=None,
    )
    files = tuple((one.role, one.filename, one.media_type, one.digest) for one in kept)
    return [Planned((), mail, files, notify=(heard,))]


def plan_notice(
    conn: Connection, loaded: Loaded, act: Act, heard: Sequence[int], due_on: date | None, now: datetime
) -> list[Planned]:
    """A message without a step, to each of `heard` for their own; due_on: the day it tells."""
    template = _template(conn, loaded, act, (), act.actor_id, now)
    known = parties(conn, heard, office_day(now))
    return [
        Planned(
            (),
            replace(
                template,
                key=secrets.token_hex(TOKEN_OCTETS),
                token=_own_token(loaded, one),
                to=(known[one],),
                due_on=due_on,
            ),
            (),
            notify=(one,),
        )
        for one in dict.fromkeys(heard)
    ]


def hearer(loaded: Loaded) -> int | None:
    """Who must learn of an opinion of the actor: the holder; of the holder's own, whoever gave the task."""
    current = loaded.current
    if current is None:
        return None
    holder_speaks = current.assignee_id in loaded.standing.acts_for
    heard = (current.sender_for_id or current.sender_id) if holder_speaks else current.assignee_id
    return None if heard in loaded.standing.acts_for else heard


def _own_token(loaded: Loaded, principal_id: int) -> str:
    """The token under which this principal answers about the document, "" without a step of their own."""
    return next((row.token for row in reversed(loaded.steps) if row.assignee_id == principal_id), "")


def make_ready(blobs: BlobStore, planned: Sequence[Planned]) -> list[Ready]:
    """Compose and store what the messages are made of; each file is read once."""
    contents = {digest: blobs.get(digest) for one in planned for _r, _n, _t, digest in one.files}
    ready = []
    for one in planned:
        files = tuple(MailFile(role, name, kind, contents[digest]) for role, name, kind, digest in one.files)
        octets = compose_step(replace(one.mail, files=files))
        ready.append(Ready(one.sends, one.mail.token, prepare(octets, blobs), one.notify))
    return ready


def _template(
    conn: Connection, loaded: Loaded, act: Act, sends: Sequence[Send], actor_id: int | None, now: datetime
) -> StepMail:
    row, today = loaded.document, office_day(now)
    agency = agency_by_id(conn, row.agency_id)
    main_id = next((send.principal_id for send in sends if send.role is StepRole.MAIN), row.holder_id)
    cc_ids = [cc.principal_id for cc in act.cc]
    known = parties(conn, [actor_id, act.on_behalf_of, main_id, *cc_ids], today)
    actor = known[actor_id] if actor_id is not None else Party(0, "agency", agency.name, f"vb@{agency.domain}")
    return StepMail(
        agency_code=agency.code,
        document_id=row.id,
        number=row.register_number,
        year=row.register_year,
        fields=documents.fields_from(row),
        action=act.action,
        role=StepRole.MAIN,
        key="",
        token="",
        domain=agency.domain,
        sender=actor,
        sender_for=known.get(act.on_behalf_of) if act.on_behalf_of is not None else None,
        to=(),
        main=known.get(main_id) if main_id is not None else None,
        cc=tuple(known[one] for one in cc_ids),
        text=act.text,
        due_on=None,
        at=now,
        thread=(row.thread_root,),
        needs_case_file=loaded.journey.rules.finish_requires_case_file,
    )


def _addressed(template: StepMail, sends: tuple[Send, ...], to: list[Party]) -> StepMail:
    first = sends[0]
    return replace(
        template,
        role=first.role,
        key=secrets.token_hex(TOKEN_OCTETS),
        token=secrets.token_hex(TOKEN_OCTETS),
        to=tuple(to),
        text=first.text,
        due_on=first.due_on,
    )


def _grouped(sends: Sequence[Send]) -> list[tuple[Send, ...]]:
    """Cc's that carry the same words share a message: one copy however many readers."""
    groups: dict[object, list[Send]] = {}
    for send in sends:
        key = ("cc", send.text) if send.role is StepRole.CC else ("main", send.principal_id)
        groups.setdefault(key, []).append(send)
    return [tuple(group) for group in groups.values()]


def _files(conn: Connection, document_id: int) -> list[tuple[FileRole, str, str, bytes]]:
    query = select(document_file).where(
        document_file.c.document_id == document_id, document_file.c.opinion_id.is_(None)
    )
    rows = conn.execute(query.order_by(document_file.c.position, document_file.c.id))
    return [(FileRole(row.role), row.filename, row.media_type, row.digest) for row in rows]
