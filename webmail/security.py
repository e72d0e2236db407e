"""Headers of every answer, and the second look at where a form came from.

ASVS 5.0 3.4.1-3.4.6, 3.5.1-3.5.3, 14.3.2: no inline script or style anywhere; frames only our own.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A mail's own HTML: no script, no network, its own styles only, no access to our origin.
FRAME_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data: 'self'; "
    "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
DOWNLOAD_CSP = "sandbox; default-src 'none'; frame-ancestors 'none'"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC_AGE_S = 3600


def harden(response: Response) -> Response:
    """Set what is not set already: pages are never kept by caches, static files for an hour."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", PAGE_CSP)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static":
        response.headers["Cache-Control"] = f"public, max-age={STATIC_AGE_S}"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def refuse_foreign_forms() -> None:
    """403 for a request with effect that a browser says comes from elsewhere.

    Besides the token of every form: browsers set Sec-Fetch-Site and Origin themselves, a page
    cannot forge them. Clients that send neither are judged by the token alone.
    """
    if request.method in SAFE_METHODS or _has_own_right():
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        abort(403)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def _has_own_right() -> bool:
    """Whether the form is one of `public.own_right`. Such pages tell nobody where a reader comes from, so browsers
    send "Origin: null" with their forms (Fetch standard, "append a request `Origin` header")."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "own_right", False)


def refuse_nul() -> None:
    """400 for a NUL anywhere: no text has one, and databases and mail refuse it in their own ways."""
    sent = (request.path, *request.args.values(), *request.form.values())
    if any("\0" in text for text in sent) or any("\0" in (file.filename or "") for file in request.files.values()):
        abort(400)


def init(app: Flask) -> None:
    app.before_request(refuse_foreign_forms)
    app.before_request(refuse_nul)
    app.after_request(harden)
