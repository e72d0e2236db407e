"""The few lines by which mail programs introduce a letter that they forward in the text.

Seen in Thunderbird, Outlook, Apple Mail, Gmail, neomutt and the webmail, Vietnamese and English. Linear: each line
is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What a letter can hold of them that matters; and how much of one line is looked at, in characters.
MOST_BLOCKS = 50
LONGEST_LINE = 400
# Fields of different kinds that make a block: three alone (Outlook has no marker), two behind a marker.
ALONE, MARKED = 3, 2
# Lines between two fields of one block: empty ones, or a long To that was broken.
GAP = 3

_MARKER = re.compile(
    r"[-_*\s>]*+(?:begin\ |bắt\ đầu\ )?+(?:forwarded\ message|original\ message|thư\ (?:được\ )?+chuyển\ tiếp|thư\ gốc"
    r"|tin\ nhắn\ (?:đã\ )?+(?:được\ )?+chuyển\ tiếp|tin\ nhắn\ gốc|forwarded\ by"
    r"|message\ d'origine|message\ transféré)",
    re.IGNORECASE | re.VERBOSE,
)
_LINE = re.compile(r"[>|\s*_]*+([^\W\d_][^:*<>@]{0,24}+)[*_]*+\s*+:[*_]*+\s*+(.*+)")
_KINDS = {
    **dict.fromkeys(("from", "từ", "người gửi", "gửi từ", "de"), "from"),
    **dict.fromkeys(("date", "sent", "ngày", "ngày gửi", "đã gửi", "thời gian", "lúc", "vào lúc", "envoyé"), "date"),
    **dict.fromkeys(("subject", "chủ đề", "tiêu đề", "v/v", "về việc", "objet"), "subject"),
    **dict.fromkeys(("to", "đến", "tới", "người nhận", "gửi đến", "gửi tới", "kính gửi", "à"), "to"),
    **dict.fromkeys(("cc", "đồng gửi", "đồng kính gửi"), "cc"),
}
_ADDRESS = re.compile(r"[^\s<>\[\]()\",:;@]{1,64}+@[A-Za-z0-9.\-]{1,255}+")


@dataclass(frozen=True, slots=True)
class Block:
    """What a forwarded letter is said to be. sender: address, "" if there is only a name; name, subject: as written."""

    sender: str
    name: str
    subject: str


def find(text: str) -> tuple[Block, ...]:
    """The blocks of a letter's text (lines end in LF), at most MOST_BLOCKS."""
    found: list[Block] = []
    for fields, marked in _runs(text):
        if "from" in fields and "subject" in fields and len(fields) >= (MARKED if marked else ALONE):
            found.append(_block(fields))
            if len(found) == MOST_BLOCKS:
                break
    return tuple(found)


def _runs(text: str) -> Iterator[tuple[dict[str, str], bool]]:
    """Fields that stand together, and whether a marker stands before them."""
    fields: dict[str, str] = {}
    marked, since = False, 0
    for whole in text.split("\n"):
        line = whole[:LONGEST_LINE]
        named = _field(line)
        if named is not None and named[0] not in fields:
            fields[named[0]] = named[1]
            since = 0
            continue
        since += 1
        is_marker = named is None and _MARKER.match(line) is not None
        if fields and (is_marker or named is not None or since > GAP):
            yield fields, marked
            fields, marked = {}, False
            if named is not None:
                fields = {named[0]: named[1]}
        if is_marker:
            marked, since = True, 0
        elif not fields and since > GAP:
            marked = False
    if fields:
        yield fields, marked


def _field(line: str) -> tuple[str, str] | None:
    match = _LINE.match(line)
    kind = _KINDS.get(" ".join(match[1].lower().split())) if match else None
    return None if match is None or kind is None else (kind, match[2].strip(" *_"))


def _block(fields: dict[str, str]) -> Block:
    said = fields["from"]
    address = _ADDRESS.search(said)
    name = said[: address.start()] if address else said
    return Block(
        address[0].strip(".") if address else "",
        name.strip(" \"'<[(*").removesuffix("mailto:").strip(' ["'),
        fields["subject"],
    )
