"""The language of the command line: Vietnamese, or English where the caller's environment says so."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence


def chosen(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """ "en" or "vi": `--lang` first, then VANTHU_LANG, LC_ALL, LC_MESSAGES, LANG; Vietnamese by default.

    `C` and `POSIX` say nothing about a reader's language, so they mean the default.
    """
    for position, word in enumerate(argv):
        if word.startswith("--lang="):
            return _language(word.removeprefix("--lang="))
        if word == "--lang" and position + 1 < len(argv):
            return _language(argv[position + 1])
    for name in ("VANTHU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return _language(environ[name])
    return "vi"


def _language(value: str) -> str:
    return "en" if value.lower().startswith("en") else "vi"


LANG = chosen(sys.argv[1:], os.environ)


def t(vi: str, en: str) -> str:
    """The text in the chosen language; both stand side by side, so that neither is forgotten."""
    return en if LANG == "en" else vi
