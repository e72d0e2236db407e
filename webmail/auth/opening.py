"""Opening a session for somebody whose sign-in is complete."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from mailserver.actor import Actor
from mailserver.directory import credentials, websessions
from mailserver.directory.records import Principal
from routing.profile import profile_of
from webmail.auth.current import DOOR, remote, set_session_cookie
from webmail.i18n import _
from webmail.notes import Link, say
from webmail.services import services, settings


def open_session(person: Principal, target: str) -> Response:
    """303 to `target`, with the cookie of a new session; the one the browser came with ends."""
    actor = Actor(person.id, person.agency_id, DOOR, remote(), person.locale)
    agent, old = request.headers.get("User-Agent", ""), request.cookies.get(settings().session_cookie)
    token = services().store.db.write(
        lambda tx: websessions.open_tx(tx, person.id, actor.remote, agent, replaces=old), actor
    )
    _remind(person)
    response = redirect(target, code=303)
    set_session_cookie(response, token)
    return response


def _remind(person: Principal) -> None:
    """Say on the next page that the password is old (132/QĐ-STTTT, Điều 6 khoản 2: to be changed regularly)."""

    def read(conn: Connection) -> int:
        days, since = (
            profile_of(conn, person.agency_id).account.remind_days,
            credentials.password_since(conn, person.id),
        )
        return days if days and since and services().clock() - since > timedelta(days=days) else 0

    days = services().store.db.read(read)
    if days:
        to_page = Link(url_for("auth.change_password"), _("Đổi mật khẩu"))
        say(_("Mật khẩu của bạn đã dùng hơn %(days)s ngày; nên đổi.", days=days), link=to_page)
