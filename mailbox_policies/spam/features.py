"""What a classifier looks at in a message: words by where they stand, and how the message is made.

What the way of a message adds (dates, names of servers that pass all mail on, fields of mailing lists,
who the recipients are) is left out: it says whose mailbox this is, not what kind of mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from mailbox_policies.spam import words
from mailserver.mime.address import Address
from mailserver.mime.body import text_of
from mailserver.mime.header import Header
from mailserver.mime.html_text import html_to_text
from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part

# Bounds on one message: characters of text, words, addresses of the web, tags, parts; features in all.
MOST_CHARACTERS: Final = 40_000
MOST_WORDS: Final = 3_000
MOST_URLS: Final = 100
MOST_TAGS: Final = 2_000
MOST_PARTS: Final = 50
MOST_HOPS: Final = 20
MOST: Final = 8_000

_TAG: Final = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]{0,15})((?:\s[^<>]*+)?)>")
_ATTRIBUTE: Final = re.compile(r"([a-zA-Z\-]{1,20})\s*+=\s*+[\"']?([^\s\"'<>]{0,200})")
# Attributes whose values say how a page is made; of others only the name counts.
_TELLING: Final = frozenset(
    {"color", "bgcolor", "size", "face", "align", "width", "height", "border", "type", "method"}
)
_ADDRESSED: Final = frozenset({"href", "src", "action", "background"})
# Fields whose presence says something about the program that wrote a message.
_PRESENT: Final = (
    b"x-priority", b"x-msmail-priority", b"importance", b"priority", b"x-mimeole", b"in-reply-to", b"references",
    b"mime-version", b"content-transfer-encoding", b"user-agent", b"x-mailer", b"cc", b"organization", b"reply-to",
    b"disposition-notification-to", b"content-type", b"message-id", b"date", b"to", b"subject", b"x-originating-ip",
)  # fmt: skip
_SAID: Final = (b"x-priority", b"x-msmail-priority", b"importance", b"priority")
_PROGRAMS: Final = (b"x-mailer", b"user-agent")
_PROGRAM_WORD: Final = re.compile(r"[A-Za-z]{2,20}")
_FROM_HOST: Final = re.compile(rb"from\s++([^\s()]++)\s*+([^;]{0,200}?)\s(?:by|with|id|for)\s", re.IGNORECASE)
_NETWORK: Final = re.compile(r"([0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}\.[0-9]{1,3}")
_NAMED: Final = re.compile(r"\(\s*(?:[^\s()@]*@)?([A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)[\s)]")
_MANY_SPACES: Final = re.compile(r"\s{5}\S")


def features(data: bytes, scanned: Scanned) -> list[str]:
    """Each feature of a message once, at most MOST. data: the octets that were scanned. Never raises."""
    header = Header(data[: scanned.header_size])
    found = dict.fromkeys(islice(_all(data, scanned, header), MOST))
    return list(found)


def _all(data: bytes, scanned: Scanned, header: Header) -> Iterator[str]:
    yield from _subject(scanned.subject, header)
    yield from _authors(scanned)
    yield from _making(header, scanned)
    yield from _way(header)
    yield from _parts(data, scanned)


def _way(header: Header) -> Iterator[str]:
    """By what hosts it came: as they called themselves, and as the receiver saw them."""
    for line in header.all(b"received")[:MOST_HOPS]:
        said = _FROM_HOST.match(line)
        if said is None:
            continue
        yield from words.domain_features("v@", said[1].decode("latin-1")[:255])
        seen = said[2].decode("latin-1")
        network = _NETWORK.search(seen)
        if network is not None:
            yield "v:" + network[1]
        name = _NAMED.search(seen)
        yield "v#named" if name else "v#unnamed"
        if name:
            yield from words.domain_features("v=", name[1][:255])


def _subject(subject: str, header: Header) -> Iterator[str]:
    found = words.words(subject, 100)
    yield from words.features("s:", found)
    if subject.isupper() and len(found) > 1:
        yield "s#capitals"
    raw = header.get(b"subject") or b""
    if _MANY_SPACES.search(raw.decode("latin-1")):
        yield "s#spaces"
    if not raw.isascii():
        yield "s#8bit"
    if not subject:
        yield "s#none"


def _authors(scanned: Scanned) -> Iterator[str]:
    for address in scanned.from_[:3]:
        yield from words.features("f:", words.words(address.name, 10))
        yield from words.domain_features("f@", address.domain[:255])
        yield "f=" + address.addr.lower()[:100]
        yield from _local("f", address)
        if not address.name:
            yield "f#noname"
    if not scanned.from_:
        yield "f#none"
    ours = {address.addr.lower() for address in scanned.from_}
    for address in scanned.reply_to[:3]:
        if address.addr.lower() not in ours:
            yield "r#other"
            yield from words.domain_features("r@", address.domain[:255])
    yield f"t#{min(len(scanned.to), 5)}"


def _local(prefix: str, address: Address) -> Iterator[str]:
    digits = sum(map(str.isdigit, address.local))
    if digits:
        yield f"{prefix}#digits{min(digits, 5)}"


def _making(header: Header, scanned: Scanned) -> Iterator[str]:
    for name in _PRESENT:
        if header.get(name) is None:
            yield "h-" + name.decode()
        else:
            yield "h+" + name.decode()
    for name in _SAID:
        for word in words.words(header.text(name)[:100], 5):
            yield f"h:{name.decode()}:{word.lower()}"
    for name in _PROGRAMS:
        for word in _PROGRAM_WORD.findall(header.text(name)[:100]):
            yield "x:" + word.lower()
    own = scanned.from_[0].domain.lower() if scanned.from_ else ""
    theirs = (scanned.message_id or "").rpartition("@")[2].lower()
    yield "i#" + (
        "none" if not theirs else "own" if own and (theirs.endswith(own) or own.endswith(theirs)) else "other"
    )
    if scanned.message_id and "$" in scanned.message_id:
        yield "i#$"


def _parts(data: bytes, scanned: Scanned) -> Iterator[str]:
    left = MOST_CHARACTERS
    texts: list[str] = []
    for part in islice(scanned.structure.walk(), MOST_PARTS):
        yield from _part(part)
        if part.children or part.type != "text" or left <= 0:
            continue
        start, end = part.body
        source = text_of(data[start : min(end, start + 4 * left)], part)[:left]
        left -= len(source)
        is_html = part.subtype == "html" or (source[:500].lstrip()[:6].lower() in ("<html>", "<!doct"))
        if is_html:
            yield from _markup(source)
            text = html_to_text(source)
        else:
            text = source
        links = words.urls(text, MOST_URLS)
        for url in links:
            yield from words.url_features(url)
        texts.append(text)
    for text in texts:
        yield from words.features("", words.words(words.URL.sub(" ", text), MOST_WORDS))


def _part(part: Part) -> Iterator[str]:
    yield f"m:{part.media_type}"
    if part.charset:
        yield f"c:{part.charset[:40]}"
    if not part.children:
        yield f"e:{part.encoding[:40]}"
    if part.filename:
        yield "n:" + part.filename.rpartition(".")[2].lower()[:10]
    if len(part.path) == 0 or part.path == (1,):
        yield f"m#{part.media_type}"


def _markup(source: str) -> Iterator[str]:
    for match in islice(_TAG.finditer(source), MOST_TAGS):
        tag = match[1].lower()
        yield "<" + tag
        for name, value in islice(_ATTRIBUTE.findall(match[2]), 12):
            name = name.lower()
            yield f"<{tag} {name}"
            if name in _TELLING:
                yield f"<{tag} {name}={value.lower()[:20]}"
            elif name in _ADDRESSED:
                scheme, colon, _ = value.partition(":")
                if colon:
                    yield f"<{tag} {name}={scheme.lower()[:10]}:"
                if "/" in value:
                    yield from words.url_features(value)
    if "<!--" in source:
        yield f"<!{min(source.count('<!--'), 8)}"
