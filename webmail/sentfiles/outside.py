"""The page that somebody outside opens with a link from a letter, and the download behind its button.

Whoever has the link may fetch the file, nobody else: no account, no cookie. Servers that look into mail open its links
too, so opening the page takes nothing: only its form gives a ticket for the octets, and only those count as a
download. Unknown, ended and expired links get one and the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from mailbox_policies.rules.sent_files import RULE
from mailbox_policies.sentfiles import links, reading
from mailbox_policies.sentfiles.links import Opened
from mailserver.actor import Actor
from mailserver.directory.throttle import network_of
from mailserver.pace import Pace
from webmail import streams
from webmail.auth.current import DOOR, remote
from webmail.i18n import LOCALES
from webmail.public import own_right, public
from webmail.sentfiles import downloading
from webmail.services import services, settings
from webmail.streams import Stream

bp = Blueprint("outside", __name__, url_prefix="/lay-tep")

# How long the octets can be asked for, and gone on with after a line that broke, behind one press of the button.
TICKET_SECONDS = 6 * 3600
# Requests in a minute: of a network, and with one link, whether there is such a link or not.
MINUTE = 60
OF_NETWORK, OF_LINK = 120, 30
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def init(app: Flask) -> None:
    """What each application counts for itself."""

    def clock() -> float:
        return services().clock().timestamp()

    app.extensions["vanthu.paces"] = Pace(OF_NETWORK, MINUTE, clock), Pace(OF_LINK, MINUTE, clock)


@bp.before_request
def _look() -> ResponseReturnValue | None:
    """The page's language, what an error looks like, and whether somebody asks too often."""
    wanted = request.args.get("lang", "") or request.accept_languages.best_match(LOCALES, "vi")
    g.page_locale = wanted if wanted in LOCALES else "vi"
    g.error_page = "sentfiles/outside_error.html"
    by_network, by_link = current_app.extensions["vanthu.paces"]
    token = str((request.view_args or {}).get("token", ""))
    link = sha256(token.encode("utf-8", "replace")).hexdigest()
    if by_network.take(network_of(remote())) and by_link.take(link):
        return None
    return render_template("sentfiles/outside_busy.html"), 429, {"Retry-After": str(MINUTE)}


@bp.after_request
def _headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@bp.get("/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """What is behind a link, and a button. lang: "vi", "en". 404 alike for whatever opens nothing."""
    opened = _opened(token)
    if opened is None:
        return _nothing()
    return render_template("sentfiles/outside.html", opened=opened, token=token)


@bp.post("/<token>")
@public
@own_right
def take(token: str) -> ResponseReturnValue:
    """The button: 303 to the octets; 404 as the page."""
    opened = _opened(token)
    if opened is None:
        return _nothing()
    return redirect(url_for("outside.fetch", token=token, ve=_tickets().dumps(opened.id)), code=303)


@bp.get("/<token>/tep")
@public
def fetch(token: str) -> ResponseReturnValue:
    """The file, as `sentfiles.fetch` has it. ve: a ticket; without a good one, 303 to the page. 404, 416, 503."""
    opened = _opened(token)
    if opened is None:
        return _nothing()
    try:
        ticket = _tickets().loads(request.args.get("ve", ""), max_age=TICKET_SECONDS)
    except BadSignature:
        ticket = None
    if ticket != opened.id:
        return redirect(url_for("outside.show", token=token), code=303)
    store, who = services().store, Actor(None, opened.agency_id, DOOR, remote())
    pieces = store.db.read(lambda conn: reading.stretches(conn, opened.file.id))

    def note(goes_on: bool) -> None:
        store.db.write(lambda tx: links.note_fetch_tx(tx, opened, goes_on=goes_on), who)

    def stream(octets: Iterator[bytes]) -> Stream:
        return streams.of_link(octets, opened.id)

    return downloading.answer(opened.file, pieces, stream, note)


def _opened(token: str) -> Opened | None:
    """What a token opens; nothing where the agency has no links (any more)."""
    desk, now = services().sent_files or abort(404), services().clock()
    found = services().store.db.read(lambda conn: links.find(conn, token, now))
    if found is None:
        return None
    chosen = desk.settings_of(found.agency_id)
    return found if chosen.get(RULE).outside else None


def _nothing() -> ResponseReturnValue:
    return render_template("sentfiles/outside_nothing.html"), 404


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="sent-file-link")
