"""Vietnamese is the language of the source; English comes from the catalogue."""

from __future__ import annotations

from flask import Flask, g, request
from flask_babel import Babel, gettext, lazy_gettext

LOCALES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "vanthu-lang"


def _(text: str, **values: object) -> str:
    """The text in the reader's language, with its %(name)s filled in."""
    return str(gettext(text, **values))


def _l(text: str) -> str:
    """The same for texts that are written before there is a reader: labels and messages of forms."""
    later: str = lazy_gettext(text)
    return later


def choose() -> str:
    """The signed-in person's language; before signing in the one last used here, else Vietnamese."""
    user = g.get("user")
    chosen = user.locale if user is not None else request.cookies.get(COOKIE, "")
    return chosen if chosen in LOCALES else "vi"


def init(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    Babel(app, locale_selector=choose)
    app.jinja_env.globals["LOCALES"] = LOCALES
    app.jinja_env.globals["current_locale"] = choose
