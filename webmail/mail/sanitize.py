"""Hostile HTML made harmless: an allow-list, applied on the server, rewritten by nothing afterwards.

What stays is text, tables, simple styles and pictures that came inside the message. No SVG, MathML,
form, frame, script, style element, external address in a picture or a style. The result is shown
only in a frame with `security.FRAME_CSP`, the second wall.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import nh3

from mailserver.mime.html_text import html_to_text

_TAGS = """
a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4
h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup table tbody td tfoot
th thead tr tt u ul var wbr
"""
# Their text goes too.
_DROPPED_WHOLE = """
script style title head noscript template svg math iframe object embed applet xml textarea select option noembed
noframes xmp plaintext
"""
_STYLES = """
background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse
border-color border-left border-left-color border-left-style border-left-width border-radius border-right
border-right-color border-right-style border-right-width border-spacing border-style border-top border-top-color
border-top-style border-top-width border-width clear color direction display float font font-family font-size
font-style font-variant font-weight height letter-spacing line-height list-style-type margin margin-bottom
margin-left margin-right margin-top max-width min-width padding padding-bottom padding-left padding-right
padding-top table-layout text-align text-decoration text-indent text-transform vertical-align white-space width
word-break word-spacing word-wrap
"""
TAGS, DROPPED_WHOLE, STYLES = set(_TAGS.split()), set(_DROPPED_WHOLE.split()), set(_STYLES.split())
COMMON = {"align", "dir", "lang", "style", "title", "valign", "width", "height", "bgcolor"}
ATTRIBUTES: dict[str, set[str]] = dict.fromkeys(TAGS, COMMON) | {
    "a": {"href", "title", "style", "dir", "lang"},
    "img": {"src", "alt", "title", "width", "height", "style", "align", "border"},
    "font": {"color", "face", "size", "style"},
    "table": COMMON | {"border", "cellpadding", "cellspacing", "summary"},
    "td": COMMON | {"colspan", "rowspan", "nowrap"},
    "th": COMMON | {"colspan", "rowspan", "nowrap", "scope"},
    "ol": COMMON | {"start", "type", "reversed"},
    "li": COMMON | {"value"},
    "col": COMMON | {"span"},
    "colgroup": COMMON | {"span"},
    "blockquote": {"style", "type"},
}
SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
# In a style value: anything that fetches, computes, or hides from this check by an escape.
SUSPECT_IN_STYLE = ("url", "expression", "\\", "/*", "var(", "attr(", "image(", "image-set", "env(", "@", "javascript")
PICTURES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,", "data:image/webp;base64,")


@dataclass(slots=True)
class _Filter:
    """Looks at one attribute at a time; counts the pictures it kept from loading from elsewhere."""

    inline: Mapping[str, str]
    blocked: int = field(default=0)

    def __call__(self, tag: str, attribute: str, value: str) -> str | None:
        if attribute == "style":
            lower = value.casefold()
            return None if any(word in lower for word in SUSPECT_IN_STYLE) else value
        if attribute == "src":
            return self._picture(value)
        if attribute == "href":
            scheme = value.strip().partition(":")[0].casefold()
            return value if scheme in ("http", "https", "mailto", "tel") else None
        return value

    def _picture(self, value: str) -> str | None:
        if value[:4].casefold() == "cid:":
            return self.inline.get(value[4:].strip("<> "))
        if value.casefold().startswith(PICTURES):
            return value
        self.blocked += 1
        return None


# Parsing time grows with the square of the depth: 5,000 elements cost 0.2 s, 50,000 half a minute.
DEEPEST = 3000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_ALONE = frozenset(
    {"br", "img", "hr", "wbr", "meta", "link", "input", "col", "area", "base", "p", "li", "td", "tr", "th"}
)


@dataclass(frozen=True, slots=True)
class Clean:
    """blocked: how many pictures would have been fetched from elsewhere."""

    html: str
    blocked: int


def clean(html: str, inline: Mapping[str, str] | None = None) -> Clean:
    """The harmless rest of `html`; of one nested deeper than DEEPEST, its text alone.

    inline: content ids of the message's own pictures as data: addresses.
    """
    if too_deep(html):
        return Clean(f"<pre>{escape(html_to_text(html))}</pre>", 0)
    filter_ = _Filter(inline or {})
    safe = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=DROPPED_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=filter_,
        filter_style_properties=STYLES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    return Clean(safe, filter_.blocked)


def too_deep(html: str) -> bool:
    """Whether more than DEEPEST elements are open at once, by a look at the tags alone."""
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _ALONE:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > DEEPEST:
                return True
    return False
