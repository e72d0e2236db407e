"""The rights of each role, who has it, and what was changed of late."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import Connection

from routing import staff_roles
from routing.staff_roles import Line, Matrix
from webmail.auth.current import actor
from webmail.services import services
from webmail.staff import words
from webmail.staff.views import bp


@bp.get("/vai-tro")
def roles() -> str:
    """404 for who is no administrator."""
    by, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[Matrix, list[Line]]:
        return staff_roles.matrix(conn, by, now), staff_roles.log(conn, by, now)

    found, lines = services().store.db.read(read)
    return render_template("staff/roles.html", matrix=found, lines=lines, words=words)
