"""Case files (hồ sơ): list, open, make."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from routing import cases as services_of_cases
from routing.comments import access as comments
from routing.comments.requests import Request
from routing.errors import Incomplete
from routing.types import CaseView, DocumentSummary
from webmail.auth.current import actor
from webmail.documents import acts
from webmail.documents.forms import CaseForm
from webmail.documents.views import bp
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services

LONGEST_QUERY = 200


@bp.get("/ho-so")
def cases() -> ResponseReturnValue:
    """The case files the reader may file into; `q`: words of the title or notation."""
    return _render(CaseForm(formdata=None))


@bp.post("/ho-so")
def create_case() -> ResponseReturnValue:
    """Form: title, code. 303 to the new case file; 422 and the form if invalid."""
    form = CaseForm()
    if form.validate_on_submit():
        try:
            code = (form.code.data or "").strip()
            case_id = services_of_cases.create(services().store, actor(), form.title.data, code=code)
        except Incomplete as refusal:
            acts.refused(form, refusal)
        else:
            say(_("Đã lập hồ sơ."))
            return redirect(url_for("documents.case", case_id=case_id), code=303)
    return _render(form), 422


@bp.get("/ho-so/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    """A case file with its documents, and what was asked about its drafts. 404 for strangers."""
    who = actor()

    def read(conn: Connection) -> tuple[CaseView, list[DocumentSummary], list[Request]]:
        return *services_of_cases.case(conn, who, case_id), comments.of_case(conn, case_id)

    found, documents, asked = services().store.db.read(read)
    return render_template("documents/case.html", case=found, documents=documents, asked=asked)


def _render(form: CaseForm) -> str:
    who, query = actor(), request.args.get("q", "")[:LONGEST_QUERY]
    found = services().store.db.read(lambda conn: services_of_cases.cases(conn, who, query))
    return render_template("documents/cases.html", cases=found, form=form, query=query)
