"""One page of help, and whom to ask."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailserver.directory.agencies import primary_domain
from webmail.auth.current import current_user
from webmail.services import services

bp = Blueprint("help", __name__)

# Whoever looks after the system gets it (`capabilities.keepers_of_the_system`; RFC 2142 §5).
SUPPORT = "postmaster"


@bp.get("/tro-giup")
def guide() -> ResponseReturnValue:
    agency_id = current_user().agency_id
    domain = services().store.db.read(lambda conn: primary_domain(conn, agency_id))
    return render_template("help/guide.html", support=f"{SUPPORT}@{domain}")
