"""Plain text as HTML: escaped first, then its addresses made links, its quotations marked."""

from __future__ import annotations

import re

from bleach.linkifier import Linker
from markupsafe import Markup, escape

# Making links costs about a second for a megabyte; longer texts are shown without.
LONGEST_LINKED = 100_000
LONGEST_SHOWN = 1_000_000
# bleach's own pattern knows the top-level domains of its day only; a scheme or www. says enough.
WEB_ADDRESS = re.compile(r"(?<![\w@./-])(?:https?://|www\.)[^\s<>\"'`]++", re.IGNORECASE)
# What a reader never wants run together with a mail: bidi overrides that turn names around.
BIDI_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def linked(text: str) -> Markup:
    """Escaped text whose web addresses open in a new window; for opinions, instructions and mail."""
    harmless = str(escape(BIDI_OVERRIDES.sub("", text)))
    if len(harmless) > LONGEST_LINKED:
        return Markup(harmless)
    return Markup(Linker(callbacks=[_elsewhere], url_re=WEB_ADDRESS).linkify(harmless))


def _elsewhere(attrs: dict[object, str], new: bool = False) -> dict[object, str]:
    """A link that opens apart and tells nothing about the page it was on."""
    return attrs | {(None, "rel"): "noopener noreferrer nofollow", (None, "target"): "_blank"}


def paragraphs(text: str) -> Markup:
    """A mail's text for the page: quoted lines ("> …") in blocks of their own."""
    shown = text[:LONGEST_SHOWN].replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    blocks: list[tuple[bool, list[str]]] = []
    for line in shown.split("\n"):
        quoted = line.startswith(">")
        if not blocks or blocks[-1][0] != quoted:
            blocks.append((quoted, []))
        blocks[-1][1].append(line)
    return Markup("").join(_block(quoted, lines) for quoted, lines in blocks)


def _block(quoted: bool, lines: list[str]) -> Markup:
    if not quoted:
        return Markup('<div class="prewrap">{}</div>').format(linked("\n".join(lines)))
    bare = [line[1:].removeprefix(" ") for line in lines]
    return Markup('<div class="prewrap quoted">{}</div>').format(linked("\n".join(bare)))
