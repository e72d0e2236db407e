"""Danh bạ: the agency's directory, for everybody in it."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from mailserver.directory import addressbook
from mailserver.directory.records import office_day
from webmail.auth.current import current_user
from webmail.services import services

bp = Blueprint("addressbook", __name__, url_prefix="/danh-ba")


@bp.get("/")
def index() -> str:
    """q: words of a name or an address, with or without diacritics."""
    agency_id, day = current_user().agency_id, office_day(services().clock())
    words = request.args.get("q", "").strip()[:100]
    found = services().store.db.read(lambda conn: addressbook.tree(conn, agency_id, day))
    return render_template("staff/addressbook.html", branches=addressbook.matching(found, words), words=words)
