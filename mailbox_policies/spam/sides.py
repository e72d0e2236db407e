"""Of which side of a message a feature tells: what it says, or how it is made and came.

Features of one side tend to come together: one form letter is hundreds of tags, one mailing program a dozen fields.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final


@unique
class Side(IntEnum):
    """TEXT: words and addresses of the web in it. MARKUP: tags of HTML. MAKING: fields, parts and the program that
    wrote them. WAY: the hosts it came by."""

    TEXT = 0
    MARKUP = 1
    MAKING = 2
    SUBJECT = 3
    AUTHOR = 4
    WAY = 5


# By the first two characters, see `features`; no word of a text begins so.
_BEGINNINGS: Final = {
    Side.MAKING: ("h+", "h-", "h:", "x:", "i#", "m:", "m#", "c:", "e:", "n:"),
    Side.SUBJECT: ("s:", "s#"),
    Side.AUTHOR: ("f:", "f@", "f=", "f#", "r@", "r#", "t#"),
    Side.WAY: ("v@", "v=", "v:", "v#"),
}
_SIDES: Final = {beginning: side for side, some in _BEGINNINGS.items() for beginning in some}


def side_of(feature: str) -> Side:
    """Pure; what is nothing else is text."""
    if feature.startswith("<"):
        return Side.MARKUP
    return _SIDES.get(feature[:2], Side.TEXT)
