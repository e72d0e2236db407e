"""How a letter begins: new, as an answer, forwarded, or from a draft that was kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mailserver.mime.address import Address
from mailserver.mime.header import Header
from mailserver.mime.html_text import html_to_text
from mailserver.mime.scan import Scanned
from mailserver.store.blobs import BlobStore
from webmail.i18n import _
from webmail.mail import bodies
from webmail.mail.reading import Opened, everybody, plain, raw_text

# What a draft keeps of the form itself: half-typed recipients have no place in To.
FORM_FIELD = "X-Vanthu-Draft"
MOST_QUOTED = 60_000
MOST_REFERENCES = 40


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the form is filled with. identity: the address to write as, "" for the usual one.

    answers: "folder.uid" of the message that is answered, forwards: of the one passed on, before: of the draft with the
    files as they were before they were made smaller; "" if none. made: names of the files of then and now, a line each.
    links: numbers of the files that are handed over instead (`linking`), with "," between.
    """

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    identity: str = ""
    answers: str = ""
    forwards: str = ""
    before: str = ""
    made: str = ""
    links: str = ""


# What a draft keeps of it beside the message itself.
_KEPT = ("to", "cc", "bcc", "identity", "answers", "forwards", "before", "made", "links")


def answer(header: Scanned, text: str, when: str, own: Collection[str], *, everyone: bool) -> Beginning:
    """An answer to the author (Reply-To first), or to everyone but oneself (RFC 5322 §3.6.3).

    own: addresses of the writer, casefolded. when: as people write it.
    """
    targets = header.reply_to or header.from_
    if targets and all(one.addr.casefold() in own for one in targets) and header.to:
        # Answering one's own letter goes on with those it was written to.
        targets = header.to
    others = _without((*header.to, *header.cc), own, targets) if everyone else ()
    return Beginning(
        to=everybody(targets),
        cc=everybody(others),
        subject=_prefixed("Re: ", header.subject),
        text="\n\n" + _attribution(header, when) + "\n" + quoted(text),
    )


def forward(header: Scanned, text: str, when: str) -> Beginning:
    """The letter as a new one, under a short note of where it comes from."""
    lines = [
        _("---------- Thư chuyển tiếp ----------"),
        _("Từ: %(who)s", who=everybody(header.from_)),
        _("Ngày: %(when)s", when=when),
        _("Tiêu đề: %(subject)s", subject=plain(header.subject)),
        _("Đến: %(who)s", who=everybody(header.to)),
    ]
    body = "\n".join(lines) + "\n\n" + text[:MOST_QUOTED]
    return Beginning(subject=_prefixed("Fwd: ", header.subject), text="\n\n" + body)


def resume(header: Scanned, block: bytes, text: str) -> Beginning:
    """A kept draft, ours or another client's."""
    kept = _kept_form(block)
    plain_form = Beginning(
        to=everybody(header.to),
        cc=everybody(header.cc),
        bcc=everybody(header.bcc),
        subject=header.subject,
        text=text,
        identity=header.from_[0].addr if header.from_ else "",
    )
    return replace(plain_form, **kept)


def form_field(beginning: Beginning) -> tuple[str, str]:
    """The header field in which a draft keeps what was typed; ASCII, one line."""
    kept = {name: getattr(beginning, name) for name in _KEPT}
    return FORM_FIELD, json.dumps(kept, ensure_ascii=True)


def _kept_form(block: bytes) -> dict[str, str]:
    raw = Header(block).text(FORM_FIELD.encode())
    try:
        kept = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return {name: kept[name] for name in _KEPT if isinstance(kept, dict) and isinstance(kept.get(name), str)}


def references(header: Scanned) -> tuple[str | None, tuple[str, ...]]:
    """In-Reply-To and References of an answer to this message (RFC 5322 §3.6.4)."""
    if header.message_id is None:
        return None, ()
    before = header.references or header.in_reply_to[:1]
    chain = [one for one in before if one != header.message_id]
    return header.message_id, (*chain[:1], *chain[1:][-MOST_REFERENCES:], header.message_id)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text[:MOST_QUOTED].rstrip().split("\n"))


def text_of(conn: Connection, blobs: BlobStore, opened: Opened) -> str:
    """What a message says, for writing on: HTML without its tags."""
    shown = bodies.choose(opened.info.structure).shown
    return "\n".join(readable(raw_text(conn, blobs, opened, part), part.subtype) for part in shown)


def readable(text: str, subtype: str) -> str:
    return html_to_text(text) if subtype == "html" else text


def _attribution(header: Scanned, when: str) -> str:
    return _("Lúc %(when)s, %(who)s viết:", when=when, who=everybody(header.from_))


def _prefixed(prefix: str, subject: str) -> str:
    clean = plain(subject)
    return clean if clean.casefold().startswith(prefix.strip().casefold()) else prefix + clean


def _without(all_: Sequence[Address], own: Collection[str], others: Sequence[Address]) -> tuple[Address, ...]:
    left_out = {*own, *(one.addr.casefold() for one in others)}
    return tuple(one for one in all_ if one.addr.casefold() not in left_out)
