"""The leader's list of what was closed without output."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from routing import closings
from webmail.auth.current import actor
from webmail.registers.reports import period
from webmail.registers.views import bp
from webmail.services import services


@bp.get("/bao-cao/khong-san-pham")
def without_output() -> ResponseReturnValue:
    """Documents closed in a period with no result, opinion or file. tu, den: ISO dates, both included."""
    asked, who, now = period(), actor(), services().clock()
    lines = services().store.db.read(lambda conn: closings.without_output(conn, who, asked.first, asked.last, now))
    return render_template("registers/without_output.html", asked=asked, lines=lines)
