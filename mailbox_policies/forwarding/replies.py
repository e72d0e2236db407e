"""Yes or no, as people answer by mail: "Đồng ý", "Từ chối", "yes", "no" on the first line that is their own. Pure."""

from __future__ import annotations

import re

from mailserver.text import fold

# Own words stand at the beginning of a reply or right below the quotation.
MOST_LINES = 400
# Longer first lines are sentences that a person should read. Words.
MOST_WORDS = 25

# Folded: without case and diacritics.
_YES = re.compile(r"(?:dong y|nhat tri|chap thuan|cho phep|dong y cho|yes|ok|okay|agree|agreed|approve|approved)\b")
_NO = re.compile(
    r"(?:khong (?:dong y|nhat tri|chap thuan|cho phep|duoc)|chua dong y|tu choi|refused?|declined?|reject(?:ed)?"
    r"|do not agree|don't agree|disagree|not agreed)\b|(?:khong|no)(?=[.,;!]|$)"
)
_WHO = re.compile(r"(?:(?:toi|minh|em|anh|chi|chung toi|da|vang|i|we)\s+)*")
# What limits an answer or turns it round further on: that is for a person to read.
_UNLESS = re.compile(r"\b(?:nhung|tru|voi dieu kien|neu|chi khi|but|except|unless|if|only)\b")
_GREETING = re.compile(r"(?:kinh gui|kinh thua|chao|xin chao|thua|dear|hi|hello)\b")
_ATTRIBUTION = re.compile(r"(?:on|vao|luc|ngay)\b.*|.*\b(?:wrote|viet|a ecrit) ?:$")
_BOUNDARY = re.compile(r"[-_]{2,}|(?:from|tu|nguoi gui|de)\s*:")


def agreed(text: str) -> bool | None:
    """Whether a reply's plain text says yes; None: it says neither, or both."""
    line = _first_own_line(text)
    if len(line.split()) > MOST_WORDS:
        return None
    said = line[_WHO.match(line).end() :]  # type: ignore[union-attr]
    no, yes = _NO.match(said), _YES.match(said)
    if no is not None:
        return False if _YES.search(said, no.end()) is None else None
    if yes is None or _UNLESS.search(said) or _NO.search(said, yes.end()):
        return None
    return True


def _first_own_line(text: str) -> str:
    for line in text.split("\n", MOST_LINES)[:MOST_LINES]:
        folded = fold(line[:400])
        if not folded or folded.startswith(">") or _GREETING.match(folded) or _ATTRIBUTION.fullmatch(folded):
            continue
        return "" if _BOUNDARY.match(folded) else folded.strip("*_\"'“”. ")
    return ""
