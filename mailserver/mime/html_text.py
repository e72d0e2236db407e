"""The words of an HTML mail, for search, previews and quoting. Not a sanitiser: text only.

Linear in the input: nothing is searched for twice where it was not found once.
"""

from __future__ import annotations

import html
import re
from typing import Final

# Elements whose content nobody reads.
_HIDDEN: Final = re.compile(r"<(script|style|title|head|template|noscript)(?=[\s>/])", re.IGNORECASE)
_COMMENT: Final = "<!--"
# A tag stops at the next "<" too, so that a lone "<" costs no search to the end.
_BREAK: Final = re.compile(
    r"</?(?:p|div|br|hr|tr|li|ul|ol|h[1-6]|table|blockquote|pre|section|article|dt|dd)(?=[\s>/])[^<>]*+>",
    re.IGNORECASE,
)
_CELL: Final = re.compile(r"</?t[dh](?=[\s>/])[^<>]*+>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z!?][^<>]*+>")
# int() refuses numbers of more than 4,300 digits, and no character has more than 7.
_LONG_NUMBER: Final = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def html_to_text(source: str) -> str:
    """The visible text: scripts, styles and comments dropped, blocks on lines of their own."""
    text = _BREAK.sub("\n", _visible(source).replace("\n", " "))
    text = _TAG.sub("", _CELL.sub(" ", text))
    if "&" in text:
        text = html.unescape(_LONG_NUMBER.sub("\ufffd", text))
    text = "\n".join([" ".join(line.split()) for line in text.split("\n")]).strip()
    return _EMPTY_LINES.sub("\n\n", text) if "\n\n\n" in text else text


def _visible(source: str) -> str:
    """The source without comments and hidden elements; an unclosed one hides all that follows."""
    if _COMMENT in source:
        source = _without_comments(source)
    if _HIDDEN.search(source) is None:
        return source
    lower = source.lower()
    if len(lower) != len(source):
        # Some capitals have longer small letters; the offsets must agree.
        lower = source
    kept: list[str] = []
    at = 0
    while (opened := _HIDDEN.search(source, at)) is not None:
        kept.append(source[at : opened.start()])
        closed = lower.find(f"</{opened[1].lower()}", opened.end())
        if closed < 0:
            return "".join(kept)
        end = source.find(">", closed)
        at = len(source) if end < 0 else end + 1
    kept.append(source[at:])
    return "".join(kept)


def _without_comments(source: str) -> str:
    kept: list[str] = []
    at = 0
    while (opened := source.find(_COMMENT, at)) >= 0:
        kept.append(source[at:opened])
        closed = source.find("-->", opened + 2)
        if closed < 0:
            return "".join(kept)
        at = closed + 3
    kept.append(source[at:])
    return "".join(kept)
