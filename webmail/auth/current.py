"""Who is signed in: read once a request from the session cookie."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from mailbox_policies.forwarding import consent
from mailserver.actor import Actor
from mailserver.directory import credentials, principals, websessions
from mailserver.directory.websessions import WebSession
from mailserver.store.errors import StoreError
from routing import two_steps
from routing.standing import standing_of
from webmail.services import services, settings

DOOR = "web"


@dataclass(frozen=True, slots=True)
class User:
    """The signed-in person, as the pages show and the services know them.

    title: the posts held, "Giám đốc", or "". acts_for: as `Standing` has it. leads: may decide in the place of original
    senders. must_change: no page but the password's until changed.
    must_second: none but the second factor's until it is switched on.
    """

    principal_id: int
    agency_id: int
    name: str
    address: str
    locale: str
    title: str
    agency_name: str
    may_register: bool
    capabilities: frozenset[str]
    acts_for: frozenset[int]
    leads: bool
    must_change: bool
    must_second: bool
    session: WebSession


def remote() -> str:
    return request.remote_addr or ""


def actor() -> Actor:
    """The signed-in person as services know them."""
    user = current_user()
    return Actor(user.principal_id, user.agency_id, DOOR, remote(), user.locale)


def current_user() -> User:
    return cast(User, g.user)


def load(conn: Connection, token: str, now: datetime) -> User | None:
    """The person behind a session token, or None."""
    found = websessions.find(conn, token, now)
    if found is None:
        return None
    principal_id, session = found
    person = principals.get(conn, principal_id)
    posts = principals.posts_of(conn, principal_id, principals.office_day(now))
    standing = standing_of(conn, Actor(person.id, person.agency_id, DOOR, "", person.locale), now)
    return User(
        principal_id=person.id,
        agency_id=person.agency_id,
        name=person.name,
        address=person.address,
        locale=person.locale,
        title=", ".join(post.principal.name for post in posts),
        agency_name=principals.agency_by_id(conn, person.agency_id).name,
        may_register=standing.is_clerk_of(person.agency_id),
        capabilities=standing.capabilities,
        acts_for=standing.acts_for,
        leads=consent.leads(posts),
        must_change=credentials.must_change(conn, principal_id),
        must_second=two_steps.is_owed(conn, principal_id, person.agency_id, now),
        session=session,
    )


def _read_session() -> None:
    g.user = None
    token = request.cookies.get(settings().session_cookie)
    if not token or request.endpoint == "static":
        return
    now = services().clock()
    db = services().store.db
    user, is_over = db.read(lambda conn: _look_up(conn, token, now))
    g.user = user
    if is_over:
        # Were it only ignored, a clock that is set back would bring it to life again.
        with contextlib.suppress(StoreError):
            db.write(lambda tx: websessions.close_tx(tx, token), Actor(None, None, DOOR, remote()))
    if user is not None and user.session.needs_touch(now):
        session_id = user.session.id
        services().store.db.write(lambda tx: websessions.touch_tx(tx, session_id), actor())


def _look_up(conn: Connection, token: str, now: datetime) -> tuple[User | None, bool]:
    """The person behind a token, and whether it is one of a session that is over."""
    user = load(conn, token, now)
    return user, user is None and websessions.is_kept(conn, token)


def _gate() -> ResponseReturnValue | None:
    """Send strangers to the sign-in page, and new people to the page that changes their password."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
        return None
    if g.user is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=wanted), code=303)
    if g.user.must_change and not getattr(view, "before_password_change", False):
        return redirect(url_for("auth.change_password"), code=303)
    may_wait = any(getattr(view, mark, False) for mark in ("before_password_change", "before_second_factor"))
    if g.user.must_second and not may_wait:
        return redirect(url_for("second.index"), code=303)
    return None


def set_session_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        settings().session_cookie, token, path="/", secure=settings().secure_cookies, httponly=True, samesite="Lax"
    )


def drop_session_cookie(response: Response) -> None:
    response.delete_cookie(
        settings().session_cookie, path="/", secure=settings().secure_cookies, httponly=True, samesite="Lax"
    )


def init(app: Flask) -> None:
    app.before_request(_read_session)
    app.before_request(_gate)
