"""Well-formed mail, generated with Python's own writer, and what Python's own reader says about it."""

from __future__ import annotations

import email.charset
import email.encoders
import email.policy
from collections.abc import Iterator
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText

from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60)
NAME = st.text(st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=30)
WIRE = email.policy.compat32.clone(linesep="\r\n")


def _text(lines: list[str], subtype: str, charset: str, encoding: int | None) -> Message:
    written = email.charset.Charset(charset)
    written.body_encoding = encoding
    part = MIMENonMultipart("text", subtype, charset=charset)
    raw = "".join(line + "\n" for line in lines).encode(charset, "replace")
    part.set_payload(raw.decode(charset), written)
    return part


def _described(part: Message, fields: dict[str, str]) -> Message:
    for name, value in fields.items():
        part[name] = value
    return part


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "Content-ID": st.sampled_from(["<a@b>", "<part1.x@y>"]),
        "Content-Description": st.sampled_from(["a plan", "minutes (draft)"]),
        "Content-Language": st.sampled_from(["vi", "en"]),
        "Content-Location": st.just("http://x.vn/a"),
        "Content-Disposition": st.sampled_from(["inline", "attachment", 'attachment; filename="a b.txt"; size=3']),
    },
)
ENCODINGS = st.sampled_from([email.charset.QP, email.charset.BASE64])
TEXTS = st.one_of(
    st.builds(MIMEText, TEXT, st.sampled_from(["plain", "html"]), st.just("utf-8")),
    st.builds(_text, st.lists(TEXT, max_size=5), st.sampled_from(["plain", "html", "csv"]),
              st.sampled_from(["utf-8", "iso-8859-1", "windows-1258"]), ENCODINGS),
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> Message:
    part = MIMENonMultipart("application", draw(st.sampled_from(["pdf", "octet-stream", "zip"])))
    part.set_payload(draw(st.binary(max_size=200)))
    email.encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", draw(NAME) + ".pdf"))
    return part


LEAVES = st.one_of(st.builds(_described, TEXTS, FIELDS), files())


def _multipart(parts: list[Message], subtype: str, around: str) -> MIMEBase:
    made = MIMEMultipart(subtype)
    made.preamble = made.epilogue = around or None
    for part in parts:
        made.attach(part)
    return made


def _with_subject(part: Message, subject: str) -> Message:
    part["Subject"] = subject
    return part


def _containers(inner: st.SearchStrategy[Message]) -> st.SearchStrategy[Message]:
    subtypes = st.sampled_from(["mixed", "alternative", "related", "signed"])
    around = st.sampled_from(["", "not for those who read MIME\n"])
    multiparts = st.builds(_multipart, st.lists(inner, min_size=1, max_size=4), subtypes, around)
    return st.one_of(multiparts, st.builds(MIMEMessage, st.builds(_with_subject, inner, st.just("in"))))


MAIL = st.recursive(LEAVES, _containers, max_leaves=8)


def wire(message: Message, subject: str) -> bytes:
    """The message with an author and this subject, as it is sent."""
    del message["Subject"]
    message["Subject"] = email.header.Header(subject, "utf-8")
    message["From"] = "a@b.vn"
    return message.as_bytes(policy=WIRE)


def numbered(message: Message, above: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Message]]:
    """(part number, part) of all that have one (RFC 3501 §6.4.5), for a message or an embedded one."""
    if message.get_content_maintype() != "multipart":
        yield from _numbered_part(message, (*above, 1))
        return
    for number, part in enumerate(_parts(message), 1):
        yield from _numbered_part(part, (*above, number))


def _numbered_part(part: Message, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Message]]:
    yield path, part
    if part.get_content_maintype() == "multipart":
        for number, inner in enumerate(_parts(part), 1):
            yield from _numbered_part(inner, (*path, number))
    elif part.get_content_type() == "message/rfc822":
        yield from numbered(_parts(part)[0], path)


def _parts(message: Message) -> list[Message]:
    parts = message.get_payload()
    assert isinstance(parts, list)
    return parts


def octets(part: Message) -> bytes:
    """The body of a leaf as it was sent."""
    payload = part.get_payload()
    assert isinstance(payload, str)
    return payload.encode("ascii", "surrogateescape")


def bodystructure(part: Message) -> list[object]:
    """What RFC 3501 §7.4.2 says of a part, as lists; sizes of embedded messages are None."""
    shown = [_disposition(part), part["Content-Language"] and [part["Content-Language"]], part["Content-Location"]]
    params = _parameters(part, "content-type")
    if part.get_content_maintype() == "multipart":
        return [*map(bodystructure, _parts(part)), part.get_content_subtype(), params, *shown]
    encoding = part.get("Content-Transfer-Encoding", "7bit")
    kind = [part.get_content_maintype(), part.get_content_subtype(), params]
    found = [*kind, part["Content-ID"], part["Content-Description"], encoding]
    if part.get_content_type() == "message/rfc822":
        inner = _parts(part)[0]
        return [*found, None, inner["Subject"], bodystructure(inner), None, None, *shown]
    lines = [octets(part).count(b"\n")] if part.get_content_maintype() == "text" else []
    return [*found, len(octets(part)), *lines, None, *shown]


def _disposition(part: Message) -> object:
    if "Content-Disposition" not in part:
        return None
    return [part.get_content_disposition(), _parameters(part, "content-disposition")]


def _parameters(part: Message, field: str) -> object:
    """Names and values in turn; what is in the extended form (RFC 2231) by its name alone."""
    found: list[str] = []
    for name, value in (part.get_params(header=field) or [])[1:]:
        found += [f"{name}*", ""] if isinstance(value, tuple) else [name, value]
    return found or None
