"""Signing in by a passkey: alone, or instead of the code after the password."""

from __future__ import annotations

from flask import Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailserver.directory import passkey_proofs as proofs
from mailserver.directory import passkeys
from mailserver.directory.errors import LoginRefused, Throttled
from webmail.auth import ceremonies, second
from webmail.auth.ceremonies import Purpose
from webmail.auth.forms import SignInForm
from webmail.auth.opening import open_session
from webmail.i18n import choose
from webmail.public import public
from webmail.redirects import own_path
from webmail.services import services

JSON = "application/json"


@public
def ask() -> ResponseReturnValue:
    """What the browser is to ask its authenticators for, as JSON; 404 where there are no passkeys."""
    us = ceremonies.party() or abort(404)
    return Response(proofs.request(us, ceremonies.begin(Purpose.SIGN_IN, ""), (), verified=True), mimetype=JSON)


@public
def sign_in() -> ResponseReturnValue:
    """Form: answer, next. 303 and a session; 422 or 429 and the sign-in page."""
    target = request.form.get("next", "")
    try:
        who = ceremonies.proved(Purpose.SIGN_IN, "", request.form.get("answer", ""), None)
    except LoginRefused as refusal:
        form = SignInForm(formdata=None, data={"next": target})
        page = render_template("auth/sign_in.html", form=form, passkey_error=refusal.sentence.in_(choose()))
        return page, _status(refusal)
    return open_session(who, own_path(target, url_for("work.today")))


@public
def ask_second() -> ResponseReturnValue:
    """As `ask`, for one of the person's own, whose password was right. Form: ticket. 404 if that is too long ago."""
    us, ticket = ceremonies.party() or abort(404), second.ticket_of(request.form.get("ticket", "")) or abort(404)
    known = services().store.db.read(lambda conn: passkeys.descriptors(conn, ticket.who.id)) or abort(404)
    challenge = ceremonies.begin(Purpose.SECOND, str(ticket.who.id))
    return Response(proofs.request(us, challenge, known, verified=False), mimetype=JSON)


@public
def second_post() -> ResponseReturnValue:
    """Form: answer, ticket, next. 303 and a session; 422 or 429 and the page of the second step; 303 to the sign-in
    page if the ticket is too old."""
    ticket, target = second.ticket_of(request.form.get("ticket", "")), request.form.get("next", "")
    if ticket is None:
        return second.again()
    try:
        who = ceremonies.proved(Purpose.SECOND, str(ticket.who.id), request.form.get("answer", ""), ticket.who.id)
    except LoginRefused as refusal:
        return second.page_again(refusal.sentence.in_(choose())), _status(refusal)
    return open_session(who, own_path(target, url_for("work.today")))


@public
def origins() -> ResponseReturnValue:
    """The pages that may use our passkeys besides those under their own name (WebAuthn-3 §5.11.1); 404 for none."""
    us = ceremonies.party()
    if us is None or len(us.origins) == 1:
        abort(404)
    return jsonify(origins=us.origins)


def _status(refusal: LoginRefused) -> int:
    return 429 if isinstance(refusal, Throttled) else 422
