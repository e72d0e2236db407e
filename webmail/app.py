"""The web application."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from webmail import assets, counts, errors, formats, health, i18n, identifiers, limits, security, streams
from webmail.account import absence, delegation, details, mailboxes, openers, passkeys, second
from webmail.account import redirects as own_redirects
from webmail.account import views as account
from webmail.auditlog import views as auditlog
from webmail.auth import current
from webmail.auth import views as auth
from webmail.boards import reports as board_reports
from webmail.boards import views as boards
from webmail.cleanup import holding, proposing, restoring
from webmail.cleanup import views as cleanup
from webmail.clients import discovery
from webmail.clients import views as clients
from webmail.comments import views as comments
from webmail.consent import forwards
from webmail.consent import views as consent
from webmail.documents import casefiles, desk, notices, words
from webmail.documents import views as documents
from webmail.envelopes import views as envelopes
from webmail.help import views as help_
from webmail.inspection import reading as inspection_reading
from webmail.inspection import views as inspection
from webmail.kept import views as kept
from webmail.lists import views as mailing
from webmail.mail import acting, composing, files, undoing, whereabouts
from webmail.mail import views as mail
from webmail.mail.plaintext import linked
from webmail.mail.thinning import Thinner
from webmail.notes import notes
from webmail.onward import views as onward
from webmail.pageimages import PageImages
from webmail.policies import views as policies
from webmail.queue import views as queue
from webmail.registers import closings, lateness, reports
from webmail.registers import views as registers
from webmail.sentfiles import outside, sending, uploading
from webmail.sentfiles import views as sentfiles
from webmail.services import WebServices
from webmail.settings import WebSettings
from webmail.staff import accounts, addressbook, days, lists, people, requests, roles
from webmail.staff import views as staff
from webmail.teams import views as teams
from webmail.work import views as work

# Imported for the views they add to a blueprint that `views` of their package makes.
VIEW_MODULES = (
    acting,
    casefiles,
    closings,
    composing,
    desk,
    files,
    holding,
    inspection_reading,
    lateness,
    notices,
    people,
    proposing,
    reports,
    restoring,
    sending,
    undoing,
    whereabouts,
)
ACCOUNT_VIEWS = (accounts, days, lists, requests, roles)
BLUEPRINTS = (
    auth.bp,
    work.bp,
    mail.bp,
    documents.bp,
    registers.bp,
    queue.bp,
    consent.bp,
    forwards.bp,
    staff.bp,
    addressbook.bp,
    onward.bp,
    own_redirects.bp,
    mailing.bp,
    teams.bp,
    boards.bp,
    comments.bp,
    board_reports.bp,
    delegation.bp,
    details.bp,
    second.bp,
    passkeys.bp,
    openers.bp,
    kept.bp,
    cleanup.bp,
    policies.bp,
    inspection.bp,
    auditlog.bp,
    envelopes.bp,
    sentfiles.bp,
    outside.bp,
    account.bp,
    mailboxes.bp,
    absence.bp,
    clients.bp,
    discovery.bp,
    help_.bp,
    counts.bp,
    health.bp,
)


def create_app(services: WebServices, settings: WebSettings) -> Flask:
    """The application over these services; no global state but what Flask keeps in the app."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=settings.form_cookie,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.max_request,
        MAX_FORM_MEMORY_SIZE=settings.max_request,
        WTF_CSRF_TIME_LIMIT=None,
        TESTING=settings.testing,
        PROPAGATE_EXCEPTIONS=False,
        PRODUCT=settings.product,
    )
    app.extensions["vanthu.services"] = services
    app.extensions["vanthu.settings"] = settings
    app.extensions["vanthu.pages"] = PageImages(settings.cache_dir / "pages")
    app.extensions["vanthu.thinner"] = Thinner(settings.cache_dir / "smaller")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["notes"] = notes
    app.jinja_env.filters["linked"] = linked
    for part in (identifiers, discovery, i18n, health, current, limits, streams, uploading, outside, security):
        part.init(app)
    for part in (assets, formats, words, errors):
        part.init(app)
    # Outlook has no page of ours to take a token from, and its question changes nothing.
    protect = CSRFProtect(app)
    protect.exempt(discovery.bp)
    # Whoever has the link may send its form: see `public.own_right`.
    protect.exempt(outside.bp)
    app.context_processor(lambda: {"nav": counts.for_page()})
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
