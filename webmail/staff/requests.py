"""What people ask to have changed in the directory: administrators fulfil or refuse it."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailserver.directory.errors import NoSuchRequest
from routing import staff_requests
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services
from webmail.staff.forms import ReasonForm
from webmail.staff.views import bp


@bp.get("/de-nghi")
def wishes() -> str:
    """What waits, the oldest first. 404 for who is no administrator."""
    by, now = actor(), services().clock()
    waiting = services().store.db.read(lambda conn: staff_requests.waiting(conn, by, now))
    return render_template("staff/wishes.html", waiting=waiting)


@bp.post("/de-nghi/<int:request_id>/tu-choi")
def refuse_wish(request_id: int) -> ResponseReturnValue:
    """Form: reason, which the person is told. 303; 404; 422 without a reason."""
    form, by, now = ReasonForm(), actor(), services().clock()
    services().store.db.read(lambda conn: staff_requests.waiting(conn, by, now))
    if not form.validate_on_submit():
        say(_("Hãy ghi lý do để người đề nghị biết."), error=True)
        return redirect(url_for("staff.wishes"), code=303)
    try:
        asked = staff_requests.refuse(services().store, by, now, request_id, form.reason.data.strip())
    except NoSuchRequest:
        abort(404)
    say(_("Đã từ chối và báo cho %(name)s.", name=asked.who.name))
    return redirect(url_for("staff.wishes"), code=303)
