"""Well-formed generated mail: the same parts and contents as Python's own parser finds."""

from __future__ import annotations

import email
import email.policy
import unicodedata
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText

from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.body import decode_body
from mailserver.mime.scan import scan
from mailserver.mime.structure import Part

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60)
NAME = st.text(st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=30)


@st.composite
def files(draw: st.DrawFn) -> Message:
    part = MIMENonMultipart("application", draw(st.sampled_from(["pdf", "octet-stream", "zip"])))
    part.set_payload(draw(st.binary(max_size=200)))
    email.encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", draw(NAME) + ".pdf"))
    return part


TEXTS = st.builds(MIMEText, TEXT, st.sampled_from(["plain", "html"]), st.just("utf-8"))
LEAVES = st.one_of(TEXTS, files())


def _multipart(parts: list[Message], subtype: str) -> MIMEBase:
    made = MIMEMultipart(subtype)
    for part in parts:
        made.attach(part)
    return made


def _with_subject(part: Message, subject: str) -> Message:
    part["Subject"] = subject
    return part


def _containers(inner: st.SearchStrategy[Message]) -> st.SearchStrategy[Message]:
    subtypes = st.sampled_from(["mixed", "alternative", "related"])
    multiparts = st.builds(_multipart, st.lists(inner, min_size=1, max_size=4), subtypes)
    return st.one_of(multiparts, st.builds(MIMEMessage, st.builds(_with_subject, inner, st.just("in"))))


MAIL = st.recursive(LEAVES, _containers, max_leaves=8)


def contents(message: Message) -> list[tuple[str, str | None, bytes]]:
    """(type, file name, content) of all parts, as Python's parser has them."""
    found = []
    for part in message.walk():
        content = b"" if part.is_multipart() else part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((part.get_content_type(), part.get_filename(), content))
    return found


def ours(raw: bytes, part: Part) -> tuple[str, str | None, bytes]:
    is_leaf = not part.children and part.message is None
    content = decode_body(raw[slice(*part.body)], part.encoding) if is_leaf else b""
    return part.media_type, part.filename, content


@given(MAIL, TEXT)
def test_parts_names_and_contents_agree(message: Message, subject: str) -> None:
    del message["Subject"]
    message["Subject"] = email.header.Header(subject, "utf-8")
    message["From"] = "a@b.vn"
    raw = message.as_bytes(policy=email.policy.compat32.clone(linesep="\r\n"))
    other = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(other, EmailMessage)
    scanned = scan(raw)
    wanted = [(kind, name and unicodedata.normalize("NFC", name), content) for kind, name, content in contents(other)]
    assert [ours(raw, part) for part in scanned.structure.walk()] == wanted
    assert scanned.subject == " ".join(unicodedata.normalize("NFC", str(other["subject"])).split())
    assert "unclosed" not in scanned.defects
