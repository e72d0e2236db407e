"""How late units and people are, with and without leave, and the documents behind each number."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from routing import lateness
from routing.lateness import Tally
from routing.types import DocumentSummary
from webmail.auth.current import actor
from webmail.documents import words
from webmail.i18n import _
from webmail.registers.reports import period
from webmail.registers.views import bp
from webmail.services import services


@bp.get("/bao-cao/tre-han")
def late() -> ResponseReturnValue:
    """Lateness of documents that arrived in a period. tu, den: ISO dates, both included."""
    asked, who, now = period(), actor(), services().clock()
    found = services().store.db.read(lambda conn: lateness.lateness(conn, who, asked.first, asked.last, now))
    return render_template("registers/late.html", asked=asked, tallies=found)


@bp.get("/bao-cao/tre-han/danh-sach")
def late_list() -> ResponseReturnValue:
    """The documents of one sum. don_vi: unit id, 0 for those nobody has yet; nguoi: a person of it; else 404."""
    asked, who, now = period(), actor(), services().clock()
    unit_id, person_id = request.args.get("don_vi", 0, type=int), request.args.get("nguoi", 0, type=int)

    def read(conn: Connection) -> tuple[Tally, list[DocumentSummary]]:
        found = lateness.lateness(conn, who, asked.first, asked.last, now)
        tally = next((one for one in found if _id(one) == unit_id), None)
        if tally is not None and person_id:
            tally = next((one for one in tally.people if _id(one) == person_id), None)
        if tally is None:
            abort(404)
        return tally, lateness.summaries(conn, who, tally.lines, now)

    tally, documents = services().store.db.read(read)
    back = url_for("registers.late", tu=asked.first.isoformat(), den=asked.last.isoformat())
    name = words.party(tally.party) if tally.party else _("Chưa giao")
    title = _("Trễ hạn: %(who)s", who=name)
    return render_template("registers/report_list.html", title=title, documents=documents, back=back)


def _id(tally: Tally) -> int:
    return tally.party.id if tally.party else 0
