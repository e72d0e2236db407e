"""The journey of a document as the page tells it: newest first, who, for whom, what, in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from routing.types import (
    Action,
    DocumentView,
    ExtensionView,
    FileView,
    OpinionView,
    Party,
    StepRole,
    StepState,
    StepView,
)
from webmail.documents import words
from webmail.documents.words import Label

ALL, OPINIONS, SEEN = "tat-ca", "y-kien", "ai-xem"


@dataclass(frozen=True, slots=True)
class LineFile:
    filename: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline.

    level: "leader", "unit", "specialist" or "registry". office: the post or unit the person spoke
    for by right; on_behalf: the one they stood in for.
    """

    at: datetime
    level: str
    who: str
    office: str
    on_behalf: str
    what: str
    target: str
    text: str
    by_mail: bool = False
    due_on: date | None = None
    state: Label | None = None
    files: tuple[LineFile, ...] = ()


def lines(view: DocumentView, shown: str) -> list[Line]:
    """The entries of one tab, newest first."""
    chosen: dict[str, Callable[[], list[Line]]] = {
        OPINIONS: lambda: [_opinion(one, view.summary.id) for one in view.opinions],
        SEEN: lambda: _seen(view.steps),
    }
    found = chosen.get(shown, lambda: _all(view))()
    return sorted(found, key=lambda line: line.at, reverse=True)


def _all(view: DocumentView) -> list[Line]:
    levels = {step.id: step.level for step in view.steps}
    found = [_step(step, levels.get(step.parent_id or 0, "registry")) for step in view.steps]
    found += [_returned(step) for step in view.steps if step.state is StepState.RETURNED and step.closed_at]
    found += [_opinion(one, view.summary.id) for one in view.opinions]
    found += [line for one in view.extensions for line in _time(one, levels)]
    return found + _registered(view) + _filed(view) + _finished(view, levels)


def _step(step: StepView, level: str) -> Line:
    """level: of whoever gave the step, which is that of the step before it."""
    is_main = step.role is StepRole.MAIN
    return Line(
        at=step.opened_at,
        level=level,
        who=step.sender.name if step.sender else words.party(None),
        office=_office(step.sender, step.sender_for),
        on_behalf=_stood_in_for(step.sender, step.sender_for),
        what=words.action(step.action) if is_main else words.action(Action.NOTIFY),
        target=words.party(step.assignee),
        text=step.text,
        due_on=step.due_on,
        state=words.step_state(step),
    )


def _returned(step: StepView) -> Line:
    assert step.closed_at is not None
    return Line(
        at=step.closed_at,
        level=step.level,
        who=step.closed_by.name if step.closed_by else words.party(None),
        office=_office(step.closed_by, step.assignee),
        on_behalf=_stood_in_for(step.closed_by, step.assignee),
        what=words.action(Action.RETURN),
        target="",
        text=step.close_note,
    )


def _finished(view: DocumentView, levels: dict[int, str]) -> list[Line]:
    """The end, told even where nobody wrote a word about it: a move in a mail client says nothing."""
    handler = max((step.id for step in view.steps if step.role is StepRole.MAIN), default=0)
    return [
        Line(
            at=one.at,
            level=levels.get(handler, "specialist"),
            who=one.actor.name if one.actor else words.party(None),
            office=_office(one.actor, one.on_behalf_of),
            on_behalf=_stood_in_for(one.actor, one.on_behalf_of),
            what=words.action(one.action),
            target="",
            text=one.note,
        )
        for one in view.history
        if one.action == Action.FINISH.value
    ]


def _time(one: ExtensionView, levels: dict[int, str]) -> list[Line]:
    """Who asked until when and why; what was decided."""

    asked = Line(
        at=one.asked_at,
        level=levels.get(one.step_id, "specialist"),
        who=one.asked_by.name,
        office=_office(one.asked_by, one.asked_for),
        on_behalf=_stood_in_for(one.asked_by, one.asked_for),
        what=words.action(Action.ASK_TIME),
        target="",
        text=one.reason,
        due_on=one.wanted_on,
    )
    if one.decided_at is None or one.decided_by is None:
        return [asked]
    granted = one.state == "granted"
    decided = Line(
        at=one.decided_at,
        level="unit" if one.decided_for and one.decided_for.kind == "unit" else "leader",
        who=one.decided_by.name,
        office=_office(one.decided_by, one.decided_for),
        on_behalf=_stood_in_for(one.decided_by, one.decided_for),
        what=words.action(Action.GRANT_TIME if granted else Action.REFUSE_TIME),
        target="",
        text=one.words,
        due_on=one.granted_on,
    )
    return [asked, decided]


def _opinion(opinion: OpinionView, document_id: int) -> Line:
    return Line(
        at=opinion.at,
        level=opinion.level,
        who=opinion.author.name,
        office=_office(opinion.author, opinion.on_behalf_of),
        on_behalf=_stood_in_for(opinion.author, opinion.on_behalf_of),
        what=words.action(Action.OPINE),
        target="",
        text=opinion.text,
        by_mail=opinion.by_mail,
        files=tuple(_file(one, document_id) for one in opinion.files),
    )


def _is_in_office(person: Party, office: Party) -> bool:
    """A unit speaks through its head; a post through whoever holds it."""
    return office.kind != "post" or office.holder == person.name


def _office(person: Party | None, office: Party | None) -> str:
    if person is None or office is None or office.id == person.id or not _is_in_office(person, office):
        return ""
    return office.name


def _stood_in_for(person: Party | None, office: Party | None) -> str:
    if person is None or office is None or office.id == person.id or _is_in_office(person, office):
        return ""
    return words.party(office)


def _file(file: FileView, document_id: int) -> LineFile:
    return LineFile(file.filename, url_for("documents.file", document_id=document_id, file_id=file.id))


def _seen(steps: Sequence[StepView]) -> list[Line]:
    return [
        Line(step.read_at, step.level, words.party(step.assignee), "", "", words.action("read"), "", "")
        for step in steps
        if step.read_at is not None
    ]


def _registered(view: DocumentView) -> list[Line]:
    return [
        Line(one.at, "registry", one.actor.name if one.actor else "", "", "", words.action(one.action), "", one.note)
        for one in view.history
        if one.action == Action.REGISTER.value
    ]


def _filed(view: DocumentView) -> list[Line]:
    return [
        Line(one.at, "specialist", one.actor.name if one.actor else "", "", "", words.action(one.action), "", one.note)
        for one in view.history
        if one.action == Action.FILE.value
    ]
