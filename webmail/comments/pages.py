"""What the pages of comment requests show, read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import principals
from mailserver.directory.records import Principal, office_day
from mailserver.store import messages
from mailserver.store.contents import content
from mailserver.store.store import Store
from routing import cases, steps
from routing.comments import access, asking
from routing.comments.access import Seen
from routing.comments.requests import Answer, Invitee, Request
from routing.comments.states import Act, State, acts_in, may_answer
from routing.errors import DocumentMissing
from routing.files import attachments, part_name
from routing.parties import parties
from routing.profile import profile_of
from routing.standing import standing_of
from routing.types import CaseView, MessageRef, Party
from webmail.mail import reading
from webmail.mail.outgoing import Carried, Ref, carried_of
from webmail.mail.reading import File, file_of


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list. invitee: as whom the reader is asked, None for one's own. waits: an answer is wanted."""

    request: Request
    state: State
    asker: Party
    invitee: Invitee | None = None
    waits: bool = False
    behalf: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    asked_of: tuple[Line, ...]
    asked_by: tuple[Line, ...]
    blue: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What a new request can be made of. carried: files of the mail it begins from."""

    candidates: tuple[Party, ...]
    cases: tuple[CaseView, ...]
    carried: tuple[Carried, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """One request. names: of all who are in it. mail: where the asker finds each answer's mail, by message.

    acts: what the reader may do. answering: as whom the reader may answer now.
    """

    seen: Seen
    state: State
    names: Mapping[int, Party]
    files: tuple[File, ...]
    mail: Mapping[int, MessageRef] = field(default_factory=dict)
    acts: frozenset[Act] = frozenset()
    answering: tuple[Invitee, ...] = ()
    more: tuple[Party, ...] = ()
    case: CaseView | None = None
    blue: bool = False

    @property
    def request(self) -> Request:
        return self.seen.request

    def by(self, invitee: Invitee, answer: Answer) -> str:
        """ "Y thay X" where another answered."""
        return "" if answer.author_id == invitee.principal_id else self.names[answer.author_id].name


def index(conn: Connection, who: Actor, now: datetime) -> Index:
    standing, day = standing_of(conn, who, now), office_day(now)
    of, by = access.asked_of(conn, standing), access.asked_by(conn, standing)
    ids = {one.asker_id for one in (*of, *by)} | {one.principal_id for found in of for one in found.invitees}
    known = parties(conn, ids, day)
    lines = []
    for found in of:
        state = found.state_at(now)
        for one in found.invitees:
            if one.principal_id in standing.acts_for:
                waits = one.answer is None and may_answer(state, answered=False)
                behalf = "" if one.principal_id == standing.person_id else known[one.principal_id].name
                lines.append(Line(found, state, known[found.asker_id], one, waits, behalf))
    lines.sort(key=lambda line: not line.waits)  # keeps the order within both parts
    own = tuple(Line(one, one.state_at(now), known[one.asker_id]) for one in by)
    return Index(tuple(lines), own, _blue(conn, who))


def form(conn: Connection, who: Actor, now: datetime, source: Ref | None) -> Form:
    """source: a mail whose files, and subject, the request begins with. Raises FolderMissing."""
    assert who.principal_id is not None
    found = asking.candidates(conn, principals.get(conn, who.principal_id))
    offered, mine = _parties(conn, found, now), tuple(cases.cases(conn, who))
    if source is None:
        return Form(offered, mine)
    opened = reading.open_message(conn, who, source.folder_id, source.uid)
    return Form(offered, mine, carried_of(opened), opened.info.subject)


def show(conn: Connection, who: Actor, request_id: int, now: datetime) -> Show:
    """Raises DocumentMissing."""
    standing = standing_of(conn, who, now)
    seen = access.see(conn, standing, request_id, now)
    request, state = seen.request, seen.request.state_at(now)
    ids = {request.asker_id} | {one.principal_id for one in request.invitees}
    ids |= {said.author_id for one in request.invitees for said in one.answers}
    acts = acts_in(state) if seen.manages else frozenset()
    return Show(
        seen=seen,
        state=state,
        names=parties(conn, ids, office_day(now)),
        files=files(conn, request),
        mail=_mail(conn, request) if request.asker_id == standing.person_id else {},
        acts=acts,
        answering=tuple(one for one in seen.own if may_answer(state, answered=one.answer is not None)),
        more=_more(conn, request, now) if Act.ADD in acts else (),
        case=cases.view(conn, request.case_id) if request.case_id is not None and seen.whole else None,
        blue=_blue(conn, who),
    )


def files(conn: Connection, request: Request) -> tuple[File, ...]:
    """What was sent along."""
    structure = messages.info(conn, request.message_pk).structure
    return tuple(file_of(part) for part in attachments(list(structure.walk())))


def file(conn: Connection, store: Store, request: Request, number: str) -> tuple[File, bytes]:
    """One of them, by its part number. Raises DocumentMissing."""
    structure = messages.info(conn, request.message_pk).structure
    for part in attachments(list(structure.walk())):
        if part_name(part) == number:
            return file_of(part), content(conn, store.blobs, request.message_pk, part)
    raise DocumentMissing


def _more(conn: Connection, request: Request, now: datetime) -> tuple[Party, ...]:
    asked = {one.principal_id for one in request.invitees}
    found = asking.candidates(conn, principals.get(conn, request.asker_id))
    return _parties(conn, [one for one in found if one.id not in asked], now)


def _parties(conn: Connection, found: Sequence[Principal], now: datetime) -> tuple[Party, ...]:
    known = parties(conn, [one.id for one in found], office_day(now))
    return tuple(known[one.id] for one in found)


def _mail(conn: Connection, request: Request) -> dict[int, MessageRef]:
    keys = [said.message_pk for one in request.invitees for said in one.answers]
    found = {key: steps.mail_ref(conn, key, request.asker_id) for key in keys}
    return {key: ref for key, ref in found.items() if ref is not None}


def _blue(conn: Connection, who: Actor) -> bool:
    assert who.agency_id is not None
    return profile_of(conn, who.agency_id).comments.is_blue
