"""Vietnamese is the language of the source; English comes from the catalogue.

The catalogue is read as it is written, `messages.po`, once in each process that shows pages (about 60 ms); there is
no compiled one that could be forgotten, or be another than what it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Babel, Domain, gettext, lazy_gettext

LOCALES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "vanthu-lang"
ENGLISH = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def _(text: str, **values: object) -> str:
    """The text in the reader's language, with its %(name)s filled in."""
    return str(gettext(text, **values))


def _l(text: str) -> str:
    """The same for texts that are written before there is a reader: labels and messages of forms."""
    later: str = lazy_gettext(text)
    return later


def choose() -> str:
    """The page's own language, if it has one; else the signed-in person's; before signing in the one last used here,
    else Vietnamese."""
    if (page := g.get("page_locale")) is not None:
        return str(page)
    user = g.get("user")
    chosen = user.locale if user is not None else request.cookies.get(COOKIE, "")
    return chosen if chosen in LOCALES else "vi"


class Texts(NullTranslations):
    """Translations out of a mapping; a text that is not in it stays as it is."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        return self._texts.get(message, message)

    ugettext = gettext


@cache
def english() -> Texts:
    """The catalogue. Raises OSError without its file: nothing starts with half of its texts."""
    with ENGLISH.open("rb") as file:
        found = read_po(file)
    return Texts({str(entry.id): str(entry.string) for entry in found if entry.id and entry.string and not entry.fuzzy})


class Texted(Domain):
    """Where Flask-Babel looks for translations: in memory instead of in compiled files."""

    def get_translations(self) -> NullTranslations:
        return english() if choose() == "en" else NullTranslations()


def init(app: Flask) -> None:
    english()
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    Babel(app, locale_selector=choose).domain_instance = Texted()
    app.jinja_env.globals["LOCALES"] = LOCALES
    app.jinja_env.globals["current_locale"] = choose
