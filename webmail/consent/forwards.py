"""Forwards that wait for original senders: one's own with their state, and for leaders what they may decide."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.forwarding import requests
from mailbox_policies.forwarding.consent import is_leader
from mailbox_policies.forwarding.errors import AnsweredBefore, NoSuchQuestion, NotForYou, ReasonMissing
from mailbox_policies.forwarding.requests import Question, State
from mailserver.directory import principals
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services

bp = Blueprint("forwards", __name__, url_prefix="/chuyen-tiep")

OPEN = (State.ASKED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter and what its original senders said. decide: whether the reader may, as a leader."""

    held_id: int
    subject: str
    forwarder: str
    questions: tuple[Question, ...]
    own: bool
    decide: bool

    @property
    def readers(self) -> str:
        return ", ".join(dict.fromkeys(reader for one in self.questions for reader in one.readers.split(", ")))

    @property
    def is_open(self) -> bool:
        ended = any(one.state in (State.REFUSED, State.WITHDRAWN) for one in self.questions)
        return not ended and any(one.state in OPEN for one in self.questions)


@bp.get("/")
def index() -> ResponseReturnValue:
    """The reader's own forwards, and what a leader may decide."""
    return _page()


@bp.post("/<int:held_id>/rut")
def withdraw(held_id: int) -> ResponseReturnValue:
    """Take a forward back. 303; 404 if it is not one's own, 409 if it is decided."""
    consents = services().consents or abort(404)
    try:
        services().store.db.write(lambda tx: consents.withdraw_tx(tx, held_id), actor())
    except (NoSuchQuestion, NotForYou):
        abort(404)
    except AnsweredBefore:
        abort(409)
    say(_("Đã rút thư. Thư không được gửi đi."))
    return redirect(url_for("forwards.index"), code=303)


@bp.post("/<int:held_id>/quyet-dinh")
def decide(held_id: int) -> ResponseReturnValue:
    """A leader decides. Form: answer (yes, no), reason. 303; 404 for others, 409 if it is decided, 422 no reason."""
    consents = services().consents or abort(404)
    said, reason = request.form.get("answer"), request.form.get("reason", "")
    if said not in ("yes", "no"):
        abort(400)
    try:
        services().store.db.write(lambda tx: consents.override_tx(tx, held_id, said == "yes", reason), actor())
    except (NoSuchQuestion, NotForYou):
        abort(404)
    except AnsweredBefore:
        abort(409)
    except ReasonMissing:
        return _page(missing=held_id), 422
    say(_("Đã cho gửi.") if said == "yes" else _("Đã từ chối."))
    return redirect(url_for("forwards.index"), code=303)


def _page(missing: int = 0) -> str:
    own_id, agency_id, now = current_user().principal_id, current_user().agency_id, services().clock()

    def read(conn: Connection) -> tuple[list[Letter], list[Letter]]:
        own = _letters(conn, requests.of_forwarder(conn, own_id), own_id, decide=False)
        if not is_leader(conn, own_id, now):
            return own, []
        others = [one for one in requests.undecided(conn, agency_id) if one.forwarder_id != own_id]
        return own, _letters(conn, others, own_id, decide=True)

    own, others = services().store.db.read(read)
    return render_template("consent/forwards.html", own=own, others=others, missing=missing)


def _letters(conn: Connection, found: list[Question], own_id: int, *, decide: bool) -> list[Letter]:
    people = principals.get_many(conn, {one.forwarder_id for one in found})
    letters = []
    for held_id, questions in groupby(found, key=lambda one: one.held_id):
        asked = tuple(questions)
        forwarder = people[asked[0].forwarder_id].name
        own = asked[0].forwarder_id == own_id
        letters.append(Letter(held_id, asked[0].letter_subject, forwarder, asked, own, decide))
    return letters
