"""The numbers on the rail, from the counters of folders: nothing is scanned."""

from __future__ import annotations

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.forwarding import requests
from mailserver.actor import Actor
from mailserver.boards.kinds import BEHAVIOUR
from mailserver.directory.records import Kind
from mailserver.store.errors import StoreUnavailable
from routing.comments import access as comments
from webmail.auth.current import User, actor, current_user
from webmail.mail import places
from webmail.navigation import Counts, Navigation, navigation
from webmail.services import services

bp = Blueprint("counts", __name__)


@bp.get("/dem")
def counts() -> ResponseReturnValue:
    """The numbers as JSON, for refreshing them."""
    found = _counts()
    return jsonify(work=found.work, mail=found.mail, desk=found.desk, boards=found.boards, comments=found.comments)


def _counts() -> Counts:
    who, user = actor(), current_user()
    return services().store.db.read(lambda conn: read(conn, who, user))


def read(conn: Connection, who: Actor, user: User) -> Counts:
    """work: steps that lie in work folders; mail: unread in one's own inbox; desk: mail to register;
    boards: unread posts in shared folders; comments: answers wanted."""
    seen = places.read(conn, who)
    work = sum(folder.messages for folder in seen.all_folders if folder.behaviour == places.PENDING)
    mail = sum(folder.unseen for folder in seen.folders.get(user.principal_id, []) if folder.name == "INBOX")
    agencies = {one.owner_id for one in seen.access if one.kind == Kind.AGENCY.value} if user.may_register else set()
    desk = sum(folder.messages for folder in seen.all_folders if folder.owner_id in agencies and folder.name == "INBOX")
    boards = sum(folder.unseen for folder in seen.all_folders if folder.behaviour == BEHAVIOUR)
    forwards = requests.waiting(conn, user.principal_id, user.agency_id, leads=user.leads)
    return Counts(work, mail, desk, forwards, boards, comments.waiting(conn, user.acts_for))


def for_page() -> Navigation | None:
    """Rail and bottom bar of the page being rendered; None before signing in.

    Without numbers when the database is away: a page that tells so has a rail too.
    """
    if g.get("user") is None:
        return None
    try:
        found = _counts()
    except StoreUnavailable:
        found = Counts()
    return navigation(current_user(), found)
