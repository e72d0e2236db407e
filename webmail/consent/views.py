"""The page on which an original sender says whether their mail may be passed on.

Open to whoever has the link: original senders may be anybody. Opening it changes nothing, for mail filters open links
too; only the form does.
"""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailbox_policies.forwarding import requests
from mailbox_policies.forwarding.errors import AnsweredBefore, NoSuchQuestion, NotForYou
from mailbox_policies.forwarding.requests import Question, Way
from mailserver.actor import Actor
from mailserver.directory import principals
from webmail.auth.current import actor, remote
from webmail.public import public
from webmail.services import services

bp = Blueprint("consent", __name__, url_prefix="/dong-y")


@bp.get("/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Who wants to send what to whom, and two buttons; what was answered, once it is. 404 for an unknown token."""
    return _page(_question(token), token)


@bp.post("/<token>")
@public
def answer(token: str) -> ResponseReturnValue:
    """Form: answer ("yes" or "no"). 303 to the page. 404 unknown token, 403 for the forwarder, 409 answered before."""
    said = request.form.get("answer")
    if said not in ("yes", "no"):
        abort(400)
    who = actor() if g.user is not None else Actor(None, None, "web", remote())
    consents = services().consents or abort(404)
    try:
        services().store.db.write(lambda tx: consents.answer_tx(tx, token, said == "yes", Way.LINK), who)
    except NoSuchQuestion:
        abort(404)
    except NotForYou:
        abort(403)
    except AnsweredBefore:
        return _page(_question(token), token), 409
    return redirect(url_for("consent.show", token=token), code=303)


def _question(token: str) -> Question:
    found = services().store.db.read(lambda conn: requests.by_token(conn, token))
    return found or abort(404)


def _page(question: Question, token: str) -> str:
    forwarder = services().store.db.read(lambda conn: principals.get(conn, question.forwarder_id))
    return render_template("consent/question.html", question=question, forwarder=forwarder, token=token)
