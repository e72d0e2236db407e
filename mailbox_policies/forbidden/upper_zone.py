"""The upper zone of a first page: where marks, headings and addressees stand (30/2020/NĐ-CP, Phụ lục I).

The secrecy mark is zone 10a, on the left below the number; people put it at the top or beside the heading as well. It
is always above the text, so the zone ends where the text begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from mailbox_policies.forbidden.finding import Document
from mailserver.mime.extract import PageLine

# Of the height of a page. Below it no mark stands, whatever the layout.
_LOWEST: Final = 0.5
# Lines of flowing text that are looked at, where nobody knows the places.
_MOST_LINES: Final = 30
# The text of a document has begun: its legal grounds, its first article, or simply a sentence.
_BEGINS: Final = re.compile(
    r"\s*(?:Căn cứ|Thực hiện|Theo đề nghị|Xét đề nghị|Điều 1\b|Chương I\b|Phần I\b|I\.|1\.|Ngày \d|Trong |Để |Qua )"
)
_LONGEST_HEADING: Final = 140


def lines_of(document: Document) -> list[str]:
    """The lines of a document's upper zone, from top to bottom, each without outer white space."""
    if document.page:
        return list(_placed(document.page))
    return list(flowing(document.text))


def flowing(text: str) -> Iterator[str]:
    """The same of text whose layout nobody knows."""
    lines = [line.strip() for line in text[:20_000].split("\n")]
    yield from _until_text([line for line in lines if line][:_MOST_LINES])


def _placed(page: tuple[PageLine, ...]) -> Iterator[str]:
    apart = [line.text for line in page if line.where != "body"]
    yield from apart
    yield from _until_text(line.text for line in page if line.where == "body" and line.top < _LOWEST)


def _until_text(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if _BEGINS.match(line) or len(line) > _LONGEST_HEADING:
            return
        yield line
