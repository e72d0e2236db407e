"""First and last activity of everybody on one day."""

from __future__ import annotations

from datetime import date

from flask import render_template, request

from mailserver.directory.records import office_day
from routing import staff_days
from webmail.auth.current import actor
from webmail.services import services
from webmail.staff.views import bp


@bp.get("/hoat-dong")
def days() -> str:
    """ngay: the day, today unless given. 404 for who is neither an administrator nor reads figures."""
    by, now = actor(), services().clock()
    today = office_day(now)
    try:
        day = min(date.fromisoformat(request.args.get("ngay", "")), today)
    except ValueError:
        day = today
    found = services().store.db.read(lambda conn: staff_days.attendance(conn, by, now, day))
    return render_template("staff/days.html", people=found, day=day, today=today)
